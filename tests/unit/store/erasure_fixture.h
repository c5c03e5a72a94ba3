/* erasure_fixture.h - a data directory from which somebody is erased: what the tests of it share. */
#ifndef GY_TESTS_ERASURE_FIXTURE_H
#define GY_TESTS_ERASURE_FIXTURE_H

#include "harness.h"
#include "store_fixture.h"

#include "store/catalog.h"

#define AT(day) ",\"timestamp\":\"2025-01-" day "T00:00:00Z\",\"messageId\":\"m" day "\""

/* Of three customers, whose rows stand among one another; "a" has four ids. */
static const char *const lines[] = {
    "{\"type\":\"track\",\"event\":\"E\",\"anonymousId\":\"phone\"" AT("01") "}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"b\"" AT(
        "01") ",\"properties\":{\"t\":\"same\"}}",
    "{\"type\":\"identify\",\"userId\":\"a\",\"anonymousId\":\"phone\"" AT(
        "02") ",\"traits\":{\"email\":\"a@x.example\",\"tags\":[\"all\",\"hers\"]}}",
    "{\"type\":\"identify\",\"userId\":\"b\"" AT(
        "02") ",\"traits\":{\"email\":\"b@x.example\",\"tags\":[\"all\"]}}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"a\"" AT(
        "03") ",\"properties\":{\"t\":\"same\"}}",
    "{\"type\":\"track\",\"event\":\"F\",\"userId\":\"old\",\"anonymousId\":\"slate\"" AT(
        "04") ",\"properties\":{\"t\":\"whisper\"}}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"c\",\"anonymousId\":\"laptop\"" AT(
        "04") ",\"properties\":{\"t\":\"mine\"}}",
    "{\"type\":\"alias\",\"previousId\":\"old\",\"userId\":\"a\"" AT("05") "}",
    "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"old\"" AT("06") "}",
};

enum {
    N_LINES = sizeof lines / sizeof *lines
};

static const char *const hers[] = {"a", "old", "phone", "slate"};

enum {
    N_HERS = sizeof hers / sizeof *hers
};

static inline void commit(struct gy_fixture *f, bool in_log)
{
    if (in_log) {
        gy_fixture_commit_log(f);
    } else {
        gy_fixture_commit(f);
    }
}

static inline void fill(struct gy_fixture *f, size_t each, bool in_log)
{
    gy_fixture_open(f, "UTC");
    for (size_t i = 0; i < N_LINES; i++) {
        gy_fixture_add(f, lines[i]);
        if ((i + 1) % each == 0 || i + 1 == N_LINES)
            commit(f, in_log);
    }
}

static inline void erase(struct gy_fixture *f, const char *id, uint32_t expected_ids)
{
    uint32_t n_ids;
    bool was_erased;
    struct gy_error err = {0};
    assert_ok(gy_writer_erase(f->writer, gy_str_of(id), &n_ids, &was_erased, &err), &err);
    assert_int_equal(n_ids, expected_ids);
    assert_int_equal(was_erased, expected_ids == 0);
}

static inline void finish(struct gy_fixture *f)
{
    struct gy_error err = {0};
    assert_ok(gy_writer_finish_erasures(f->writer, &err), &err);
    assert_false(gy_writer_has_erasures(f->writer));
}

static inline int64_t number(const struct gy_fixture *f, const char *sql)
{
    struct gy_error err = {0};
    struct gy_catalog c;
    int64_t n;
    assert_ok(gy_catalog_open(&c, f->dir, &err), &err);
    assert_ok(gy_catalog_number(&c, &n, &err, sql, ""), &err);
    gy_catalog_close(&c);
    return n;
}

static inline uint32_t ordinal_of(const struct gy_fixture *f, const char *id)
{
    struct gy_snapshot *s = gy_fixture_snapshot(f);
    uint32_t ordinal = gy_snapshot_find(s, gy_str_of(id));
    gy_snapshot_close(s);
    return ordinal;
}

#endif
