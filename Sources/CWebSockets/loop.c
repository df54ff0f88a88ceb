// The loop: its clock and turns, the table of its connections, its beginning and its end.
#include "internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// MARK: Connections by id

cws_id slot_take(cws_loop *loop, void *connection, slot_kind kind) {
  if (loop->first_free == loop->slot_count) {
    uint32_t count = loop->slot_count ? 2 * loop->slot_count : 64;
    slot *slots = realloc(loop->slots, count * sizeof *slots);
    if (!slots) abort();
    for (uint32_t i = loop->slot_count; i < count; i++) slots[i] = (slot) { .next_free = i + 1, .generation = 1 };
    loop->slots = slots;
    loop->slot_count = count;
  }
  uint32_t index = loop->first_free;
  slot *taken = &loop->slots[index];
  loop->first_free = taken->next_free;
  taken->connection = connection;
  taken->kind = kind;
  return (cws_id) { .slot = index, .generation = taken->generation };
}

void slot_replace(cws_loop *loop, cws_id id, void *connection, slot_kind kind) {
  loop->slots[id.slot].connection = connection;
  loop->slots[id.slot].kind = kind;
}

void slot_release(cws_loop *loop, cws_id id) {
  slot *released = &loop->slots[id.slot];
  released->kind = SLOT_FREE;
  released->connection = NULL;
  released->generation++;
  released->next_free = loop->first_free;
  loop->first_free = id.slot;
}

static void *find(const cws_loop *loop, cws_id id, slot_kind kind) {
  if (id.slot >= loop->slot_count) return NULL;
  const slot *found = &loop->slots[id.slot];
  return found->kind == kind && found->generation == id.generation ? found->connection : NULL;
}

cws_tcp *cws_loop_tcp(const cws_loop *loop, cws_id id) {
  return find(loop, id, SLOT_TCP);
}

cws_ws *cws_loop_ws(const cws_loop *loop, cws_id id) {
  return find(loop, id, SLOT_WS);
}

void cws_loop_each_tcp(cws_loop *loop, void (*visit)(void *argument, cws_tcp *tcp), void *argument) {
  for (uint32_t i = 0; i < loop->slot_count; i++)
    if (loop->slots[i].kind == SLOT_TCP) visit(argument, loop->slots[i].connection);
}

void cws_loop_each_ws(cws_loop *loop, void (*visit)(void *argument, cws_ws *ws), void *argument) {
  for (uint32_t i = 0; i < loop->slot_count; i++)
    if (loop->slots[i].kind == SLOT_WS && ((cws_ws *)loop->slots[i].connection)->is_open)
      visit(argument, loop->slots[i].connection);
}

// MARK: Turns

static void on_before_wait(uv_prepare_t *handle) {
  ws_flush_all(handle->data);
}

static void on_after_wait(uv_check_t *handle) {
  cws_loop *loop = handle->data;
  ws_read_on(loop);
  ws_flush_all(loop);
  loop->turn++;
}

static void on_wake(uv_async_t *handle) {
  cws_loop *loop = handle->data;
  loop->callbacks.woken(loop->callbacks.context);
}

static void on_tick(uv_timer_t *handle) {
  cws_loop *loop = handle->data;
  uint64_t now = uv_now(&loop->uv);
  for (uint32_t i = 0; i < loop->slot_count; i++) {
    if (loop->slots[i].kind == SLOT_TCP) tcp_tick(loop->slots[i].connection, now);
    else if (loop->slots[i].kind == SLOT_WS) ws_tick(loop->slots[i].connection, now);
  }
  loop->callbacks.tick(loop->callbacks.context, now);
}

void cws_loop_wake(cws_loop *loop) {
  uv_async_send(&loop->wake);
}

uint64_t cws_loop_now(cws_loop *loop) {
  return uv_now(&loop->uv);
}

static void scheduled_closed(uv_handle_t *handle) {
  ((scheduled *)handle)->loop->handles--;
  free(handle);
}

static void scheduled_end(scheduled *self, bool fired) {
  if (self->previous) self->previous->next = self->next;
  else self->loop->scheduled = self->next;
  if (self->next) self->next->previous = self->previous;
  uv_close((uv_handle_t *)&self->timer, scheduled_closed);
  self->fire(self->argument, fired);
}

static void scheduled_due(uv_timer_t *timer) {
  scheduled_end((scheduled *)timer, true);
}

void cws_loop_schedule(cws_loop *loop, uint64_t delay_ms, void (*fire)(void *argument, bool fired), void *argument) {
  scheduled *self = calloc(1, sizeof *self);
  if (!self) abort();
  self->loop = loop;
  self->fire = fire;
  self->argument = argument;
  self->next = loop->scheduled;
  if (self->next) self->next->previous = self;
  loop->scheduled = self;
  loop->handles++;
  uv_timer_init(&loop->uv, &self->timer);
  uv_timer_start(&self->timer, scheduled_due, delay_ms, 0);
}

cws_statistics cws_loop_statistics(const cws_loop *loop) {
  return loop->statistics;
}

// MARK: What libwebsockets says

typedef void (*log_function)(bool is_error, const char *text);
static _Atomic(log_function) log_handler;

static void on_log(int level, const char *text) {
  log_function handler = log_handler;
  // Said at error level whenever a socket is adopted together with its first bytes.
  if (!handler || strstr(text, "calling service")) return;
  handler(level == LLL_ERR, text);
}

static void set_log_level(void) {
  lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
}

void cws_set_log_handler(void (*handler)(bool is_error, const char *text)) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  log_handler = handler;
  pthread_once(&once, set_log_level);
}

// MARK: Begin and end

#define PROTOCOL_NAME "heddle"

// When a context is destroyed, libwebsockets 4.1.6 closes its event descriptor twice, and with libuv there is time in
// between: the second close may hit what another thread has opened meanwhile. So no context is ever destroyed. A loop
// that is done waits here, without connections and listeners, for the next one that is wanted.
static cws_loop *spare_loops;
static pthread_mutex_t spare_loops_lock = PTHREAD_MUTEX_INITIALIZER;

// Where it cannot open this, libwebsockets 4.1.6 does not fail but crashes.
static bool has_random_device(void) {
  int device = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (device < 0) return false;
  close(device);
  return true;
}

static struct lws_context *create_context(cws_loop *loop) {
  static const lws_retry_bo_t no_validity_timers;
  void *foreign_loops[] = { &loop->uv };
  struct lws_context_creation_info info = {
    .port = CONTEXT_PORT_NO_LISTEN_SERVER,
    .protocols = loop->protocols,
    .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
    .foreign_loops = foreign_loops,
    .retry_and_idle_policy = &no_validity_timers,
    .user = loop,
    .gid = (gid_t)-1,
    .uid = (uid_t)-1,
    .timeout_secs = 10,
    .pt_serv_buf_size = CWS_READ_SIZE,
    .vhost_name = "heddle",
  };
  struct lws_context *context = has_random_device() ? lws_create_context(&info) : NULL;
  if (!context) return NULL;
  loop->vhost = lws_create_vhost(context, &info);
  // Without its virtual host a context is of no use; see above why it is not destroyed.
  return loop->vhost ? context : NULL;
}

static cws_loop *make_loop(void) {
  cws_loop *loop = calloc(1, sizeof *loop);
  if (!loop) return NULL;
  loop->cork = malloc(CWS_WRITE_SIZE);
  loop->read_buffer = malloc(CWS_READ_SIZE);
  if (!loop->cork || !loop->read_buffer || uv_loop_init(&loop->uv) != 0) {
    free(loop->cork);
    free(loop->read_buffer);
    free(loop);
    return NULL;
  }
  uv_async_init(&loop->uv, &loop->wake, on_wake);
  uv_timer_init(&loop->uv, &loop->ticker);
  uv_timer_init(&loop->uv, &loop->accept_pause);
  uv_prepare_init(&loop->uv, &loop->before_wait);
  uv_check_init(&loop->uv, &loop->after_wait);
  loop->wake.data = loop->ticker.data = loop->accept_pause.data = loop;
  loop->before_wait.data = loop->after_wait.data = loop;
  loop->protocols[0] = (struct lws_protocols) {
    .name = PROTOCOL_NAME,
    .callback = ws_callback,
    .tx_packet_size = CWS_WRITE_SIZE,
  };
  loop->lws = create_context(loop);
  return loop;
}

static void give_back(cws_loop *loop) {
  pthread_mutex_lock(&spare_loops_lock);
  loop->next_spare = spare_loops;
  spare_loops = loop;
  pthread_mutex_unlock(&spare_loops_lock);
}

cws_loop *cws_loop_create(const cws_limits *limits, const cws_callbacks *callbacks) {
  signal(SIGPIPE, SIG_IGN);
  pthread_mutex_lock(&spare_loops_lock);
  cws_loop *loop = spare_loops;
  if (loop) spare_loops = loop->next_spare;
  pthread_mutex_unlock(&spare_loops_lock);
  if (!loop) loop = make_loop();
  if (!loop) return NULL;
  if (!loop->lws && !(loop->lws = create_context(loop))) {
    give_back(loop);
    return NULL;
  }
  loop->limits = *limits;
  loop->callbacks = *callbacks;
  // The virtual host may have a copy of the protocols, of its own and not constant. Without a size each websocket gets as much as is
  // read at once.
  struct lws_protocols *protocol = (struct lws_protocols *)lws_vhost_name_to_protocol(loop->vhost, PROTOCOL_NAME);
  if (protocol) protocol->rx_buffer_size = limits->receive_buffer;
  loop->statistics = (cws_statistics) { 0 };
  uv_update_time(&loop->uv);
  uv_timer_start(&loop->ticker, on_tick, limits->tick_ms, limits->tick_ms);
  uv_prepare_start(&loop->before_wait, on_before_wait);
  uv_check_start(&loop->after_wait, on_after_wait);
  return loop;
}

void cws_loop_run(cws_loop *loop) {
  uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void cws_loop_stop(cws_loop *loop) {
  uv_stop(&loop->uv);
}

static void abort_tcp(void *argument, cws_tcp *tcp) {
  (void)argument;
  cws_tcp_abort(tcp);
}

static void kill_ws(void *argument, cws_ws *ws) {
  (void)argument;
  cws_ws_kill(ws);
}

static void ignore_tick(uv_timer_t *handle) {
  (void)handle;
}

void cws_loop_destroy(cws_loop *loop) {
  cws_loop_stop_listening(loop);
  while (loop->scheduled) scheduled_end(loop->scheduled, false);
  cws_loop_each_tcp(loop, abort_tcp, loop);
  cws_loop_each_ws(loop, kill_ws, loop);
  // The handles of what was closed are given free by turns of the loop; the ticker sees to it that there are some.
  uv_timer_start(&loop->ticker, ignore_tick, 0, 10);
  while (loop->handles) uv_run(&loop->uv, UV_RUN_ONCE);
  uv_timer_stop(&loop->ticker);
  uv_prepare_stop(&loop->before_wait);
  uv_check_stop(&loop->after_wait);
  give_back(loop);
}
