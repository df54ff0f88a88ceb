#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// The thread sanitizer sees how Swift's Mutex takes a free lock, which is compiled into its users. How it waits for one that is taken, and
// lets go of one that somebody waits for, is in Swift's library, which it does not see: what the lock protects then looks like a race.
// Preloaded, these stand before the library's functions and tell it.

__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *lock
#define HANDLE "$s15Synchronization12_MutexHandleV"
#define LOCK HANDLE "9_lockSlowyys6UInt32VF"
#define TRY_LOCK HANDLE "12_tryLockSlowSbyF"
#define UNLOCK HANDLE "11_unlockSlowyyF"

typedef SWIFT void Lock(uint32_t thread, SELF);
typedef SWIFT bool TryLock(SELF);
typedef SWIFT void Unlock(SELF);

SWIFT void heddle_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool heddle_try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void heddle_unlock(SELF) __asm__(UNLOCK);

static Lock *lock_slow;
static TryLock *try_lock_slow;
static Unlock *unlock_slow;

__attribute__((constructor)) static void find(void) {
  lock_slow = (Lock *)dlsym(RTLD_NEXT, LOCK);
  try_lock_slow = (TryLock *)dlsym(RTLD_NEXT, TRY_LOCK);
  unlock_slow = (Unlock *)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void heddle_lock(uint32_t thread, SELF) {
  lock_slow(thread, lock);
  if (__tsan_acquire) __tsan_acquire(lock);
}

SWIFT bool heddle_try_lock(SELF) {
  bool is_locked = try_lock_slow(lock);
  if (is_locked && __tsan_acquire) __tsan_acquire(lock);
  return is_locked;
}

SWIFT void heddle_unlock(SELF) {
  if (__tsan_release) __tsan_release(lock);
  unlock_slow(lock);
}
