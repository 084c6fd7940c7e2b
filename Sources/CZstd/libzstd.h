// SPDX-License-Identifier: Apache-2.0
// Zstandard's library; its folder comes from pkg-config (`libzstd`).
#include <zstd.h>
