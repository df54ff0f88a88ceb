#ifndef HEDDLE_ALLOCATIONS_H
#define HEDDLE_ALLOCATIONS_H

/// How many blocks of memory this process has asked for so far, on all threads.
unsigned long heddle_allocation_count(void);

#endif
