/* import_fixture.h - a workspace in a folder of its own, and files imported into it. */
#ifndef GY_TESTS_IMPORT_FIXTURE_H
#define GY_TESTS_IMPORT_FIXTURE_H

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "ingest/import_job.h"

struct place {
    char dir[64];
    char data[128];
    char file[128];
};

static inline int make_place(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    struct gy_error err;
    snprintf(p->dir, sizeof p->dir, "/tmp/gyeol-import-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->data, sizeof p->data, "%s/data", p->dir);
    struct gy_init_options options = {.time_zone = "Europe/London"};
    assert_ok(gy_workspace_init(p->data, &options, &err), &err);
    *state = p;
    return 0;
}

static inline int remove_place(void **state)
{
    struct place *p = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

/* Imports `text` as a file called `name`. */
static inline struct gy_import_report import(struct place *p, const char *name, const char *text,
                                             struct gy_import_options options)
{
    struct gy_error err;
    struct gy_writer *writer = NULL;
    struct gy_import_report report;
    snprintf(p->file, sizeof p->file, "%s/%s", p->dir, name);
    assert_ok(gy_file_write(p->file, gy_str_of(text), &err), &err);
    assert_ok(gy_writer_open(p->data, &writer, &err), &err);
    assert_ok(gy_import_file(writer, p->file, &options, &report, &err), &err);
    gy_writer_close(writer);
    assert_int_equal(report.lines, report.lines_taken + report.lines_duplicate +
                                       report.lines_rejected + report.lines_changed);
    return report;
}

static inline void assert_reason(const struct gy_import_report *report, const char *text,
                                 uint64_t count, uint64_t first_line)
{
    for (uint32_t i = 0; i < report->n_reasons; i++) {
        if (strstr(report->reasons[i].text, text) != NULL) {
            assert_int_equal(report->reasons[i].count, count);
            assert_int_equal(report->reasons[i].first_line, first_line);
            return;
        }
    }
    fail_msg("no line was rejected because \"%s\"", text);
}

/* Adds `n` columns called PREFIX0, … to a header, resp. a "v" for each to a row. */
static inline void put_columns(struct gy_buf *text, int n, const char *prefix)
{
    for (int i = 0; i < n; i++) {
        if (prefix != NULL) {
            gy_buf_printf(text, ",%s%d", prefix, i);
        } else {
            gy_buf_text(text, ",v");
        }
    }
    gy_buf_char(text, '\n');
}

#endif
