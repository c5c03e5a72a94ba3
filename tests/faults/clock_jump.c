/* clock_jump.c - a library to preload, which moves the system's clock.
 *
 *   GYEOL_CLOCK_FILE   a file with a number of milliseconds, eight bytes as the machine has them: by so much
 *                      CLOCK_REALTIME is off, from the moment that it is written there
 *
 * The monotonic clock stays what it is, as it does where somebody sets the time.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const _Atomic int64_t *offset_ms; /* NULL: there is no such file */
static int (*real_clock_gettime)(clockid_t, struct timespec *);

static void begin(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): once, and nobody sets it */
    const char *path = getenv("GYEOL_CLOCK_FILE");
    real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *offset_ms, PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0) {
        close(fd);
    }
    offset_ms = map == MAP_FAILED ? NULL : map;
}

EXPORTED int clock_gettime(clockid_t id, struct timespec *out)
{
    pthread_once(&once, begin);
    int result = real_clock_gettime(id, out);
    if (result == 0 && offset_ms != NULL && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        int64_t ms = atomic_load(offset_ms);
        int64_t ns = out->tv_nsec + ms % 1000 * 1000000;
        out->tv_sec += ms / 1000 + (ns >= 1000000000) - (ns < 0);
        out->tv_nsec = ns >= 1000000000 ? ns - 1000000000 : ns < 0 ? ns + 1000000000 : ns;
    }
    return result;
}

EXPORTED time_t time(time_t *out)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

EXPORTED int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}
