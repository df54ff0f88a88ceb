// Websockets on libwebsockets 4.1.6: how one begins, what it receives, how it ends.
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// MARK: Begin

static cws_ws *ws_of(struct lws *wsi) {
  return lws_get_opaque_user_data(wsi);
}

static void ws_free(cws_ws *ws) {
  // These lists are empty between two turns; this is for what ends in between.
  for (cws_ws **link = &ws->loop->unread; *link; link = &(*link)->next_unread) {
    if (*link != ws) continue;
    *link = ws->next_unread;
    break;
  }
  for (cws_ws **link = &ws->loop->dirty; *link; link = &(*link)->next_dirty) {
    if (*link != ws) continue;
    *link = ws->next_dirty;
    break;
  }
  ws->loop->handles--;
  free(ws->ring);
  free(ws->message);
  free(ws->close);
  free(ws);
}

bool ws_adopt(
  cws_loop *loop, cws_id id, int fd, const char *key, bool subprotocol, void *object, const uint8_t *surplus,
  size_t surplus_count
) {
  static const char handshake[] =
    "GET / HTTP/1.1\r\nHost: heddle\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n%s\r\n";
  char head[256];
  int head_count = snprintf(
    head, sizeof head, handshake, key, subprotocol ? "Sec-WebSocket-Protocol: heddle\r\n" : "");
  char *bytes = head_count < (int)sizeof head ? malloc((size_t)head_count + surplus_count) : NULL;
  cws_ws *ws = bytes ? calloc(1, sizeof *ws) : NULL;
  if (!ws) {
    free(bytes);
    close(fd);
    slot_release(loop, id);
    return false;
  }
  memcpy(bytes, head, (size_t)head_count);
  if (surplus_count) memcpy(bytes + head_count, surplus, surplus_count);
  ws->loop = loop;
  ws->id = id;
  ws->object = object;
  loop->handles++;
  slot_replace(loop, id, ws, SLOT_WS);

  // ws_callback finds the websocket of the wsi that is created in here. An earlier handshake may be on the stack (it
  // opened a websocket, whose `opened` decided another).
  cws_ws *outer = loop->adopting;
  loop->adopting = ws;
  lws_adopt_socket_vhost_readbuf(loop->vhost, fd, bytes, (size_t)head_count + surplus_count);
  loop->adopting = outer;
  free(bytes);

  bool is_open = ws->is_open || ws->is_over;
  if (!ws->is_open && !ws->is_over) {
    ws->is_over = true;
    slot_release(loop, id);
    if (ws->wsi) lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
  }
  if (!ws->wsi) ws_free(ws);
  return is_open;
}

static int opened(cws_ws *ws) {
  cws_loop *loop = ws->loop;
  ws->is_open = true;
  ws->last_received = uv_now(&loop->uv);
  // Spread the pings of those who come (back) at the same moment.
  uint64_t spread = loop->limits.ping_interval_ms / 16 * (ws->id.slot % 16);
  ws->last_ping = ws->last_received - spread;
  ws_rates_begin(ws);
  loop->statistics.websockets++;
  loop->callbacks.ws_opened(loop->callbacks.context, ws);
  return 0;
}

// MARK: Receive

static bool message_reserve(cws_ws *ws, size_t count) {
  if (count <= ws->message_capacity) return true;
  size_t capacity = ws->message_capacity ? ws->message_capacity : 4096;
  while (capacity < count) capacity *= 2;
  uint8_t *message = realloc(ws->message, capacity);
  if (!message) return false;
  ws->message = message;
  ws->message_capacity = capacity;
  return true;
}

static void message_forget(cws_ws *ws) {
  free(ws->message);
  ws->message = NULL;
  ws->message_count = ws->message_capacity = 0;
  ws->message_fragments = 0;
}

static void refuse(cws_ws *ws, uint16_t code, const char *reason) {
  message_forget(ws);
  cws_ws_close(ws, code, reason, strlen(reason));
}

static void deliver(cws_ws *ws, const uint8_t *bytes, size_t count) {
  cws_loop *loop = ws->loop;
  loop->statistics.received_messages++;
  loop->callbacks.ws_received(loop->callbacks.context, ws, bytes, count, lws_frame_is_binary(ws->wsi));
}

/// Notes whom the library has read as much of as it does at once: `ws_read_on` goes on with it.
static void note_unread(cws_ws *ws, size_t count) {
  cws_loop *loop = ws->loop;
  if (ws->turn != loop->turn) {
    ws->turn = loop->turn;
    ws->turn_bytes = 0;
  }
  ws->turn_bytes += count + CWS_CLIENT_HEADER;
  // Half, because the beginning of a frame is not reported before the rest of it is there.
  if (ws->is_unread || loop->is_reading_on || ws->turn_bytes < loop->limits.receive_buffer / 2) return;
  ws->is_unread = true;
  ws->next_unread = loop->unread;
  loop->unread = ws;
}

static bool may_be_read(const cws_ws *ws) {
  return ws && ws->is_open && !ws->is_over && !ws->is_killed && !ws->close && !ws->throttled_until;
}

/// Reads what else has come, so that all that it brings about leaves in one write. In one turn of the loop the library reads a websocket
/// once, as much as its buffer holds; and that is small, because every websocket has one.
void ws_read_on(cws_loop *loop) {
  loop->is_reading_on = true;
  while (loop->unread) {
    cws_ws *ws = loop->unread;
    loop->unread = ws->next_unread;
    ws->is_unread = false;
    if (!may_be_read(ws)) continue;
    cws_id id = ws->id;
    int fd = lws_get_socket_fd(ws->wsi);
    size_t rest = socket_unread_bytes(fd), step = loop->limits.receive_buffer;
    if (rest > CWS_READ_SIZE) rest = CWS_READ_SIZE;
    // What is read may end the websocket.
    for (; rest && may_be_read(cws_loop_ws(loop, id)); rest -= rest < step ? rest : step) {
      struct lws_pollfd event = { .fd = fd, .events = LWS_POLLIN, .revents = LWS_POLLIN };
      lws_service_fd(loop->lws, &event);
    }
  }
  loop->is_reading_on = false;
}

static int received(cws_ws *ws, const uint8_t *bytes, size_t count) {
  cws_loop *loop = ws->loop;
  note_unread(ws, count);
  ws->last_received = uv_now(&loop->uv);
  loop->statistics.received_bytes += count;
  if (ws->close || ws->is_killed) return 0;
  ws->payload_bytes += count;

  size_t remaining = lws_remaining_packet_payload(ws->wsi);
  // The first piece of each frame announces the rest of it, so nothing is stored for a message that is too long.
  if (remaining > loop->limits.max_message || ws->message_count + count + remaining > loop->limits.max_message) {
    loop->statistics.refused_messages++;
    refuse(ws, 1009, "message too big");
    return 0;
  }
  if (remaining == 0) ws->frames++;
  if (remaining == 0 && ++ws->message_fragments > loop->limits.max_fragments) {
    loop->statistics.refused_fragments++;
    refuse(ws, 1008, "too many fragments");
    return 0;
  }
  bool is_whole = remaining == 0 && lws_is_final_fragment(ws->wsi);
  ws_rates_take(ws, is_whole ? 1 : 0, count);
  if (is_whole && ws->message_count == 0) {
    ws->message_fragments = 0;
    deliver(ws, bytes, count);
    return 0;
  }
  // A frame's buffer is taken as it fills, not as its header promises.
  if (!message_reserve(ws, ws->message_count + count)) {
    refuse(ws, 1011, "out of memory");
    return 0;
  }
  memcpy(ws->message + ws->message_count, bytes, count);
  ws->message_count += count;
  if (is_whole) {
    deliver(ws, ws->message, ws->message_count);
    message_forget(ws);
  }
  return 0;
}

// MARK: End

static void peer_closes(cws_ws *ws, const uint8_t *payload, size_t count) {
  ws->is_closed_by_peer = true;
  ws->peer_code = count >= 2 ? (uint16_t)(payload[0] << 8 | payload[1]) : CWS_CLOSE_NONE;
  ws->closing_since = uv_now(&ws->loop->uv);
  // The answer to a close frame is not kept waiting behind data that nobody reads any more.
  ws_drop_queue(ws);
}

static void over(cws_ws *ws) {
  if (ws->is_over || !ws->is_open) return;
  cws_loop *loop = ws->loop;
  if (ws->is_lagging) {
    ws->is_lagging = false;
    loop->statistics.lagging--;
  }
  ws_drop_queue(ws);
  uint16_t code = ws->is_closed_by_peer ? ws->peer_code : CWS_CLOSE_ABNORMAL;
  if (!ws->is_closed_by_peer && ws->was_close_sent && !ws->is_killed) code = ws->close->code;
  loop->statistics.websockets--;
  loop->callbacks.ws_closed(loop->callbacks.context, ws, code);
  ws->is_over = true;
  slot_release(loop, ws->id);
}

void ws_tick(cws_ws *ws, uint64_t now) {
  const cws_limits *limits = &ws->loop->limits;
  if (!ws->is_open || ws->is_over || ws->is_killed) return;
  ws_rates_tick(ws, now);
  if (ws->close || ws->is_closed_by_peer) {
    if (now - ws->closing_since > limits->close_timeout_ms) cws_ws_kill(ws);
  } else if (now - ws->last_received > limits->idle_timeout_ms) {
    cws_ws_kill(ws);
  } else if (ws->is_lagging && now - ws->lagging_since > limits->lag_timeout_ms) {
    static const char reason[] = "too slow";
    // What is queued would keep the close frame from a reader that may still be there.
    ws_drop_queue(ws);
    cws_ws_close(ws, 1013, reason, sizeof reason - 1);
  } else if (now - ws->last_ping >= limits->ping_interval_ms) {
    ws->last_ping = now;
    // With a payload: libwebsockets does not report the pong of an empty ping. One that is queued already is enough.
    static const uint8_t ping[] = { 0x89, 0x04, 'p', 'i', 'n', 'g' };
    if (ws->ring_count == 0 && !lws_partial_buffered(ws->wsi)
        && lws_write(ws->wsi, (unsigned char *)ping, sizeof ping, LWS_WRITE_RAW) < 0)
      cws_ws_kill(ws);
  }
}

int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t count) {
  (void)user;
  struct lws_context *context = lws_get_context(wsi);
  cws_loop *loop = context ? lws_context_user(context) : NULL;
  cws_ws *ws = NULL;
  switch (reason) {
  case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
    // Not in WSI_CREATE: what is set there is overwritten by the adoption.
    if (loop && loop->adopting && !loop->adopting->wsi) {
      loop->adopting->wsi = wsi;
      lws_set_opaque_user_data(wsi, loop->adopting);
    }
    return 0;
  case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
    // `in` is not touched: for an unknown upgrade the library has released what it points to. It cannot be unknown here,
    // as the request is ours.
    return ws_of(wsi) && loop->adopting == ws_of(wsi) ? 0 : -1;
  case LWS_CALLBACK_ESTABLISHED:
    return (ws = ws_of(wsi)) ? opened(ws) : -1;
  case LWS_CALLBACK_RECEIVE:
    return (ws = ws_of(wsi)) ? received(ws, in, count) : -1;
  case LWS_CALLBACK_RECEIVE_PONG:
    if ((ws = ws_of(wsi))) ws->last_received = uv_now(&loop->uv);
    return 0;
  case LWS_CALLBACK_SERVER_WRITEABLE:
    if ((ws = ws_of(wsi))) ws_mark_dirty(ws);
    return 0;
  case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
    if ((ws = ws_of(wsi))) peer_closes(ws, in, count);
    return 0;
  case LWS_CALLBACK_CLOSED:
    if ((ws = ws_of(wsi))) over(ws);
    return 0;
  case LWS_CALLBACK_WSI_DESTROY:
    if (!(ws = ws_of(wsi))) return 0;
    over(ws);
    ws->wsi = NULL;
    lws_set_opaque_user_data(wsi, NULL);
    if (loop->adopting != ws) ws_free(ws);
    return 0;
  // Nothing of this can happen to a connection that begins with our own handshake; were it to, the connection is closed.
  case LWS_CALLBACK_HTTP:
  case LWS_CALLBACK_HTTP_BODY:
  case LWS_CALLBACK_RAW_ADOPT:
  case LWS_CALLBACK_RAW_CONNECTED:
  case LWS_CALLBACK_RAW_RX:
    return -1;
  default:
    return 0;
  }
}

// MARK: Properties

cws_id cws_ws_id(const cws_ws *ws) {
  return ws->id;
}

void *cws_ws_object(const cws_ws *ws) {
  return ws->object;
}

void cws_ws_set_object(cws_ws *ws, void *object) {
  ws->object = object;
}
