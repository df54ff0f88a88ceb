// How fast a websocket may send. One that sends too fast is not read for a while: what it has sent waits in the kernel, which in
// turn lets it send no more, so that nothing is lost and nobody else waits. Control frames are answered by libwebsockets and not
// reported, so they are counted as what the kernel has received and no message explains.
#include "internal.h"

/// How many seconds' worth may come at once.
#define BURST_SECONDS 10
/// How often it is looked for control frames, in turn: that takes two system calls.
#define CONTROL_INTERVAL_MS 4000
/// The longest header of a client's frame.
#define FRAME_HEADER 14

static int64_t message_ceiling(const cws_limits *limits) {
  return (int64_t)limits->messages_per_second * BURST_SECONDS * 1000;
}

/// A message that may be sent at all may also be sent at once, and another one behind it.
static int64_t byte_ceiling(const cws_limits *limits) {
  uint64_t burst = limits->bytes_per_second * BURST_SECONDS;
  uint64_t least = 2 * (uint64_t)limits->max_message;
  return (int64_t)(burst > least ? burst : least) * 1000;
}

void ws_rates_begin(cws_ws *ws) {
  const cws_limits *limits = &ws->loop->limits;
  ws->message_credit = message_ceiling(limits);
  ws->byte_credit = byte_ceiling(limits);
  ws->credited_at = uv_now(&ws->loop->uv);
}

static void refill(cws_ws *ws, uint64_t now) {
  const cws_limits *limits = &ws->loop->limits;
  int64_t elapsed = (int64_t)(now - ws->credited_at);
  // Longer than it takes to be full again; and a product that cannot overflow.
  if (elapsed > 86400000) elapsed = 86400000;
  ws->credited_at = now;
  ws->message_credit += elapsed * limits->messages_per_second;
  ws->byte_credit += elapsed * (int64_t)limits->bytes_per_second;
  if (ws->message_credit > message_ceiling(limits)) ws->message_credit = message_ceiling(limits);
  if (ws->byte_credit > byte_ceiling(limits)) ws->byte_credit = byte_ceiling(limits);
}

void ws_rates_take(cws_ws *ws, uint32_t messages, size_t bytes) {
  const cws_limits *limits = &ws->loop->limits;
  if (!limits->messages_per_second && !limits->bytes_per_second) return;
  uint64_t now = uv_now(&ws->loop->uv);
  refill(ws, now);
  uint64_t pause = 0;
  if (limits->messages_per_second && (ws->message_credit -= (int64_t)messages * 1000) < 0)
    pause = (uint64_t)-ws->message_credit / limits->messages_per_second + 1;
  if (limits->bytes_per_second && (ws->byte_credit -= (int64_t)bytes * 1000) < 0) {
    uint64_t other = (uint64_t)-ws->byte_credit / limits->bytes_per_second + 1;
    if (other > pause) pause = other;
  }
  if (!pause || ws->throttled_until) return;
  ws->throttled_until = now + pause;
  ws->loop->statistics.throttled++;
  lws_rx_flow_control(ws->wsi, 0);
}

static void look_for_control_frames(cws_ws *ws, uint64_t now) {
  const cws_limits *limits = &ws->loop->limits;
  if (!limits->control_bytes_per_second || now - ws->seen_at < CONTROL_INTERVAL_MS) return;
  uint64_t bytes = socket_read_bytes(lws_get_socket_fd(ws->wsi));
  uint64_t received = bytes - ws->seen_bytes;
  uint64_t explained = (ws->payload_bytes - ws->seen_payload_bytes) + FRAME_HEADER * (ws->frames - ws->seen_frames);
  // The handshake is no message either: what came before the first look is not judged. What lies in a buffer of ours is.
  uint64_t allowed = limits->control_bytes_per_second * (now - ws->seen_at) / 1000 + 2 * limits->receive_buffer;
  bool is_first = ws->seen_at == 0;
  ws->seen_bytes = bytes;
  ws->seen_payload_bytes = ws->payload_bytes;
  ws->seen_frames = ws->frames;
  ws->seen_at = now;
  if (is_first || !bytes || received < explained || received - explained <= allowed) return;
  static const char reason[] = "too many control frames";
  ws->loop->statistics.refused_control++;
  cws_ws_close(ws, 1008, reason, sizeof reason - 1);
}

void ws_rates_tick(cws_ws *ws, uint64_t now) {
  if (ws->throttled_until) {
    // Its pongs are not read either.
    ws->last_received = now;
    if (now < ws->throttled_until) return;
    ws->throttled_until = 0;
    lws_rx_flow_control(ws->wsi, 1);
  }
  if (!ws->close && !ws->is_closed_by_peer) look_for_control_frames(ws, now);
}
