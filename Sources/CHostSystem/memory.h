// SPDX-License-Identifier: Apache-2.0
// What Swift's module of the C library leaves out.
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/// Gives the kernel back what was freed: malloc_trim(3), of the GNU C library alone.
static inline void opshub_give_memory_back(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
