// SPDX-License-Identifier: Apache-2.0
// sched_setattr(2), for which C libraries have no name before glibc 2.41.
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// How long a process of the fair scheduler runs until others of its niceness have their turn.
///
/// Linux since 6.12; earlier kernels take the niceness and leave the rest. `slice` in nanoseconds, 0 for the kernel's own choice. With
/// `resets`, what it starts does not inherit it. Its policy stays (SCHED_FLAG_KEEP_POLICY). Returns 0, or -1 with `errno`.
static inline int opshub_set_slice(pid_t process, int32_t niceness, uint64_t slice, int resets) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t niceness;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {48, 0, 8 | (resets ? 1 : 0), niceness, 0, slice, 0, 0};
    return (int)syscall(SYS_sched_setattr, process, &attributes, 0);
}

/// The number of the thread that calls: gettid(2), which the C library's module leaves out.
static inline pid_t opshub_thread(void) { return (pid_t)syscall(SYS_gettid); }
