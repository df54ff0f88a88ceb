// A connection before it is a websocket: bytes in, bytes out.
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// What a refused peer may still send before it is cut.
#define LINGER_BYTES (1u << 20)

static void on_event(uv_poll_t *poll, int status, int events);

static void watch(cws_tcp *tcp) {
  if (tcp->is_closed) return;
  int events = (tcp->is_reading || tcp->is_shut ? UV_READABLE : 0) | (tcp->out_count ? UV_WRITABLE : 0);
  if (events)
    uv_poll_start(&tcp->poll, events, on_event);
  else
    uv_poll_stop(&tcp->poll);
}

static void on_closed(uv_handle_t *handle) {
  cws_tcp *tcp = (cws_tcp *)handle;
  tcp->loop->handles--;
  free(tcp->out);
  free(tcp);
}

/// Ends everything but the socket itself, which is returned.
static int let_go(cws_tcp *tcp) {
  tcp->is_closed = true;
  tcp->loop->statistics.tcp_connections--;
  uv_close((uv_handle_t *)&tcp->poll, on_closed);
  return tcp->fd;
}

void cws_tcp_abort(cws_tcp *tcp) {
  if (tcp->is_closed) return;
  close(let_go(tcp));
  slot_release(tcp->loop, tcp->id);
  tcp->loop->callbacks.tcp_closed(tcp->object, tcp);
}

/// False when the connection broke (and is gone).
static bool flush(cws_tcp *tcp) {
  while (tcp->out_count) {
    ssize_t sent = send(tcp->fd, tcp->out + tcp->out_start, tcp->out_count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return true;
      cws_tcp_abort(tcp);
      return false;
    }
    tcp->out_start += (size_t)sent;
    tcp->out_count -= (size_t)sent;
  }
  tcp->out_start = 0;
  if (tcp->is_finishing && !tcp->is_shut) {
    // Not closed yet: what the peer is still sending would make the kernel throw our answer away.
    tcp->is_shut = true;
    tcp->linger_until = uv_now(&tcp->loop->uv) + tcp->loop->limits.linger_ms;
    shutdown(tcp->fd, SHUT_WR);
  }
  return true;
}

static void discard(cws_tcp *tcp) {
  ssize_t count = recv(tcp->fd, tcp->loop->read_buffer, CWS_READ_SIZE, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) tcp->linger_bytes += (size_t)count;
  if (count <= 0 || tcp->linger_bytes > LINGER_BYTES) cws_tcp_abort(tcp);
}

static void on_event(uv_poll_t *poll, int status, int events) {
  cws_tcp *tcp = (cws_tcp *)poll;
  cws_loop *loop = tcp->loop;
  if (status < 0) {
    cws_tcp_abort(tcp);
    return;
  }
  if ((events & UV_WRITABLE) && tcp->out_count) {
    if (!flush(tcp)) return;
    watch(tcp);
    if (tcp->out_count == 0 && !tcp->is_finishing) loop->callbacks.tcp_drained(tcp->object, tcp);
    if (tcp->is_closed) return;
  }
  if (!(events & UV_READABLE)) return;
  if (tcp->is_shut) {
    discard(tcp);
  } else if (tcp->is_reading) {
    ssize_t count = recv(tcp->fd, loop->read_buffer, CWS_READ_SIZE, MSG_DONTWAIT);
    if (count > 0)
      loop->callbacks.tcp_received(tcp->object, tcp, loop->read_buffer, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
      cws_tcp_abort(tcp);
  }
}

void tcp_accepted(cws_loop *loop, int fd, cws_address peer) {
  cws_tcp *tcp = calloc(1, sizeof *tcp);
  if (!tcp || uv_poll_init_socket(&loop->uv, &tcp->poll, fd) != 0) {
    free(tcp);
    close(fd);
    return;
  }
  tcp->loop = loop;
  tcp->fd = fd;
  tcp->peer = peer;
  tcp->is_reading = true;
  loop->handles++;
  tcp->id = slot_take(loop, tcp, SLOT_TCP);
  loop->statistics.tcp_connections++;
  tcp->object = loop->callbacks.tcp_opened(loop->callbacks.context, tcp);
  watch(tcp);
}

void cws_tcp_write(cws_tcp *tcp, const uint8_t *bytes, size_t count) {
  if (tcp->is_closed || tcp->is_finishing) return;
  if (tcp->out_start + tcp->out_count + count > tcp->out_capacity) {
    size_t capacity = tcp->out_count + count;
    uint8_t *out = malloc(capacity);
    if (!out) {
      cws_tcp_abort(tcp);
      return;
    }
    if (tcp->out_count) memcpy(out, tcp->out + tcp->out_start, tcp->out_count);
    free(tcp->out);
    tcp->out = out;
    tcp->out_start = 0;
    tcp->out_capacity = capacity;
  }
  memcpy(tcp->out + tcp->out_start + tcp->out_count, bytes, count);
  tcp->out_count += count;
  if (flush(tcp)) watch(tcp);
}

void cws_tcp_finish(cws_tcp *tcp) {
  if (tcp->is_closed || tcp->is_finishing) return;
  tcp->is_finishing = true;
  tcp->is_reading = false;
  if (flush(tcp)) watch(tcp);
}

void cws_tcp_set_reading(cws_tcp *tcp, bool reading) {
  if (tcp->is_closed || tcp->is_finishing) return;
  tcp->is_reading = reading;
  watch(tcp);
}

bool cws_tcp_upgrade(
  cws_tcp *tcp, const char *key, bool subprotocol, void *object, const uint8_t *surplus, size_t surplus_count
) {
  cws_loop *loop = tcp->loop;
  cws_id id = tcp->id;
  if (tcp->is_closed) return false;
  int fd = let_go(tcp);
  return ws_adopt(loop, id, fd, key, subprotocol, object, surplus, surplus_count);
}

void tcp_tick(cws_tcp *tcp, uint64_t now) {
  if (tcp->is_shut && now > tcp->linger_until) cws_tcp_abort(tcp);
}

cws_id cws_tcp_id(const cws_tcp *tcp) {
  return tcp->id;
}

void *cws_tcp_object(const cws_tcp *tcp) {
  return tcp->object;
}

size_t cws_tcp_pending(const cws_tcp *tcp) {
  return tcp->out_count;
}

cws_address cws_tcp_peer(const cws_tcp *tcp) {
  return tcp->peer;
}
