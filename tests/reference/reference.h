/* reference.h - the language evaluated the plain way: one customer, one row at a time.
 *
 * Written from docs/language.md to be compared with the engine; it shares no code with it, only the
 * checked tree, the calendar and the text functions. It reads JSON lines of Segment-spec calls, keeps
 * everything in memory and takes no short cut: sums are added digit by digit on paper, chains try
 * every choice of events.
 */
#ifndef GY_TESTS_REFERENCE_H
#define GY_TESTS_REFERENCE_H

#include "base/buf.h"
#include "base/zone.h"
#include "lang/ast.h"
#include "lang/check.h"

struct ref_data;

/* The calls in the order of `lines` (one JSON object a line). An empty line ends a file: the type of a
 * name is settled by the first file that has a value of it. Ends the process on lines that are no
 * calls. */
struct ref_data *ref_data_new(struct gy_str lines, const struct gy_zone *zone);
void ref_data_free(struct ref_data *data);

/* What the language may refer to besides; before ref_vocabulary is used. */
void ref_data_list(struct ref_data *data, struct gy_str name, const struct gy_str *ids, size_t n);
void ref_data_segment(struct ref_data *data, struct gy_str name, struct gy_str text);
void ref_data_metric(struct ref_data *data, struct gy_str name, struct gy_str text);
void ref_data_change(struct ref_data *data, struct gy_str segment, struct gy_str id, bool entered,
                     int64_t at_ms);

struct gy_vocabulary ref_vocabulary(struct ref_data *data);

/* The primary ids of the members, in code-point order, one a line. */
void ref_members(struct ref_data *data, const struct gy_expr *expr, int64_t now_ms,
                 struct gy_buf *out);

/* The value of everyone who has one: lines "ID VALUE" in the order of their bytes, numbers with 17
 * digits. */
void ref_values(struct ref_data *data, const struct gy_term *term, int64_t now_ms,
                struct gy_buf *out);

/* Sums over events, asked in one of the ways of a report. */
struct ref_report {
    const struct gy_expr *audience; /* of these customers; NULL: of everyone */
    struct gy_str event;
    const struct gy_expr *where; /* or NULL */
    int64_t from_ms;             /* from_ms ≤ t < to_ms, and t ≤ now */
    int64_t to_ms;
    bool by_period; /* DAY to YEAR */
    enum gy_unit period;
    struct gy_str by_property; /* empty: not by a property */
    struct gy_str sum;         /* a property that is a number; empty: none */
};

/* Lines "KEY EVENTS CUSTOMERS SUM" in the order of their bytes: the key a day number, a value, "-" for
 * events without the property, "all" where nothing is grouped. */
void ref_report(struct ref_data *data, const struct ref_report *report, int64_t now_ms,
                struct gy_buf *out);

#endif
