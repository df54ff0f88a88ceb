// The network below the gateway: one libuv loop with one libwebsockets context on it, its listening sockets, its
// connections and their send queues. The only code that knows libwebsockets; no type of it shows here.
//
// Everything is confined to the thread that runs the loop, except cws_loop_wake.
//
// A connection begins as a plain TCP connection (cws_tcp) whose bytes go up unparsed. When the layer above has read and
// judged an upgrade request, it hands the socket to libwebsockets (cws_tcp_upgrade), together with a handshake request of
// our own making: the library's HTTP parser never sees a byte that came from outside.
#ifndef HEDDLE_CWEBSOCKETS_H
#define HEDDLE_CWEBSOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct cws_loop cws_loop;
/// A connection that speaks HTTP (or does not speak yet).
typedef struct cws_tcp cws_tcp;
/// A websocket.
typedef struct cws_ws cws_ws;
/// One outgoing message as bytes on the wire, shared by all its readers on this loop.
typedef struct cws_frame cws_frame;

/// Names a connection for ever: the slot is used again, with another generation.
typedef struct cws_id {
  uint32_t slot;
  uint32_t generation;
} cws_id;

/// Why a websocket ended, when no close code says it.
enum { CWS_CLOSE_NONE = 1005, CWS_CLOSE_ABNORMAL = 1006 };

typedef struct cws_limits {
  /// How often `tick` is called; no time limit is kept more exactly.
  uint32_t tick_ms;
  uint32_t max_connections;
  uint32_t max_message;
  uint32_t max_fragments;
  /// Bytes per read, allocated for each websocket.
  uint32_t receive_buffer;
  /// The kernel's send buffer per connection; 0 leaves it to the kernel.
  uint32_t socket_send_buffer;
  /// A websocket whose queue holds more than this many bytes is lagging, until it holds no more than low_water.
  uint32_t soft_limit;
  uint32_t low_water;
  /// A websocket whose queue would hold more than this many bytes is cut. Only a single turn of the loop can fill it so.
  uint32_t hard_limit;
  /// How long a websocket may lag before it is closed with 1013.
  uint32_t lag_timeout_ms;
  /// A ping goes out this long after the last one.
  uint32_t ping_interval_ms;
  /// Nothing was received for this long: the peer is gone.
  uint32_t idle_timeout_ms;
  /// How long a closing websocket may take before its socket is closed.
  uint32_t close_timeout_ms;
  /// How long a refused peer may go on sending before its socket is closed.
  uint32_t linger_ms;
  /// What a websocket may send, per second; ten seconds' worth may come at once, and at least one whole message. Of one that
  /// sends more nothing is read for a while. 0: no limit.
  uint32_t messages_per_second;
  uint64_t bytes_per_second;
  /// What a websocket may send per second that is no message: control frames above all. More is closed with 1008. 0: no limit.
  uint32_t control_bytes_per_second;
} cws_limits;

/// A peer's address in the order of the network, an IPv4 address as IPv6 maps it.
typedef struct cws_address {
  uint8_t bytes[16];
  uint16_t port;
} cws_address;

typedef struct cws_callbacks {
  void *_Nullable context;
  void (*woken)(void *_Nullable context);
  /// Whether a connection that was just accepted may stay; else it is answered with 429 and closed.
  bool (*admits)(void *_Nullable context, cws_address peer);
  /// Every tick_ms, with the loop's clock.
  void (*tick)(void *_Nullable context, uint64_t now_ms);
  /// Returns what tcp_received and tcp_closed get as `object`.
  void *_Nonnull (*_Nonnull tcp_opened)(void *_Nullable context, cws_tcp *tcp);
  void (*tcp_received)(void *object, cws_tcp *tcp, const uint8_t *bytes, size_t count);
  /// Everything that was written has left for the kernel.
  void (*tcp_drained)(void *object, cws_tcp *tcp);
  /// The last call for this connection, unless it was upgraded.
  void (*tcp_closed)(void *object, cws_tcp *tcp);
  void (*ws_opened)(void *_Nullable context, cws_ws *ws);
  void (*ws_received)(void *_Nullable context, cws_ws *ws, const uint8_t *bytes, size_t count, bool binary);
  /// Nothing more is queued from here on; all that was sent before this call is queued.
  void (*ws_lagging)(void *_Nullable context, cws_ws *ws);
  void (*ws_caught_up)(void *_Nullable context, cws_ws *ws);
  /// The last call for this websocket.
  void (*ws_closed)(void *_Nullable context, cws_ws *ws, uint16_t code);
} cws_callbacks;

// MARK: Loop

/// NULL when libwebsockets or its libuv plugin cannot be set up.
cws_loop *_Nullable cws_loop_create(const cws_limits *limits, const cws_callbacks *callbacks);
/// Runs until cws_loop_stop.
void cws_loop_run(cws_loop *loop);
void cws_loop_stop(cws_loop *loop);
/// Closes what is still open and lets go of the loop. After cws_loop_run has returned, on the same thread.
void cws_loop_destroy(cws_loop *loop);
/// Has `woken` called on the loop's thread soon. From any thread, while the loop exists.
void cws_loop_wake(cws_loop *loop);
/// Milliseconds of a clock that only goes forward.
uint64_t cws_loop_now(cws_loop *loop);
/// Calls `fire` once after `delay_ms`; it is called with fired = false when the loop is destroyed first.
void cws_loop_schedule(cws_loop *loop, uint64_t delay_ms, void (*fire)(void *argument, bool fired), void *argument);

/// Listens on a numeric address ("127.0.0.1", "::1"). Returns the port, or -errno.
int cws_loop_listen(cws_loop *loop, const char *address, uint16_t port, int backlog);
void cws_loop_stop_listening(cws_loop *loop);

typedef struct cws_statistics {
  uint64_t accepted;
  uint64_t refused;
  uint32_t tcp_connections;
  uint32_t websockets;
  uint32_t lagging;
  uint64_t queued_bytes;
  uint64_t received_messages, received_bytes;
  uint64_t sent_frames, sent_bytes;
  /// How often frames were handed to the kernel.
  uint64_t writes;
  uint64_t dropped_frames;
  /// Websockets that were closed for what they sent, and how often one was not read for a while.
  uint64_t refused_messages, refused_fragments, refused_control, throttled;
} cws_statistics;
cws_statistics cws_loop_statistics(const cws_loop *loop);

cws_tcp *_Nullable cws_loop_tcp(const cws_loop *loop, cws_id id);
cws_ws *_Nullable cws_loop_ws(const cws_loop *loop, cws_id id);
/// Calls `visit` for each; it may close them.
void cws_loop_each_tcp(cws_loop *loop, void (*visit)(void *argument, cws_tcp *tcp), void *argument);
void cws_loop_each_ws(cws_loop *loop, void (*visit)(void *argument, cws_ws *ws), void *argument);

/// Warnings and errors of libwebsockets, for the whole process. The text may hold what a peer sent.
void cws_set_log_handler(void (*handler)(bool is_error, const char *text));

// MARK: TCP

cws_id cws_tcp_id(const cws_tcp *tcp);
void *_Nonnull cws_tcp_object(const cws_tcp *tcp);
cws_address cws_tcp_peer(const cws_tcp *tcp);
/// Whether bytes are read; what the peer sends meanwhile waits in the kernel.
void cws_tcp_set_reading(cws_tcp *tcp, bool reading);
/// Queues a copy of the bytes. May abort the connection, as may cws_tcp_finish.
void cws_tcp_write(cws_tcp *tcp, const uint8_t *bytes, size_t count);
/// Bytes that wait to be sent.
size_t cws_tcp_pending(const cws_tcp *tcp);
/// Sends what is queued, says that this was all, takes no more in, and closes when the peer has (or linger_ms is over).
void cws_tcp_finish(cws_tcp *tcp);
/// Closes at once. tcp_closed is called before this returns.
void cws_tcp_abort(cws_tcp *tcp);
/// Makes a websocket of this connection, with the Sec-WebSocket-Key of its request and what arrived after that request.
/// `subprotocol`: the answer selects the subprotocol "heddle", which the client must have offered.
/// ws_opened is called before this returns true; the websocket keeps the connection's id. The cws_tcp is gone in any case.
bool cws_tcp_upgrade(
  cws_tcp *tcp, const char *key, bool subprotocol, void *_Nullable object, const uint8_t *_Nullable surplus,
  size_t surplus_count);

// MARK: WebSockets

cws_id cws_ws_id(const cws_ws *ws);
void *_Nullable cws_ws_object(const cws_ws *ws);
void cws_ws_set_object(cws_ws *ws, void *_Nullable object);
/// Queues the frame; it is sent at the end of this turn of the loop. False when it was not queued (lagging, closing).
bool cws_ws_send(cws_ws *ws, cws_frame *frame);
/// Queues a close frame behind everything else. The reason is cut to 123 bytes.
void cws_ws_close(cws_ws *ws, uint16_t code, const char *reason, size_t reason_count);
/// Drops the queue and closes the socket at the end of this turn of the loop.
void cws_ws_kill(cws_ws *ws);
bool cws_ws_is_lagging(const cws_ws *ws);
size_t cws_ws_queued_bytes(const cws_ws *ws);

// MARK: Frames

/// Copies the payload; the frame has one reference. Longer payloads become several fragments of one message, so that
/// control frames pass between them. NULL when there is no memory.
cws_frame *_Nullable cws_frame_create(const uint8_t *_Nullable payload, size_t count, bool binary);
void cws_frame_retain(cws_frame *frame);
void cws_frame_release(cws_frame *frame);
/// Bytes on the wire.
size_t cws_frame_size(const cws_frame *frame);

#pragma clang assume_nonnull end
#endif
