// SPDX-License-Identifier: Apache-2.0
// What Swift's module of the C library leaves out, of the GNU C library alone.
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/// Has blocks of this size and larger ones given back as soon as they are freed: mallopt(3).
///
/// By itself the library raises that limit to the largest block that was ever freed, up to 32 MiB. There are `pools` for threads to take
/// smaller ones from: each keeps what lies at its end, which not even malloc_trim(3) gives back, and by itself the library makes eight for each processor.
static inline void opshub_return_blocks(int bytes, int pools) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, bytes);
    // Set once one of both is: or what is freed and wanted again at once would be given back and taken anew each time.
    mallopt(M_TRIM_THRESHOLD, 2 * bytes);
    mallopt(M_ARENA_MAX, pools);
#endif
}

/// Gives the kernel back what was freed: malloc_trim(3).
static inline void opshub_give_memory_back(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
