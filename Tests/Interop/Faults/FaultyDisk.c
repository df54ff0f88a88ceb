// Preloaded into Postgres by FaultyDisk: writes fail as the file FAULTY_DISK says, which has one line: `pwrite` or `sync`, and an errno.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Whether calls of this kind fail now; sets errno.
static int fails(const char *kind) {
  const char *path = getenv("FAULTY_DISK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  char text[32] = {0}, word[16] = {0};
  int error = 0;
  if (file < 0) return 0;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0 || sscanf(text, "%15s %d", word, &error) != 2 || strcmp(word, kind)) return 0;
  errno = error;
  return 1;
}

int fdatasync(int file) { return fails("sync") ? -1 : syscall(SYS_fdatasync, file); }
int fsync(int file) { return fails("sync") ? -1 : syscall(SYS_fsync, file); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  return fails("pwrite") ? -1 : syscall(SYS_pwrite64, file, bytes, count, offset);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) { return pwrite64(file, bytes, count, offset); }
