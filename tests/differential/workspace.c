/* workspace.c - the writer, driven as an import drives it. */
#include "harness.h"

#include <ftw.h>
#include <unistd.h>

#include "base/mem.h"
#include "differential/workspace.h"
#include "ingest/segment_spec.h"

static struct gy_str next_line(struct gy_str *rest)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    struct gy_str line = {rest->ptr, len};
    size_t step = end == NULL ? len : len + 1;
    *rest = (struct gy_str){rest->ptr + step, rest->len - step};
    return line;
}

static size_t count_lines(struct gy_str lines)
{
    size_t n = 0;
    while (lines.len > 0) {
        next_line(&lines);
        n++;
    }
    return n;
}

static void commit(struct workspace *w, bool to_log)
{
    struct gy_error err;
    if (to_log)
        assert_ok(gy_writer_commit_log(w->writer, NULL, &err), &err);
    else
        assert_ok(gy_writer_commit(w->writer, 0, NULL, &err), &err);
}

static void add_lines(struct workspace *w, struct gy_str lines, const struct gy_zone *zone,
                      const struct workspace_shape *shape)
{
    uint64_t random = shape->seed;
    size_t n_lines = count_lines(lines);
    unsigned n_done = 0;
    struct gy_spec_parser *parser = gy_spec_parser_new();
    struct gy_error err;
    gy_writer_begin_file(w->writer, "lines");
    while (lines.len > 0) {
        struct gy_call call;
        struct gy_str line = next_line(&lines);
        assert_ok(gy_spec_parse(parser, line, zone, &call, &err), &err);
        assert_ok(gy_writer_add(w->writer, &call, &err), &err);
        if (n_done + 1 < shape->n_commits && gy_test_below(&random, n_lines) < shape->n_commits) {
            n_done++;
            commit(w, n_done + shape->n_to_log > shape->n_commits);
        }
    }
    commit(w, shape->n_to_log > 0);
    gy_spec_parser_free(parser);
}

void workspace_init(struct workspace *w, const char *time_zone, struct gy_str lines,
                    const struct workspace_shape *shape)
{
    struct gy_error err;
    struct gy_zone *zone;
    struct gy_init_options options = {.time_zone = time_zone};
    *w = (struct workspace){.dir = "/tmp/gyeol-test-XXXXXX"};
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(rmdir(w->dir), 0);
    assert_ok(gy_zone_open(time_zone, &zone, &err), &err);
    assert_ok(gy_workspace_init(w->dir, &options, &err), &err);
    assert_ok(gy_writer_open(w->dir, &w->writer, &err), &err);
    add_lines(w, lines, zone, shape);
    if (shape->is_maintained)
        assert_ok(gy_writer_maintain(w->writer, &err), &err);
    if (shape->is_compacted)
        assert_ok(gy_writer_compact(w->writer, &err), &err);
    gy_zone_close(zone);
}

void workspace_open(struct workspace *w)
{
    struct gy_error err;
    gy_snapshot_close(w->snapshot);
    w->snapshot = NULL;
    assert_ok(gy_snapshot_open(w->dir, &w->snapshot, &err), &err);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void workspace_release(struct workspace *w)
{
    gy_snapshot_close(w->snapshot);
    gy_writer_close(w->writer);
    nftw(w->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    *w = (struct workspace){0};
}

static int compare_ids(const void *a, const void *b)
{
    return gy_str_compare(*(const struct gy_str *)a, *(const struct gy_str *)b);
}

void workspace_ids(const struct workspace *w, const roaring_bitmap_t *audience, struct gy_buf *out)
{
    size_t n = roaring_bitmap_get_cardinality(audience);
    uint32_t *ordinals = gy_alloc_zero(n + 1, sizeof *ordinals);
    struct gy_str *ids = gy_alloc_zero(n + 1, sizeof *ids);
    bool is_external;
    roaring_bitmap_to_uint32_array(audience, ordinals);
    for (size_t i = 0; i < n; i++)
        ids[i] = gy_snapshot_id(w->snapshot, ordinals[i], &is_external);
    qsort(ids, n, sizeof *ids, compare_ids);
    gy_buf_text(out, "");
    for (size_t i = 0; i < n; i++) {
        gy_buf_str(out, ids[i]);
        gy_buf_char(out, '\n');
    }
    free(ids);
    free(ordinals);
}
