/* mem.c - allocation that ends the process instead of failing. */
#include "base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/status.h"

enum {
    LARGE = 4 << 20,
    LARGE_PAGE = 2 << 20
};

static void *or_end(void *ptr, size_t size)
{
    if (ptr == NULL) {
        fprintf(stderr, "gyeol: the system has no memory left (%zu bytes were asked for)\n", size);
        abort();
    }
    return ptr;
}

/* Large arrays are asked for in pages of 2 MiB. Where one is read in another order than it lies, finding the
 * page takes longer than fetching the line, and a prefetch waits for it; and each page is one fault. */
static void *in_large_pages(void *ptr, size_t size)
{
    uintptr_t begin = ((uintptr_t)ptr + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)ptr + size) & ~(uintptr_t)(LARGE_PAGE - 1);
    if (size >= LARGE && begin < end) {
        (void)madvise((char *)ptr + (begin - (uintptr_t)ptr), end - begin, MADV_HUGEPAGE);
    }
    return ptr;
}

void *gy_alloc(size_t size)
{
    return in_large_pages(or_end(malloc(size == 0 ? 1 : size), size), size);
}

void *gy_alloc_zero(size_t n, size_t size)
{
    return in_large_pages(or_end(calloc(n == 0 ? 1 : n, size == 0 ? 1 : size), n * size), n * size);
}

void *gy_alloc_aligned(size_t alignment, size_t size)
{
    void *ptr = NULL;
    bool is_there = posix_memalign(&ptr, alignment, size == 0 ? 1 : size) == 0;
    return in_large_pages(or_end(is_there ? ptr : NULL, size), size);
}

void *gy_realloc(void *old, size_t n, size_t size)
{
    size_t bytes;
    GY_ASSERT(!__builtin_mul_overflow(n, size, &bytes));
    return in_large_pages(or_end(realloc(old, bytes == 0 ? 1 : bytes), bytes), bytes);
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
