// The send queue of a websocket, and the end of each turn of the loop, when everything that is queued leaves: one write
// per connection. Closing and cutting happen there too, because libwebsockets may only be told so outside its callbacks.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

void ws_mark_dirty(cws_ws *ws) {
  if (ws->is_dirty || ws->is_over) return;
  ws->is_dirty = true;
  ws->next_dirty = ws->loop->dirty;
  ws->loop->dirty = ws;
}

static bool push(cws_ws *ws, cws_frame *frame) {
  if (ws->ring_count == ws->ring_capacity) {
    uint32_t capacity = ws->ring_capacity ? 2 * ws->ring_capacity : 8;
    cws_frame **ring = malloc(capacity * sizeof *ring);
    if (!ring) return false;
    for (uint32_t i = 0; i < ws->ring_count; i++)
      ring[i] = ws->ring[(ws->ring_first + i) & (ws->ring_capacity - 1)];
    free(ws->ring);
    ws->ring = ring;
    ws->ring_first = 0;
    ws->ring_capacity = capacity;
  }
  ws->ring[(ws->ring_first + ws->ring_count++) & (ws->ring_capacity - 1)] = frame;
  cws_frame_retain(frame);
  return true;
}

/// Takes `count` bytes off the front of the queue; they end at the end of a fragment.
static void pop(cws_ws *ws, size_t count) {
  ws->queued -= count;
  ws->loop->statistics.queued_bytes -= count;
  ws->loop->statistics.sent_bytes += count;
  while (count) {
    cws_frame *frame = ws->ring[ws->ring_first];
    size_t rest = frame->size - ws->offset;
    if (count < rest) {
      ws->offset += count;
      return;
    }
    count -= rest;
    ws->offset = 0;
    ws->ring_first = (ws->ring_first + 1) & (ws->ring_capacity - 1);
    ws->ring_count--;
    ws->loop->statistics.sent_frames++;
    cws_frame_release(frame);
  }
}

void ws_drop_queue(cws_ws *ws) {
  ws->loop->statistics.queued_bytes -= ws->queued;
  ws->loop->statistics.dropped_frames += ws->ring_count;
  ws->queued = 0;
  ws->offset = 0;
  while (ws->ring_count) {
    cws_frame_release(ws->ring[ws->ring_first]);
    ws->ring_first = (ws->ring_first + 1) & (ws->ring_capacity - 1);
    ws->ring_count--;
  }
}

bool cws_ws_send(cws_ws *ws, cws_frame *frame) {
  cws_loop *loop = ws->loop;
  if (ws->is_lagging || ws->close || ws->is_killed || ws->is_closed_by_peer || ws->is_over) {
    loop->statistics.dropped_frames++;
    return false;
  }
  // Only what one turn of the loop produces can come here, so this is a peer that makes us answer without end.
  if ((ws->queued && ws->queued + frame->size > loop->limits.hard_limit) || !push(ws, frame)) {
    loop->statistics.dropped_frames++;
    cws_ws_kill(ws);
    return false;
  }
  ws->queued += frame->size;
  loop->statistics.queued_bytes += frame->size;
  ws_mark_dirty(ws);
  return true;
}

/// Puts what one write can take together: the front of one long frame, or many short ones copied behind each other.
static const uint8_t *next_write(cws_ws *ws, size_t *count) {
  cws_frame *first = ws->ring[ws->ring_first];
  size_t rest = first->size - ws->offset;
  if (rest >= CWS_CORK_COPY_LIMIT || ws->ring_count == 1) {
    // Fragments are whole multiples of CWS_FRAGMENT_SIZE but for the last, so a cut here is between two of them.
    *count = rest < CWS_WRITE_SIZE ? rest : CWS_WRITE_SIZE;
    return first->bytes + ws->offset;
  }
  size_t filled = 0;
  size_t offset = ws->offset;
  for (uint32_t i = 0; i < ws->ring_count; i++) {
    cws_frame *frame = ws->ring[(ws->ring_first + i) & (ws->ring_capacity - 1)];
    size_t part = frame->size - offset;
    if (part >= CWS_CORK_COPY_LIMIT || filled + part > CWS_WRITE_SIZE) break;
    memcpy(ws->loop->cork + filled, frame->bytes + offset, part);
    filled += part;
    offset = 0;
  }
  *count = filled;
  return ws->loop->cork;
}

/// Writes until the queue is empty or the kernel takes no more. False when the connection is broken.
static bool write_queue(cws_ws *ws) {
  while (ws->ring_count && !lws_partial_buffered(ws->wsi)) {
    size_t count;
    const uint8_t *bytes = next_write(ws, &count);
    // What the kernel does not take, libwebsockets copies and sends first when the socket is writable again.
    ws->loop->statistics.writes++;
    if (lws_write(ws->wsi, (unsigned char *)bytes, count, LWS_WRITE_RAW) < 0) return false;
    pop(ws, count);
  }
  if (ws->ring_count) lws_callback_on_writable(ws->wsi);
  return true;
}

static void cut(cws_ws *ws) {
  ws_drop_queue(ws);
  // Without this the library first waits, for seconds, until what it kept for the peer has left.
  shutdown(lws_get_socket_fd(ws->wsi), SHUT_RDWR);
  lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void set_lagging(cws_ws *ws, bool is_lagging) {
  ws->is_lagging = is_lagging;
  ws->loop->statistics.lagging += is_lagging ? 1 : -1;
}

static void flush(cws_ws *ws) {
  cws_loop *loop = ws->loop;
  if (ws->is_over || !ws->is_open) return;
  if (!ws->is_killed && !ws->is_closed_by_peer && !ws->was_close_sent && !write_queue(ws)) ws->is_killed = true;
  if (ws->is_killed) {
    cut(ws);
    return;
  }
  if (ws->close) {
    if (ws->ring_count || ws->was_close_sent || lws_partial_buffered(ws->wsi)) return;
    ws->was_close_sent = true;
    lws_close_reason(ws->wsi, (enum lws_close_status)ws->close->code, ws->close->reason, ws->close->reason_count);
    lws_set_timeout(ws->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
  } else if (!ws->is_lagging && ws->queued > loop->limits.soft_limit) {
    set_lagging(ws, true);
    ws->lagging_since = uv_now(&loop->uv);
    loop->callbacks.ws_lagging(loop->callbacks.context, ws);
  } else if (ws->is_lagging && ws->queued <= loop->limits.low_water && !lws_partial_buffered(ws->wsi)) {
    set_lagging(ws, false);
    loop->callbacks.ws_caught_up(loop->callbacks.context, ws);
  }
}

void ws_flush_all(cws_loop *loop) {
  while (loop->dirty) {
    cws_ws *ws = loop->dirty;
    loop->dirty = ws->next_dirty;
    ws->is_dirty = false;
    flush(ws);
  }
}

void cws_ws_close(cws_ws *ws, uint16_t code, const char *reason, size_t reason_count) {
  if (ws->close || ws->is_killed || ws->is_over) return;
  ws->close = malloc(sizeof *ws->close);
  if (!ws->close) {
    cws_ws_kill(ws);
    return;
  }
  if (ws->is_lagging) set_lagging(ws, false);
  ws->close->code = code;
  ws->close->reason_count = (uint16_t)(reason_count < sizeof ws->close->reason ? reason_count : sizeof ws->close->reason);
  // A cut must not split a character: the reason is UTF-8.
  while (ws->close->reason_count < reason_count && ((uint8_t)reason[ws->close->reason_count] & 0xC0) == 0x80)
    ws->close->reason_count--;
  memcpy(ws->close->reason, reason, ws->close->reason_count);
  ws->closing_since = uv_now(&ws->loop->uv);
  ws_mark_dirty(ws);
}

void cws_ws_kill(cws_ws *ws) {
  if (ws->is_over) return;
  if (ws->is_lagging) set_lagging(ws, false);
  ws->is_killed = true;
  ws_mark_dirty(ws);
}

bool cws_ws_is_lagging(const cws_ws *ws) {
  return ws->is_lagging;
}

size_t cws_ws_queued_bytes(const cws_ws *ws) {
  return ws->queued;
}
