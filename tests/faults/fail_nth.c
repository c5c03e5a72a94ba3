/* fail_nth.c - a library to preload, which makes the n-th I/O call on a directory go wrong.
 *
 * It stands in front of the C library's calls that change files (SQLite's among them, it takes the
 * same ones) and counts those that concern a file under one directory, over all threads. The n-th
 * fails, or is cut short, or ends the process: a loop over n = 1, 2, … meets every call a program makes.
 * What stdio writes goes past it, for that happens inside the C library.
 *
 *   GYEOL_FAULT_DIR     only calls on files under this directory count; a path without symbolic links
 *   GYEOL_FAULT_N       the call that goes wrong, from 1; 0 or nothing: none, they are only counted
 *   GYEOL_FAULT_HOW     eio, enospc: it fails with that and does nothing (the default is eio)
 *                       short: half is written, and said so; what has no half fails with ENOSPC
 *                       kill-before, kill-after: SIGKILL, just before or just after it is done
 *   GYEOL_FAULT_STICKY  1: all later ones fail too, but unlink (as on a full or a dying disk)
 *   GYEOL_FAULT_REPORT  a file; at exit it says how many calls there were, and which one went wrong
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

enum how {
    HOW_FAIL,
    HOW_SHORT,
    HOW_KILL_BEFORE,
    HOW_KILL_AFTER
};
enum verdict {
    PASS,
    FAIL,
    SHORTEN,
    KILL_AFTER
};

/* Read once from the environment, then only the counter changes. */
static struct {
    pthread_once_t once;
    char dir[PATH_MAX];
    size_t dir_len;
    unsigned long nth;
    enum how how;
    int sys_errno;
    bool is_sticky;
    const char *report;
    char report_line[PATH_MAX + 64];
    atomic_ulong n_calls;
} faults = {.once = PTHREAD_ONCE_INIT, .sys_errno = EIO};

/* The C library's own function of that name. */
#define REAL(name) ((__typeof__(&(name)))real(#name))

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        abort();
    }
    return found;
}

static void read_how(const char *how)
{
    if (how == NULL || strcmp(how, "eio") == 0) {
        return;
    }
    if (strcmp(how, "enospc") == 0) {
        faults.sys_errno = ENOSPC;
    } else if (strcmp(how, "short") == 0) {
        faults.how = HOW_SHORT;
        faults.sys_errno = ENOSPC;
    } else if (strcmp(how, "kill-before") == 0) {
        faults.how = HOW_KILL_BEFORE;
    } else if (strcmp(how, "kill-after") == 0) {
        faults.how = HOW_KILL_AFTER;
    } else {
        fprintf(stderr, "fail_nth: there is no GYEOL_FAULT_HOW \"%s\"\n", how);
        abort();
    }
}

/* NOLINTBEGIN(concurrency-mt-unsafe): run once, before the first call goes on. */
static void read_environment(void)
{
    const char *dir = getenv("GYEOL_FAULT_DIR");
    const char *nth = getenv("GYEOL_FAULT_N");
    const char *sticky = getenv("GYEOL_FAULT_STICKY");
    if (dir == NULL || strlen(dir) >= sizeof faults.dir) {
        return;
    }
    faults.dir_len = strlen(dir);
    memcpy(faults.dir, dir, faults.dir_len + 1);
    faults.nth = nth == NULL ? 0 : strtoul(nth, NULL, 10);
    faults.is_sticky = sticky != NULL && strcmp(sticky, "1") == 0;
    faults.report = getenv("GYEOL_FAULT_REPORT");
    read_how(getenv("GYEOL_FAULT_HOW"));
}
/* NOLINTEND(concurrency-mt-unsafe) */

/* ------------------------------------------------------------------ which file a call is about */

static bool is_under(const char *path)
{
    return faults.dir_len > 0 && strncmp(path, faults.dir, faults.dir_len) == 0 &&
           (path[faults.dir_len] == '/' || path[faults.dir_len] == '\0');
}

static bool name_of_fd(int fd, char out[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, out, PATH_MAX - 1);
    if (len < 0) {
        return false;
    }
    out[len] = '\0';
    return true;
}

/* The absolute name of `path`, seen from `dir_fd`. Its folder's symbolic links are resolved. */
static bool name_of_path(int dir_fd, const char *path, char out[PATH_MAX])
{
    char base[PATH_MAX] = "";
    char whole[2 * PATH_MAX];
    char folder[PATH_MAX];
    if (path[0] != '/' &&
        (dir_fd == AT_FDCWD ? getcwd(base, sizeof base) == NULL : !name_of_fd(dir_fd, base))) {
        return false;
    }
    snprintf(whole, sizeof whole, "%s%s%s", base, path[0] == '/' ? "" : "/", path);
    char *slash = strrchr(whole, '/');
    *slash = '\0';
    if (realpath(whole[0] == '\0' ? "/" : whole, folder) == NULL) {
        return false;
    }
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, slash + 1);
    return len > 0 && len < PATH_MAX;
}

/* ------------------------------------------------------------------------ what becomes of a call */

static enum verdict judge(const char *call, const char *name, bool is_unlink)
{
    unsigned long n = atomic_fetch_add(&faults.n_calls, 1) + 1;
    if (faults.nth == 0 || n < faults.nth) {
        return PASS;
    }
    if (n > faults.nth) {
        errno = faults.sys_errno;
        return faults.is_sticky && !is_unlink ? FAIL : PASS;
    }
    snprintf(faults.report_line, sizeof faults.report_line, "%s %s\n", call, name);
    if (faults.how == HOW_KILL_BEFORE) {
        kill(getpid(), SIGKILL);
    }
    errno = faults.sys_errno;
    return faults.how == HOW_KILL_AFTER ? KILL_AFTER : faults.how == HOW_SHORT ? SHORTEN : FAIL;
}

static enum verdict judge_fd(const char *call, int fd)
{
    char name[PATH_MAX];
    int saved = errno;
    pthread_once(&faults.once, read_environment);
    bool counts = faults.dir_len > 0 && name_of_fd(fd, name) && is_under(name);
    errno = saved;
    return counts ? judge(call, name, false) : PASS;
}

static enum verdict judge_path(const char *call, int dir_fd, const char *path, bool is_unlink)
{
    char name[PATH_MAX];
    int saved = errno;
    pthread_once(&faults.once, read_environment);
    bool counts = faults.dir_len > 0 && name_of_path(dir_fd, path, name) && is_under(name);
    errno = saved;
    return counts ? judge(call, name, is_unlink) : PASS;
}

static void die_if(enum verdict verdict)
{
    if (verdict == KILL_AFTER) {
        kill(getpid(), SIGKILL);
    }
}

__attribute__((destructor)) static void report(void)
{
    char text[PATH_MAX + 128];
    if (faults.report == NULL) {
        return;
    }
    int len = snprintf(text, sizeof text, "%lu calls\n%s", atomic_load(&faults.n_calls),
                       faults.report_line);
    int fd = REAL(open)(faults.report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || REAL(write)(fd, text, (size_t)len) != len) {
        abort();
    }
    close(fd);
}

/* ---------------------------------------------------------------------- the calls, as libc has them
 *
 * What can be cut short gives its half; what has none fails where it should be cut. */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): ours say more than libc's. */

#define AS_A_WHOLE(judged, call)           \
    do {                                   \
        enum verdict v_ = (judged);        \
        if (v_ == FAIL || v_ == SHORTEN) { \
            return -1;                     \
        }                                  \
        __typeof__(call) result_ = (call); \
        die_if(v_);                        \
        return result_;                    \
    } while (0)

#define BY_HALF(judged, len, call)                        \
    do {                                                  \
        enum verdict v_ = (judged);                       \
        if (v_ == FAIL || (v_ == SHORTEN && (len) < 2)) { \
            return -1;                                    \
        }                                                 \
        (len) = v_ == SHORTEN ? (len) / 2 : (len);        \
        ssize_t result_ = (call);                         \
        die_if(v_);                                       \
        return result_;                                   \
    } while (0)

EXPORTED ssize_t write(int fd, const void *bytes, size_t len)
{
    BY_HALF(judge_fd("write", fd), len, REAL(write)(fd, bytes, len));
}

EXPORTED ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    BY_HALF(judge_fd("pwrite", fd), len, REAL(pwrite)(fd, bytes, len, at));
}

EXPORTED ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    BY_HALF(judge_fd("pwrite64", fd), len, REAL(pwrite64)(fd, bytes, len, at));
}

EXPORTED ssize_t writev(int fd, const struct iovec *pieces, int n)
{
    BY_HALF(judge_fd("writev", fd), n, REAL(writev)(fd, pieces, n));
}

EXPORTED ssize_t pwritev(int fd, const struct iovec *pieces, int n, off_t at)
{
    BY_HALF(judge_fd("pwritev", fd), n, REAL(pwritev)(fd, pieces, n, at));
}

EXPORTED ssize_t pwritev64(int fd, const struct iovec *pieces, int n, off64_t at)
{
    BY_HALF(judge_fd("pwritev64", fd), n, REAL(pwritev64)(fd, pieces, n, at));
}

EXPORTED int fsync(int fd)
{
    AS_A_WHOLE(judge_fd("fsync", fd), REAL(fsync)(fd));
}

EXPORTED int fdatasync(int fd)
{
    AS_A_WHOLE(judge_fd("fdatasync", fd), REAL(fdatasync)(fd));
}

EXPORTED int ftruncate(int fd, off_t size)
{
    AS_A_WHOLE(judge_fd("ftruncate", fd), REAL(ftruncate)(fd, size));
}

EXPORTED int ftruncate64(int fd, off64_t size)
{
    AS_A_WHOLE(judge_fd("ftruncate64", fd), REAL(ftruncate64)(fd, size));
}

EXPORTED int fallocate(int fd, int mode, off_t at, off_t len)
{
    AS_A_WHOLE(judge_fd("fallocate", fd), REAL(fallocate)(fd, mode, at, len));
}

EXPORTED int fallocate64(int fd, int mode, off64_t at, off64_t len)
{
    AS_A_WHOLE(judge_fd("fallocate64", fd), REAL(fallocate64)(fd, mode, at, len));
}

/* posix_fallocate gives the error itself, not by errno. */
EXPORTED int posix_fallocate(int fd, off_t at, off_t len)
{
    enum verdict verdict = judge_fd("posix_fallocate", fd);
    if (verdict == FAIL || verdict == SHORTEN) {
        return faults.sys_errno;
    }
    int result = REAL(posix_fallocate)(fd, at, len);
    die_if(verdict);
    return result;
}

EXPORTED int rename(const char *from, const char *to)
{
    AS_A_WHOLE(judge_path("rename", AT_FDCWD, to, false), REAL(rename)(from, to));
}

EXPORTED int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    AS_A_WHOLE(judge_path("renameat", to_fd, to, false), REAL(renameat)(from_fd, from, to_fd, to));
}

EXPORTED int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
    AS_A_WHOLE(judge_path("renameat2", to_fd, to, false),
               REAL(renameat2)(from_fd, from, to_fd, to, flags));
}

EXPORTED int unlink(const char *path)
{
    AS_A_WHOLE(judge_path("unlink", AT_FDCWD, path, true), REAL(unlink)(path));
}

EXPORTED int unlinkat(int dir_fd, const char *path, int flags)
{
    AS_A_WHOLE(judge_path("unlinkat", dir_fd, path, true), REAL(unlinkat)(dir_fd, path, flags));
}

EXPORTED int mkdir(const char *path, mode_t mode)
{
    AS_A_WHOLE(judge_path("mkdir", AT_FDCWD, path, false), REAL(mkdir)(path, mode));
}

EXPORTED int mkdirat(int dir_fd, const char *path, mode_t mode)
{
    AS_A_WHOLE(judge_path("mkdirat", dir_fd, path, false), REAL(mkdirat)(dir_fd, path, mode));
}

/* ------------------------------------------------------------------- opening, where it may create */

static enum verdict judge_open(const char *call, int dir_fd, const char *path, int flags)
{
    return (flags & O_CREAT) != 0 ? judge_path(call, dir_fd, path, false) : PASS;
}

static mode_t mode_of(int flags, va_list more)
{
    return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
}

#define READ_MODE(mode)                  \
    va_list more_;                       \
    va_start(more_, flags);              \
    mode_t mode = mode_of(flags, more_); \
    va_end(more_)

EXPORTED int open(const char *path, int flags, ...)
{
    READ_MODE(mode);
    AS_A_WHOLE(judge_open("open", AT_FDCWD, path, flags), REAL(open)(path, flags, mode));
}

EXPORTED int open64(const char *path, int flags, ...)
{
    READ_MODE(mode);
    AS_A_WHOLE(judge_open("open64", AT_FDCWD, path, flags), REAL(open64)(path, flags, mode));
}

EXPORTED int openat(int dir_fd, const char *path, int flags, ...)
{
    READ_MODE(mode);
    AS_A_WHOLE(judge_open("openat", dir_fd, path, flags), REAL(openat)(dir_fd, path, flags, mode));
}

EXPORTED int openat64(int dir_fd, const char *path, int flags, ...)
{
    READ_MODE(mode);
    AS_A_WHOLE(judge_open("openat64", dir_fd, path, flags),
               REAL(openat64)(dir_fd, path, flags, mode));
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
