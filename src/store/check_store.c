/* check_store.c - everything that can be checked without knowing what was put in.
 *
 * First SQLite checks itself, and the tables are compared with those we make. Then each file is opened
 * and verified on its own, so that all damage is named and not only the first. Where every file is sound,
 * they are held against each other and the catalog. A file that a writer removes meanwhile is not missed:
 * then the check begins again.
 */
#include "store/check_store.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"
#include "store/catalog_tables.h"
#include "store/live.h"
#include "store/ordinal_set.h"

enum {
    TRIES = 8,
    MAX_HEARD = 1000 /* problems that are told one by one */
};

struct checker {
    struct gy_catalog catalog;
    const char *dir;
    void (*say)(void *context, const char *problem);
    void *context;
    struct gy_check_report *report;
    bool is_gone;        /* a listed file is not there */
    struct gy_buf heard; /* the problems so far, a NUL behind each */
};

static void GY_PRINTF(2, 3) problem(struct checker *c, const char *format, ...)
{
    char text[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    c->report->n_problems++;
    if (c->report->n_problems <= MAX_HEARD) {
        gy_buf_append(&c->heard, text, strlen(text) + 1);
    }
}

/* Reads each row of `sql`; `take` says what is wrong with it by itself. */
static enum gy_status each_row(struct checker *c, const char *sql,
                               void (*take)(struct checker *, sqlite3_stmt *), struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row = true;
    enum gy_status status = gy_catalog_select(&c->catalog, &stmt, err, sql, "");
    while (status == GY_OK) {
        status = gy_catalog_next(&c->catalog, stmt, &has_row, err);
        if (status != GY_OK || !has_row)
            break;
        take(c, stmt);
    }
    sqlite3_finalize(stmt);
    return status;
}

static void take_integrity(struct checker *c, sqlite3_stmt *row)
{
    struct gy_str text = gy_catalog_str(row, 0);
    if (!gy_str_equal(text, GY_STR("ok")))
        problem(c, "catalog: %.*s", GY_STR_ARG(text));
}

static void take_difference(void *context, struct gy_str type, struct gy_str name)
{
    problem(context, "catalog: %.*s %.*s is not as it was made", GY_STR_ARG(type),
            GY_STR_ARG(name));
}

/* ---- files, each by itself ---- */

static bool is_open(struct checker *c, enum gy_status status, const struct gy_error *err)
{
    if (status == GY_OK)
        return true;
    c->is_gone |= err->sys_errno == ENOENT;
    problem(c, "%s", err->message);
    return false;
}

static void count_part(struct checker *c, const struct gy_part *part)
{
    c->report->n_parts++;
    c->report->n_slices += gy_part_n_slices(part);
    c->report->n_rows += gy_part_total_rows(part);
    c->report->bytes += gy_part_size(part);
}

static void check_part(struct checker *c, const struct gy_part *part)
{
    struct gy_error err = {0};
    count_part(c, part);
    if (gy_part_check(part, &err) != GY_OK)
        problem(c, "%s", err.message);
}

static void take_part(struct checker *c, sqlite3_stmt *row)
{
    char path[GY_PATH_SIZE];
    struct gy_error err = {0};
    struct gy_part *part;
    gy_store_path(c->dir, (uint64_t)sqlite3_column_int64(row, 0), "part", path);
    if (!is_open(c, gy_part_open(path, &part, &err), &err))
        return;
    check_part(c, part);
    if (gy_part_total_rows(part) != (uint64_t)sqlite3_column_int64(row, 1) ||
        gy_part_size(part) != (uint64_t)sqlite3_column_int64(row, 2))
        problem(c, "part \"%s\" is not the file that was listed", path);
    gy_part_close(part);
}

static void take_ids(struct checker *c, sqlite3_stmt *row)
{
    char path[GY_PATH_SIZE];
    struct gy_error err = {0};
    struct gy_id_file *file;
    gy_store_path(c->dir, (uint64_t)sqlite3_column_int64(row, 0), "ids", path);
    if (!is_open(c, gy_id_file_open(path, &file, &err), &err))
        return;
    if (gy_id_file_first(file) != (uint64_t)sqlite3_column_int64(row, 1) ||
        gy_id_file_n(file) != (uint64_t)sqlite3_column_int64(row, 2))
        problem(c, "id file \"%s\" is not the file that was listed", path);
    c->report->bytes += gy_id_file_size(file);
    gy_id_file_close(file);
}

static void take_log(struct checker *c, sqlite3_stmt *row)
{
    char label[64];
    struct gy_error err = {0};
    struct gy_part *part;
    struct gy_str blob = gy_catalog_str(row, 1);
    snprintf(label, sizeof label, "batch %lld of the log", (long long)sqlite3_column_int64(row, 0));
    uint8_t *bytes = gy_alloc_aligned(64, (blob.len + 63) / 64 * 64);
    if (blob.len > 0)
        memcpy(bytes, blob.ptr, blob.len);
    if (!is_open(c, gy_part_open_memory(bytes, blob.len, label, &part, &err), &err))
        return;
    check_part(c, part);
    gy_part_close(part);
}

/* ---- recorded sets of customers, each by itself ---- */

static void check_set(struct checker *c, struct gy_str bytes, int64_t segment, int64_t n_ids)
{
    roaring_bitmap_t *set;
    struct gy_error err = {0};
    if (gy_ordinal_set_unpack(bytes, &set, &err) != GY_OK) {
        problem(c, "segment %lld: %s", (long long)segment, err.message);
        return;
    }
    if (!roaring_bitmap_is_empty(set) && roaring_bitmap_maximum(set) >= n_ids)
        problem(c, "segment %lld records a customer that has no id", (long long)segment);
    roaring_bitmap_free(set);
}

#define N_IDS    "(SELECT total(n) FROM ids) + (SELECT total(n_ids) FROM log)"
#define IS_THERE "segment IN (SELECT id FROM segment)"

/* The segment, N_IDS, IS_THERE, sets. */
static void take_refresh(struct checker *c, sqlite3_stmt *row)
{
    int64_t segment = sqlite3_column_int64(row, 0);
    if (sqlite3_column_int64(row, 2) == 0)
        problem(c, "a refresh is of segment %lld, which is not there", (long long)segment);
    for (int i = 3; i < sqlite3_column_count(row); i++)
        check_set(c, gy_catalog_str(row, i), segment, sqlite3_column_int64(row, 1));
}

/* ---- one against the other ---- */

static void check_names(struct checker *c, const struct gy_live *live, const struct gy_part *part,
                        const struct gy_slice *slice)
{
    const struct gy_schema *schema = &live->schema;
    if (slice->stream < GY_STREAM_FIRST)
        return;
    if (slice->stream - GY_STREAM_FIRST >= schema->n_streams) {
        problem(c, "part \"%s\" holds stream %u, which the catalog does not know",
                gy_part_label(part), slice->stream);
        return;
    }
    bool is_trait = gy_schema_stream(schema, slice->stream)->kind == GY_STREAM_TRAIT;
    for (uint32_t i = 0; i < gy_part_n_properties(part, slice); i++) {
        uint32_t id = gy_part_property(part, slice, i);
        bool is_known = is_trait ? id == GY_PROPERTY_VALUE
                                 : id >= 1 && id <= schema->n_properties &&
                                       gy_schema_property(schema, id)->stream == slice->stream;
        if (!is_known) {
            problem(c,
                    "part \"%s\" holds property %u of stream %u, which the catalog does not know",
                    gy_part_label(part), id, slice->stream);
        }
    }
}

/* Every customer has an id. */
static void check_customers(struct checker *c, const struct gy_live *live,
                            const struct gy_part *part, const struct gy_slice *slice)
{
    struct gy_error err = {0};
    struct gy_runs runs;
    if (gy_part_runs(part, slice, &runs, &err) != GY_OK) {
        problem(c, "%s", err.message);
        return;
    }
    uint32_t last = runs.customers == NULL ? runs.n - 1 : runs.customers[runs.n - 1];
    if ((uint64_t)slice->block_no * GY_BLOCK_SIZE + last >= live->ids.n)
        problem(c, "part \"%s\" holds a customer that has no id", gy_part_label(part));
}

/* Once an erasure is done nothing of the customer is there. */
static void check_erased(struct checker *c, const struct gy_live *live, const struct gy_part *part,
                         const struct gy_slice *slice)
{
    struct gy_error err = {0};
    struct gy_runs runs;
    if (live->erased.all == NULL || gy_part_runs(part, slice, &runs, &err) != GY_OK)
        return;
    for (uint32_t i = 0; i < runs.n; i++) {
        uint32_t ordinal = slice->block_no * GY_BLOCK_SIZE + gy_runs_customer(&runs, i);
        bool is_pending =
            live->erased.pending != NULL && roaring_bitmap_contains(live->erased.pending, ordinal);
        if (gy_erased_has(&live->erased, ordinal) && !is_pending) {
            problem(c, "part \"%s\" holds a customer that was erased", gy_part_label(part));
            return;
        }
    }
}

static void check_slices(struct checker *c, const struct gy_live *live)
{
    for (size_t p = 0; p < gy_live_n_parts(live); p++) {
        const struct gy_part *part = gy_live_part(live, p)->part;
        for (size_t i = 0; i < gy_part_n_slices(part); i++) {
            check_names(c, live, part, gy_part_slice(part, i));
            check_customers(c, live, part, gy_part_slice(part, i));
            check_erased(c, live, part, gy_part_slice(part, i));
        }
    }
}

/* Files of one run hold different blocks. */
static void check_runs(struct checker *c, const struct gy_live *live)
{
    for (size_t i = 1; i < live->n_files; i++) {
        const struct gy_part *before = live->files[i - 1].part;
        const struct gy_part *part = live->files[i].part;
        size_t n = gy_part_n_slices(before);
        if (live->files[i].sequence == live->files[i - 1].sequence && n > 0 &&
            gy_part_n_slices(part) > 0 &&
            gy_part_slice(before, n - 1)->block_no >= gy_part_slice(part, 0)->block_no) {
            problem(c, "parts \"%s\" and \"%s\" of one merge overlap", gy_part_label(before),
                    gy_part_label(part));
        }
    }
}

/* A path that is longer than there are links goes round. */
static void check_links(struct checker *c, const struct gy_live *live)
{
    for (uint32_t ordinal = 0; ordinal < live->ids.n; ordinal++) {
        uint32_t parent = gy_links_parent(&live->links, ordinal);
        if (parent == GY_ID_NONE) {
            c->report->n_customers += !gy_erased_has(&live->erased, ordinal);
            continue;
        }
        if (gy_links_parent(&live->links, gy_links_root(&live->links, ordinal)) != GY_ID_NONE) {
            problem(c, "the links of ordinal %u go round", ordinal);
            return;
        }
    }
}

static enum gy_status check_together(struct checker *c, struct gy_error *err)
{
    struct gy_live live = {0};
    bool is_gone = false;
    enum gy_status status = gy_live_load(&live, &c->catalog, c->dir, NULL, &is_gone, err);
    c->is_gone |= is_gone;
    if (status == GY_OK)
        status = gy_erased_load(&live.erased, &c->catalog, err);
    if (status == GY_OK) {
        check_slices(c, &live);
        check_runs(c, &live);
        check_links(c, &live);
    } else if (status == GY_CORRUPT) {
        problem(c, "%s", err != NULL ? err->message : "the catalog is damaged");
        status = GY_OK;
    }
    gy_live_release(&live);
    return status;
}

static enum gy_status check_all(struct checker *c, struct gy_error *err)
{
    GY_TRY(gy_catalog_begin(&c->catalog, false, err));
    GY_TRY(each_row(c, "PRAGMA integrity_check", take_integrity, err));
    uint64_t n_before = c->report->n_problems;
    GY_TRY(gy_catalog_compare_tables(&c->catalog, take_difference, c, err));
    if (c->report->n_problems > n_before)
        return GY_OK; /* other tables than ours are not to be read */
    GY_TRY(each_row(c, "SELECT file, n_rows, bytes FROM part", take_part, err));
    GY_TRY(each_row(c, "SELECT file, first_ordinal, n FROM ids", take_ids, err));
    GY_TRY(each_row(c, "SELECT sequence, part FROM log", take_log, err));
    GY_TRY(each_row(c, "SELECT segment, " N_IDS ", " IS_THERE ", members FROM refresh",
                    take_refresh, err));
    GY_TRY(each_row(c, "SELECT segment, " N_IDS ", " IS_THERE ", came, went FROM refresh_change",
                    take_refresh, err));
    int64_t version;
    GY_TRY(gy_catalog_version(&c->catalog, &version, err));
    if (version >= 4)
        GY_TRY(each_row(c, "SELECT segment, " N_IDS ", " IS_THERE ", gone, instead FROM live_move",
                        take_refresh, err));
    return c->report->n_problems == 0 ? check_together(c, err) : GY_OK;
}

/* Starts anew if a file was missed: the next list may not have it. */
static enum gy_status check_once(struct checker *c, bool is_last, bool *again, struct gy_error *err)
{
    *c->report = (struct gy_check_report){0};
    c->is_gone = false;
    gy_buf_reset(&c->heard);
    GY_TRY(gy_catalog_open(&c->catalog, c->dir, err));
    enum gy_status status = check_all(c, err);
    gy_catalog_rollback(&c->catalog);
    gy_catalog_close(&c->catalog);
    *again = c->is_gone && !is_last;
    return *again ? GY_OK : status;
}

static void say_all(const struct checker *c)
{
    for (size_t at = 0; c->say != NULL && at < c->heard.len; at += strlen(c->heard.ptr + at) + 1) {
        c->say(c->context, c->heard.ptr + at);
    }
}

enum gy_status gy_store_check(const char *dir, void (*say)(void *context, const char *problem),
                              void *context, struct gy_check_report *report, struct gy_error *err)
{
    struct checker c = {.dir = dir, .say = say, .context = context, .report = report};
    bool again = true;
    enum gy_status status = GY_OK;
    struct gy_error last = {0}; /* of a try that was begun again nothing is told */
    for (int left = TRIES; left > 0 && again && status == GY_OK; left--) {
        status = check_once(&c, left == 1, &again, &last);
    }
    say_all(&c);
    gy_buf_release(&c.heard);
    if (status != GY_OK && err != NULL)
        *err = last;
    if (status != GY_OK || report->n_problems == 0)
        return status;
    return gy_error_set(err, GY_CORRUPT, "the data directory \"%s\" is damaged: %llu problem%s",
                        dir, (unsigned long long)report->n_problems,
                        report->n_problems == 1 ? "" : "s");
}
