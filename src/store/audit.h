/* audit.h - who changed what, when and from where: a trail that is only added to.
 *
 * An entry is committed with the change that it tells of, in one transaction:
 *
 *     gy_writer_tell(w, &entry);                 who does what; kept until then
 *     status = gy_writer_put_segment(w, …);      its transaction takes the entry along
 *     status = gy_writer_told(w, status, err);   after a failure forgotten; else written if it was not yet
 *
 * What customers did and said does not belong into it: it would outlive their erasure.
 */
#ifndef GY_STORE_AUDIT_H
#define GY_STORE_AUDIT_H

#include "base/arena.h"
#include "base/status.h"

struct gy_writer;

struct gy_audit_entry {
    int64_t id;            /* from 1 on; given when it is written */
    int64_t at_ms;         /* likewise */
    struct gy_str who;     /* a user's or a token's name; on the command line the author */
    struct gy_str address; /* where it came from; "" on the command line */
    struct gy_str action;  /* "segment add", as the command is called */
    struct gy_str object;  /* its name */
    struct gy_str detail;  /* before and after, in short; may be empty */
};

/* The next transaction that is committed takes it along. Texts are copied; one at a time: another one takes its
 * place. */
void gy_writer_tell(struct gy_writer *w, const struct gy_audit_entry *entry);

/* `status` is what came of the change; the same comes back, or that the entry could not be written. */
GY_CHECKED enum gy_status gy_writer_told(struct gy_writer *w, enum gy_status status,
                                         struct gy_error *err);

/* The newest first. */
struct gy_audit_page {
    struct gy_arena arena;
    struct gy_audit_entry *entries;
    size_t n;
};

/* At most `n_max` entries with an id below `before` (INT64_MAX: from the newest on). Fails with NO_WORKSPACE, IO,
 * CORRUPT; then `out` is empty. */
GY_CHECKED enum gy_status gy_audit_read(const char *dir, int64_t before, size_t n_max,
                                        struct gy_audit_page *out, struct gy_error *err);
void gy_audit_page_release(struct gy_audit_page *page);

#endif
