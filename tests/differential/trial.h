/* trial.h - one seed's data, twice: in a store and in the reference; and questions to both.
 *
 * The store is filled as life would fill it: calls in batches of any size, as part files or as rows of
 * the log, tidied up or not in between. What happens behind each line is drawn beforehand, so that a
 * trial can be built again without some of its lines, until few are left that still show a fault.
 */
#ifndef GY_TESTS_DIFFERENTIAL_TRIAL_H
#define GY_TESTS_DIFFERENTIAL_TRIAL_H

#include "engine/engine.h"
#include "random/random_calls.h"
#include "random/random_definition.h"
#include "reference/reference.h"

struct trial_options {
    uint32_t most_persons;
    uint32_t most_calls; /* of a person, on average */
    /* Nothing rests on the order in which calls arrive, so that trial_reorder may change it: the
     * first file is committed alone, and no device is aliased. */
    bool is_order_free;
    /* The store has so many customers who are all alike that they fill a block, and the first of them
     * is in the reference too. What holds for that one must hold for all (but `sample`); they are left
     * out of answers, so populations must not be asked about. */
    bool with_strangers;
    unsigned without; /* kinds of definitions, as random_definition.h says */
};

enum trial_action {
    TRIAL_GO_ON,
    TRIAL_COMMIT,
    TRIAL_COMMIT_LOG,
    TRIAL_MAINTAIN, /* commit before, as below */
    TRIAL_COMPACT,
    TRIAL_REOPEN, /* the writer is closed and opened again */
};

struct trial_text {
    bool is_metric;
    struct gy_str name;
    struct gy_str text;
};

struct trial_list {
    struct gy_str name;
    struct gy_str *ids;
    size_t n;
};

struct trial_change {
    struct gy_str segment;
    struct gy_str id;
    bool entered;
    int64_t at_ms;
};

struct trial {
    uint64_t seed;
    uint64_t state; /* of chance, for what is asked */
    struct gy_arena arena;
    const char *zone_name;
    struct gy_zone *zone;
    struct random_calls calls;
    enum trial_action *actions; /* behind each line */
    bool *is_dropped;           /* by line */
    struct trial_text *texts;
    size_t n_texts;
    struct trial_list *lists;
    size_t n_lists;
    struct trial_change *changes;
    size_t n_changes;
    struct trial_options options;
    uint32_t n_strangers; /* see trial_options; 0: there are none */
    /* built: */
    struct ref_data *reference;
    struct gy_vocabulary vocabulary; /* the reference's */
    struct random_names names;
    char dir[64];
    struct gy_snapshot *snapshot;
};

/* Draws everything and builds it. Ends the test where the store fails. */
void trial_open(struct trial *trial, uint64_t seed, const struct trial_options *options);
void trial_close(struct trial *trial);

/* Builds store and reference again, of the lines that are not dropped. */
void trial_rebuild(struct trial *trial);

/* Builds both again of the same calls in another order, some of them said once more, committed
 * elsewhere: of an order-free trial, every answer stays as it was. */
void trial_reorder(struct trial *trial);

/* An instant to ask as of. */
int64_t trial_now(struct trial *trial);

/* A random definition, of a segment or of a value. */
void trial_text(struct trial *trial, uint32_t depth, bool is_value, struct gy_buf *text);

/* The ids of the members, one a line, sorted. False: the text is no valid definition (why: in `err`). */
bool trial_ask_reference(const struct trial *trial, struct gy_str text, int64_t now_ms,
                         struct gy_buf *members, struct gy_error *err);
/* The engine's answer as it is: NULL where it has none. Owned by the caller (roaring_bitmap_free). */
roaring_bitmap_t *trial_audience(const struct trial *trial, struct gy_str text, int64_t now_ms,
                                 const struct gy_run_options *options, struct gy_error *err);
bool trial_ask_engine(const struct trial *trial, struct gy_str text, int64_t now_ms,
                      const struct gy_run_options *options, struct gy_buf *members,
                      struct gy_error *err);

/* Whether one customer is a member, asked by gy_holds. */
bool trial_holds(const struct trial *trial, struct gy_str text, int64_t now_ms, uint32_t ordinal,
                 bool *holds, struct gy_error *err);

/* The same of a value: lines "ID VALUE" as ref_values makes them. Without strangers. */
bool trial_value_of_reference(const struct trial *trial, struct gy_str text, int64_t now_ms,
                              struct gy_buf *values, struct gy_error *err);
bool trial_value_of_engine(const struct trial *trial, struct gy_str text, int64_t now_ms,
                           const struct gy_run_options *options, struct gy_buf *values,
                           struct gy_error *err);

/* Sums over events, as ref_report makes them; `audience` is a text, empty for everyone, and `aggregate` a
 * value's text that is an aggregate: its event and filter are asked about, its property is summed. */
struct trial_report {
    struct gy_str audience;
    struct gy_str aggregate;
    int64_t from_ms;
    int64_t to_ms;
    enum gy_group_by group_by;
    struct gy_str group_property;
};
bool trial_report_of_reference(const struct trial *trial, const struct trial_report *report,
                               int64_t now_ms, struct gy_buf *lines, struct gy_error *err);
bool trial_report_of_engine(const struct trial *trial, const struct trial_report *report,
                            int64_t now_ms, const struct gy_run_options *options,
                            struct gy_buf *lines, struct gy_error *err);

#endif
