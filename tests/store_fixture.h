/* store_fixture.h - a data directory of a test, and calls written as JSON lines.
 *
 * A test that cannot set up what it needs fails with the store's own words.
 *
 *     struct gy_fixture f;
 *     gy_fixture_open(&f, "Asia/Seoul");
 *     gy_fixture_add(&f, "{\"type\": \"track\", \"userId\": \"a\", \"event\": \"Visit\","
 *                        " \"timestamp\": \"2025-01-02T03:04:05Z\"}");
 *     gy_fixture_commit(&f);
 *     struct gy_snapshot *s = gy_fixture_snapshot(&f);
 *     ...
 *     gy_snapshot_close(s);
 *     gy_fixture_close(&f);
 */
#ifndef GY_TESTS_STORE_FIXTURE_H
#define GY_TESTS_STORE_FIXTURE_H

#include "base/arena.h"
#include "store/check_store.h"
#include "store/snapshot.h"
#include "store/writer.h"

struct gy_fixture {
    char dir[64]; /* below /dev/shm or /tmp */
    struct gy_writer *writer;
    struct gy_arena arena;          /* of the call in hand */
    struct gy_commit_counts counts; /* of the last commit */
};

void gy_fixture_open(struct gy_fixture *f, const char *time_zone);
void gy_fixture_close(struct gy_fixture *f);  /* removes the directory */
void gy_fixture_reopen(struct gy_fixture *f); /* what another process would see */

/* Adds one call, in the form of the Segment spec: type, userId, anonymousId, previousId, event,
 * timestamp, messageId, properties or traits. Beyond it: "originalTimestamp" is the time as written,
 * where it is another, and {"$cell": "12"} is a cell, {"$time": "2025-01-02"} a time. A line without
 * a messageId is identified by its text. `gy_fixture_try` gives the status in place of failing. */
void gy_fixture_add(struct gy_fixture *f, const char *json);
enum gy_status gy_fixture_try(struct gy_fixture *f, const char *json, struct gy_error *err);

/* Reads such a call; everything is allocated in `f->arena`, which the next call empties. */
struct gy_call gy_fixture_call(struct gy_fixture *f, const char *json);

void gy_fixture_commit(struct gy_fixture *f);     /* as a part */
void gy_fixture_commit_log(struct gy_fixture *f); /* as a row of the log */
void gy_fixture_maintain(struct gy_fixture *f);
void gy_fixture_compact(struct gy_fixture *f);

/* Shorthands. `properties` and `traits` are JSON objects or NULL, `time` may be NULL for traits. */
void gy_fixture_track(struct gy_fixture *f, const char *user, const char *event, const char *time,
                      const char *properties);
void gy_fixture_identify(struct gy_fixture *f, const char *user, const char *time,
                         const char *traits);

struct gy_snapshot *gy_fixture_snapshot(const struct gy_fixture *f);

/* Checks the whole directory; fails the test with the problems. */
struct gy_check_report gy_fixture_check(const struct gy_fixture *f);

/* ---- reading a snapshot as a person would ---- */

/* What is stored of a customer, in the order of time, one line each, in `out`:
 *   "2025-01-02T03:04:05.000Z Visit page=\"a\" n=2"       an event with its properties by name
 *   "always trait.age = 30", "… trait.age removed"         a trait
 * Events of one instant stand in the order of arrival; traits stand behind all events. Misfits are
 * shown as name!=json. The customer's rows are gathered over all its ordinals and parts. */
void gy_fixture_describe(const struct gy_snapshot *s, const char *id, struct gy_buf *out);

/* Fails the test unless a fresh snapshot describes the customer so. */
void gy_fixture_expect(const struct gy_fixture *f, const char *id, const char *expected);

#endif
