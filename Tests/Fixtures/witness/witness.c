// SPDX-License-Identifier: Apache-2.0

// A library to preload (ld.so(8)): it knows what a power cut would leave of a program's files, and it can set its clock.
//
// The variable WITNESS names a folder.
// - Whatever a file holds when the program calls fsync on it is kept there, in a file whose name the synced file carries as its
//   extended attribute user.witness.
// - The modification time of 'syncfs' in it is the time of the program's last syncfs.
// - Its file 'clock', where there is one, holds the seconds that the time of day is ahead of the machine's.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static int path_of(char path[4096], const char *name) {
    const char *folder = getenv("WITNESS");
    return folder != NULL && snprintf(path, 4096, "%s/%s", folder, name) < 4096;
}

// Copies a regular file and says what the copy is called; an empty name for everything else.
static int keep(int file, char name[64]) {
    static atomic_uint count;
    struct stat status;
    char path[4096], own[64], buffer[65536];
    name[0] = 0;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return 0;
    snprintf(name, 64, "%d-%u", getpid(), atomic_fetch_add(&count, 1));
    if (!path_of(path, name)) return name[0] = 0, 0;
    // The program's own descriptor may be for writing alone.
    snprintf(own, sizeof own, "/proc/self/fd/%d", file);
    int from = open(own, O_RDONLY | O_CLOEXEC);
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t length = from < 0 || to < 0 ? -1 : 0;
    off_t offset = 0;
    while (length >= 0 && (length = pread(from, buffer, sizeof buffer, offset)) > 0) {
        offset += length;
        if (write(to, buffer, length) != length) length = -1;
    }
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    return length < 0 ? -1 : 0;
}

static int synced(int file, long call) {
    char name[64];
    if (keep(file, name) != 0) {
        perror("witness: a file could not be kept");
        abort();
    }
    int result = syscall(call, file), code = errno;
    if (result == 0 && name[0] != 0 && fsetxattr(file, "user.witness", name, strlen(name), 0) != 0) {
        perror("witness: a file could not be marked");
        abort();
    }
    errno = code;
    return result;
}

int fsync(int file) { return synced(file, SYS_fsync); }

int fdatasync(int file) { return synced(file, SYS_fdatasync); }

int syncfs(int file) {
    char path[4096];
    struct timespec begin[2];
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &begin[0]);
    begin[1] = begin[0];
    int result = syscall(SYS_syncfs, file), code = errno;
    if (result == 0 && path_of(path, "syncfs")) {
        int stamp = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (stamp >= 0) {
            futimens(stamp, begin);
            close(stamp);
        }
    }
    errno = code;
    return result;
}

static time_t ahead(void) {
    char path[4096], text[32] = "";
    int code = errno;
    int file = path_of(path, "clock") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
        close(file);
    }
    errno = code;
    return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += ahead();
    return result;
}

int gettimeofday(struct timeval *time, void *zone) {
    int result = syscall(SYS_gettimeofday, time, zone);
    if (result == 0) time->tv_sec += ahead();
    return result;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result != NULL) *result = now.tv_sec;
    return now.tv_sec;
}
