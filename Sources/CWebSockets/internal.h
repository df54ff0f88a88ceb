// What the files of CWebSockets share.
#ifndef HEDDLE_CWEBSOCKETS_INTERNAL_H
#define HEDDLE_CWEBSOCKETS_INTERNAL_H

#include "CWebSockets.h"

#include <libwebsockets.h>
#include <sys/socket.h>
#include <uv.h>

/// Payload per fragment, so that a fragment's header is 4 bytes (2 for a short one).
#define CWS_FRAGMENT_PAYLOAD 61440u
#define CWS_FRAGMENT_SIZE (CWS_FRAGMENT_PAYLOAD + 4u)
/// What one write hands to the kernel at most, and so what libwebsockets may have to keep for a choked connection.
#define CWS_WRITE_SIZE (4u * CWS_FRAGMENT_SIZE)
/// Frames from this size on are written from where they are instead of being copied together with others.
#define CWS_CORK_COPY_LIMIT 16384u
#define CWS_READ_SIZE 65536u
/// The shortest header of a frame from a client: with its mask.
#define CWS_CLIENT_HEADER 6u

struct cws_frame {
  uint32_t references;
  size_t size;
  uint8_t bytes[];
};

typedef enum { SLOT_FREE, SLOT_TCP, SLOT_WS } slot_kind;

typedef struct {
  void *connection;
  uint32_t generation;
  uint32_t next_free;
  slot_kind kind;
} slot;

typedef struct listener {
  uv_poll_t poll;
  cws_loop *loop;
  int fd;
  struct listener *next;
} listener;

typedef struct scheduled {
  uv_timer_t timer;
  cws_loop *loop;
  void (*fire)(void *argument, bool fired);
  void *argument;
  struct scheduled *previous, *next;
} scheduled;

struct cws_loop {
  uv_loop_t uv;
  struct lws_context *lws;
  struct lws_vhost *vhost;
  struct lws_protocols protocols[2];
  uv_async_t wake;
  uv_timer_t ticker;
  uv_timer_t accept_pause;
  uv_prepare_t before_wait;
  uv_check_t after_wait;
  cws_limits limits;
  cws_callbacks callbacks;
  cws_statistics statistics;
  listener *listeners;
  scheduled *scheduled;
  slot *slots;
  uint32_t slot_count, first_free;
  /// Counts the turns.
  uint64_t turn;
  /// Websockets that have been sent more than one read takes.
  cws_ws *unread;
  bool is_reading_on;
  /// Websockets with something to do at the end of this turn.
  cws_ws *dirty;
  /// The websocket that is being handed to libwebsockets right now.
  cws_ws *adopting;
  uint8_t *cork;
  uint8_t *read_buffer;
  /// Connections, listeners and timers that are not freed yet.
  uint32_t handles;
  cws_loop *next_spare;
};

struct cws_tcp {
  uv_poll_t poll;
  cws_loop *loop;
  void *object;
  cws_id id;
  cws_address peer;
  int fd;
  bool is_reading, is_finishing, is_shut, is_closed;
  uint64_t linger_until;
  size_t linger_bytes;
  uint8_t *out;
  size_t out_start, out_count, out_capacity;
};

typedef struct {
  uint16_t code;
  uint16_t reason_count;
  uint8_t reason[123];
} close_note;

struct cws_ws {
  cws_loop *loop;
  struct lws *wsi;
  void *object;
  cws_id id;
  cws_ws *next_dirty, *next_unread;
  // The send queue: a ring of frames; `offset` bytes of the first one have left.
  cws_frame **ring;
  uint32_t ring_first, ring_count, ring_capacity;
  size_t offset;
  size_t queued;
  // The message that is being received.
  uint8_t *message;
  size_t message_count, message_capacity;
  uint32_t message_fragments;
  // The turn in which it last sent something, and how much that was.
  uint64_t turn;
  size_t turn_bytes;
  // What happens to it.
  bool is_open, is_dirty, is_unread, is_lagging, is_killed, was_close_sent, is_closed_by_peer, is_over;
  // What it may still send, in thousandths; it is not read until `throttled_until`.
  int64_t message_credit, byte_credit;
  uint64_t credited_at, throttled_until;
  // What it has sent: frames, and bytes of messages; and what that was when control frames were last looked for.
  uint64_t frames, payload_bytes, seen_frames, seen_payload_bytes, seen_bytes, seen_at;
  uint16_t peer_code;
  close_note *close;
  uint64_t last_received, last_ping, lagging_since, closing_since;
};

// loop.c
cws_id slot_take(cws_loop *loop, void *connection, slot_kind kind);
void slot_replace(cws_loop *loop, cws_id id, void *connection, slot_kind kind);
void slot_release(cws_loop *loop, cws_id id);

// listener.c
void listener_pause_over(uv_timer_t *timer);

// tcp.c
void tcp_accepted(cws_loop *loop, int fd, cws_address peer);
void tcp_tick(cws_tcp *tcp, uint64_t now);

// websocket.c
bool ws_adopt(
  cws_loop *loop, cws_id id, int fd, const char *key, bool subprotocol, void *object, const uint8_t *surplus, size_t count);
void ws_read_on(cws_loop *loop);
void ws_tick(cws_ws *ws, uint64_t now);
int ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t count);

// rates.c
void ws_rates_begin(cws_ws *ws);
/// A whole message of so many bytes was received, or a piece of one (messages 0).
void ws_rates_take(cws_ws *ws, uint32_t messages, size_t bytes);
void ws_rates_tick(cws_ws *ws, uint64_t now);

// kernel.c
/// How many bytes a socket has received that were read; 0 where the kernel does not say.
uint64_t socket_read_bytes(int fd);
/// How many bytes lie in a socket to be read.
size_t socket_unread_bytes(int fd);

// queue.c
void ws_mark_dirty(cws_ws *ws);
void ws_drop_queue(cws_ws *ws);
void ws_flush_all(cws_loop *loop);

#endif
