// Preloaded by StuckLoop: once the file STUCK_LOOP exists, who waits for events waits for ever, or where there is STUCK_LOOP_SPINS spins.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static void stick(void) {
  const char *path = getenv("STUCK_LOOP");
  while (path && access(path, F_OK) == 0)
    if (!getenv("STUCK_LOOP_SPINS")) pause();
}

int epoll_pwait(int poll, struct epoll_event *events, int count, int timeout, const sigset_t *mask) {
  stick();
  return syscall(SYS_epoll_pwait, poll, events, count, timeout, mask, 8);
}

int epoll_wait(int poll, struct epoll_event *events, int count, int timeout) {
  return epoll_pwait(poll, events, count, timeout, NULL);
}
