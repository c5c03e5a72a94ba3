/* mem.c - allocation that ends the process instead of failing. */
#include "base/mem.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

static void *or_end(void *ptr, size_t size)
{
    if (ptr == NULL) {
        fprintf(stderr, "gyeol: the system has no memory left (%zu bytes were asked for)\n", size);
        abort();
    }
    return ptr;
}

void *gy_alloc(size_t size)
{
    return or_end(malloc(size == 0 ? 1 : size), size);
}

void *gy_alloc_zero(size_t n, size_t size)
{
    return or_end(calloc(n == 0 ? 1 : n, size == 0 ? 1 : size), n * size);
}

void *gy_alloc_aligned(size_t alignment, size_t size)
{
    void *ptr = NULL;
    return or_end(posix_memalign(&ptr, alignment, size == 0 ? 1 : size) == 0 ? ptr : NULL, size);
}

void *gy_realloc(void *old, size_t n, size_t size)
{
    size_t bytes;
    GY_ASSERT(!__builtin_mul_overflow(n, size, &bytes));
    return or_end(realloc(old, bytes == 0 ? 1 : bytes), bytes);
}

char *gy_strndup(const char *ptr, size_t len)
{
    char *copy = gy_alloc(len + 1);
    if (len > 0) {
        memcpy(copy, ptr, len);
    }
    copy[len] = '\0';
    return copy;
}

void gy_mem_keep_freed(void)
{
    (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
    (void)mallopt(M_MMAP_THRESHOLD, 4 << 20);
}
