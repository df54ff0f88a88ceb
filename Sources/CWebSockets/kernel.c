// What only the kernel knows of a socket. Apart because its header and the C library's do not go together.
#include <linux/tcp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

size_t socket_unread_bytes(int fd) {
  int waiting = 0;
  return ioctl(fd, SIOCINQ, &waiting) == 0 && waiting > 0 ? (size_t)waiting : 0;
}

uint64_t socket_read_bytes(int fd) {
  struct tcp_info info;
  socklen_t length = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
  if (length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) return 0;
  return info.tcpi_bytes_received - socket_unread_bytes(fd);
}
