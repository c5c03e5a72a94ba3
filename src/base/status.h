/* status.h - how an operation ended, and why.
 *
 * A function that can fail returns `enum gy_status`, marked GY_CHECKED, and takes a
 * `struct gy_error *err` as its last parameter. gy_error_set fills the error and returns its
 * status, so that failing is one line and the two always agree:
 *
 *     return gy_error_set(err, GY_CORRUPT, "part \"%s\" ends inside its directory", path);
 *
 * `err` is not touched on success, and may be NULL where nobody asks why. It lives on the caller's
 * stack: reporting an error never allocates.
 *
 * Wording: lower case, no full stop, one line, always the reason; names are quoted and it is said
 * what kind of thing they are. "could not" may work later, "cannot" never will. A hint is a sentence.
 *
 * Our own mistakes are not errors but GY_ASSERT; so is running out of memory (mem.h).
 */
#ifndef GY_BASE_STATUS_H
#define GY_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gy_status {
#define GY_STATUS(name, exit, http, text) GY_##name,
#include "base/status.def"
#undef GY_STATUS
};

#define GY_CHECKED       __attribute__((warn_unused_result))
#define GY_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define GY_NORETURN      __attribute__((noreturn))

struct gy_error {
    enum gy_status status;
    char message[512]; /* one line: what and why */
    char hint[256];    /* a sentence: what to do; "" without one */
    char context[512]; /* what was being done, outermost first: "importing \"a.csv\": chunk 3"; or "" */
    uint32_t line;     /* where in the input, from 1; 0 where there is no place */
    uint32_t column;   /* in code points, from 1; 0 where only the line is known */
    int sys_errno;     /* 0 where no system call failed */
};

/* Fills `err` (if not NULL) and returns `status`, which is not GY_OK. A message that is too long is
 * cut at a code point. The place, the hint and errno are cleared. */
enum gy_status gy_error_set(struct gy_error *err, enum gy_status status, const char *format, ...)
    GY_PRINTF(3, 4);

/* As gy_error_set, and puts the text of `sys_errno` behind the message: "could not open ...: No
 * such file or directory". */
enum gy_status gy_error_sys(struct gy_error *err, int sys_errno, const char *format, ...)
    GY_PRINTF(3, 4);

/* As gy_error_set with GY_INVALID, at a place in the input. */
enum gy_status gy_error_at(struct gy_error *err, uint32_t line, uint32_t column, const char *format,
                           ...) GY_PRINTF(4, 5);

/* Adds what to do about it. */
void gy_error_hint(struct gy_error *err, const char *format, ...) GY_PRINTF(2, 3);

/* Puts "what was being done" before the context that is there. */
void gy_error_context(struct gy_error *err, const char *format, ...) GY_PRINTF(2, 3);

const char *gy_status_name(enum gy_status status); /* "INVALID" */
const char *gy_status_text(enum gy_status status); /* "the input is wrong" */
int gy_status_exit(enum gy_status status);
int gy_status_http(enum gy_status status);

/* Returns from the calling function if `expr` fails. Only where nothing is held. */
#define GY_TRY(expr)                                                                               \
    do {                                                                                           \
        enum gy_status gy_try_status_ = (expr);                                                    \
        if (gy_try_status_ != GY_OK)                                                               \
            return gy_try_status_;                                                                 \
    } while (0)

/* Ends the process: a bug of ours, with the place where it showed. Kept in release builds. */
GY_NORETURN void gy_assert_failed(const char *what, const char *file, int line);
#define GY_ASSERT(condition)                                                                       \
    ((condition) ? (void)0 : gy_assert_failed(#condition, __FILE__, __LINE__))

#endif
