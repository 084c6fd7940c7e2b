// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's client library; its folder comes from pkg-config (`libpq`).
#include <libpq-fe.h>
