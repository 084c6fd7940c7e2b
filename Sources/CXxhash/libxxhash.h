// SPDX-License-Identifier: Apache-2.0
// xxHash's library; its folder comes from pkg-config (`libxxhash`).
#include <xxhash.h>
