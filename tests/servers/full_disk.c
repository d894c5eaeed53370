/* In front of libc in a server under test: while the file named by FULL_DISK is there, a write that would make a file
   longer fails with ENOSPC, as on a disk that is full. What is preallocated can still be written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int no_room(int file, off_t end) {
    const char *full = getenv("FULL_DISK");
    struct stat facts;
    if (full == NULL || access(full, F_OK) != 0) return 0;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || end <= facts.st_size) return 0;
    errno = ENOSPC;
    return 1;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) =
        (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    return no_room(file, at + (off_t)count) ? -1 : real(file, bytes, count, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off_t at) { return pwrite(file, bytes, count, at); }

ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t at) {
    ssize_t (*real)(int, const struct iovec *, int, off_t) =
        (ssize_t (*)(int, const struct iovec *, int, off_t))dlsym(RTLD_NEXT, "pwritev");
    off_t end = at;
    for (int i = 0; i < count; ++i) end += (off_t)pieces[i].iov_len;
    return no_room(file, end) ? -1 : real(file, pieces, count, at);
}
ssize_t pwritev64(int file, const struct iovec *pieces, int count, off_t at) {
    return pwritev(file, pieces, count, at);
}

int posix_fallocate(int file, off_t at, off_t count) {
    int (*real)(int, off_t, off_t) = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate");
    return no_room(file, at + count) ? ENOSPC : real(file, at, count);
}
int posix_fallocate64(int file, off_t at, off_t count) { return posix_fallocate(file, at, count); }
