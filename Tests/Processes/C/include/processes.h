#pragma once

#include <sys/types.h>

/// Starts a program, which is looked for on the path: with these three descriptors and no others, in the directory
/// (NULL: ours), in a process group of its own and with signals as a fresh process has them. Returns 0, or what errno
/// would be.
int process_spawn(pid_t *process, char *const arguments[], char *const environment[], const char *directory,
                  const int streams[3]);

/// Makes a pipe that no child keeps open. Returns 0, or -1 with errno.
int process_pipe(int ends[2]);

/// Makes a file that is in memory only, and that no child keeps open. Returns its descriptor, or -1 with errno.
int process_memory_file(void);
