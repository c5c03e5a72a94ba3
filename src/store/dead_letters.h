/* dead_letters.h - calls that were sent and could not be taken: read, the newest first. They are put by
 * gy_writer_add_dead_letter. */
#ifndef GY_STORE_DEAD_LETTERS_H
#define GY_STORE_DEAD_LETTERS_H

#include "base/arena.h"
#include "base/status.h"

struct gy_stored_letter {
    int64_t id;
    int64_t at_ms;
    struct gy_str write_key; /* the name of the key it was sent with */
    struct gy_str reason;
    struct gy_str call; /* as it came: any bytes */
};

struct gy_letter_page {
    struct gy_arena arena;
    struct gy_stored_letter *letters;
    size_t n;
};

/* At most `n_max` with an id below `before` (INT64_MAX: from the newest on). Fails with NO_WORKSPACE, IO, CORRUPT; then
 * `out` is empty. */
GY_CHECKED enum gy_status gy_dead_letters_read(const char *dir, int64_t before, size_t n_max,
                                               struct gy_letter_page *out, struct gy_error *err);
void gy_letter_page_release(struct gy_letter_page *page);

#endif
