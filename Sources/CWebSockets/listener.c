// Listening sockets of our own: libwebsockets' do not share a port, set neither TCP_NODELAY nor CLOEXEC, and spin when the
// process is out of file descriptors.
#define _GNU_SOURCE
#include "internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// How long nothing is accepted after the process ran out of file descriptors.
#define ACCEPT_PAUSE_MS 100
/// Connections per turn of the loop and listener, so that a storm of them does not stop those who are here.
#define ACCEPTS_PER_TURN 64

static cws_address address_of(const struct sockaddr_storage *address) {
  cws_address result = { .port = 0 };
  if (address->ss_family == AF_INET) {
    const struct sockaddr_in *ip = (const struct sockaddr_in *)address;
    result.bytes[10] = result.bytes[11] = 0xFF;
    memcpy(result.bytes + 12, &ip->sin_addr, 4);
    result.port = ntohs(ip->sin_port);
  } else if (address->ss_family == AF_INET6) {
    const struct sockaddr_in6 *ip = (const struct sockaddr_in6 *)address;
    memcpy(result.bytes, &ip->sin6_addr, 16);
    result.port = ntohs(ip->sin6_port);
  }
  return result;
}

static void set_accepting(cws_loop *loop, bool accepting);

#define REFUSAL(status) "HTTP/1.1 " status "\r\nretry-after: 10\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

static void refuse(int fd, const char *answer) {
  send(fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
  close(fd);
}

static void on_acceptable(uv_poll_t *poll, int status, int events) {
  listener *self = (listener *)poll;
  cws_loop *loop = self->loop;
  (void)status;
  (void)events;
  for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
    struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
    socklen_t length = sizeof address;
    int fd = accept4(self->fd, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        set_accepting(loop, false);
        uv_timer_start(&loop->accept_pause, listener_pause_over, ACCEPT_PAUSE_MS, 0);
      }
      return;
    }
    if (loop->statistics.tcp_connections + loop->statistics.websockets >= loop->limits.max_connections) {
      loop->statistics.refused++;
      refuse(fd, REFUSAL("503 Service Unavailable"));
      continue;
    }
    cws_address peer = address_of(&address);
    if (!loop->callbacks.admits(loop->callbacks.context, peer)) {
      refuse(fd, REFUSAL("429 Too Many Requests"));
      continue;
    }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (loop->limits.socket_send_buffer) {
      int size = (int)loop->limits.socket_send_buffer;
      setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
    loop->statistics.accepted++;
    tcp_accepted(loop, fd, peer);
  }
}

static void set_accepting(cws_loop *loop, bool accepting) {
  for (listener *it = loop->listeners; it; it = it->next) {
    if (accepting)
      uv_poll_start(&it->poll, UV_READABLE, on_acceptable);
    else
      uv_poll_stop(&it->poll);
  }
}

void listener_pause_over(uv_timer_t *timer) {
  set_accepting(timer->data, true);
}

static int parse(const char *address, uint16_t port, struct sockaddr_storage *result, socklen_t *length) {
  struct sockaddr_in *ip = (struct sockaddr_in *)result;
  struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)result;
  memset(result, 0, sizeof *result);
  if (inet_pton(AF_INET, address, &ip->sin_addr) == 1) {
    ip->sin_family = AF_INET;
    ip->sin_port = htons(port);
    *length = sizeof *ip;
    return AF_INET;
  }
  if (inet_pton(AF_INET6, address, &ip6->sin6_addr) == 1) {
    ip6->sin6_family = AF_INET6;
    ip6->sin6_port = htons(port);
    *length = sizeof *ip6;
    return AF_INET6;
  }
  return -1;
}

static int bound_port(int fd) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) return -errno;
  return ntohs(
    address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                  : ((struct sockaddr_in *)&address)->sin_port);
}

int cws_loop_listen(cws_loop *loop, const char *address, uint16_t port, int backlog) {
  struct sockaddr_storage parsed;
  socklen_t length = 0;
  int family = parse(address, port, &parsed, &length);
  if (family < 0) return -EADDRNOTAVAIL;
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  listener *self = NULL;
  int result = 0;
  if (bind(fd, (struct sockaddr *)&parsed, length) != 0 || listen(fd, backlog) != 0)
    result = -errno;
  else
    result = bound_port(fd);
  if (result >= 0 && !(self = calloc(1, sizeof *self))) result = -ENOMEM;
  if (result >= 0) {
    int status = uv_poll_init_socket(&loop->uv, &self->poll, fd);
    if (status < 0) result = status;
  }
  if (result < 0) {
    free(self);
    close(fd);
    return result;
  }
  self->loop = loop;
  self->fd = fd;
  self->next = loop->listeners;
  loop->listeners = self;
  loop->handles++;
  uv_poll_start(&self->poll, UV_READABLE, on_acceptable);
  return result;
}

static void on_closed(uv_handle_t *handle) {
  ((listener *)handle)->loop->handles--;
  free(handle);
}

void cws_loop_stop_listening(cws_loop *loop) {
  uv_timer_stop(&loop->accept_pause);
  while (loop->listeners) {
    listener *self = loop->listeners;
    loop->listeners = self->next;
    uv_close((uv_handle_t *)&self->poll, on_closed);
    close(self->fd);
  }
}
