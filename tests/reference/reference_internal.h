/* reference_internal.h - the data that reference_data.c reads and reference_eval.c asks. */
#ifndef GY_TESTS_REFERENCE_INTERNAL_H
#define GY_TESTS_REFERENCE_INTERNAL_H

#include "base/arena.h"
#include "reference/reference.h"

#define REF_ALWAYS INT64_MIN

struct ref_value {
    enum gy_type type; /* ANY: missing */
    double number;     /* NUMBER; BOOL as 0 and 1 */
    int64_t time_ms;
    struct gy_str string;
    struct gy_str *list;
    size_t n_list;
};

struct ref_property {
    struct gy_str name;
    struct ref_value value;
};

struct ref_event {
    struct gy_str name;
    int64_t time_ms;
    size_t arrival; /* items have their own, right behind their event's */
    struct ref_property *properties;
    size_t n_properties;
};

struct ref_trait {
    struct gy_str name;
    int64_t time_ms; /* REF_ALWAYS: has always been there */
    size_t arrival;
    struct ref_value value;
};

struct ref_customer {
    struct gy_str id;
    bool is_external;
    size_t parent; /* SIZE_MAX: it is nobody's child */
    int64_t first_ms;
    struct ref_event *events; /* in order */
    size_t n_events;
    size_t events_capacity;
    struct ref_trait *traits; /* in order */
    size_t n_traits;
    size_t traits_capacity;
};

/* A name with a type: an event (its scope is 0), a property (scope: event + 1) or a trait. */
struct ref_name {
    enum gy_name_kind kind;
    uint32_t scope;
    struct gy_str name;
    enum gy_type type;
    bool has_other_strings; /* a string that does not read as a time was seen in that file */
    size_t file;            /* the one that settles the type */
};

struct ref_list {
    struct gy_str name;
    struct gy_str *ids;
    size_t n;
};

struct ref_text {
    enum gy_name_kind kind;
    struct gy_str name;
    struct gy_str text;
};

struct ref_change {
    struct gy_str segment;
    struct gy_str id;
    bool entered;
    int64_t at_ms;
};

/* A customer with its visits as of an instant among its events. */
struct ref_visitor {
    const struct ref_customer *of;
    int64_t now_ms;
    const struct ref_customer *with_visits;
};

enum {
    REF_VISIT_PROPERTIES = 14,
    REF_KEPT_VISITORS = 1024
};

struct ref_data {
    struct gy_arena arena;
    struct ref_visitor visitors[REF_KEPT_VISITORS]; /* the last ones */
    size_t n_visitors;
    size_t next_visitor;
    const struct gy_zone *zone;
    size_t n_files; /* before the one being read */
    struct ref_customer *customers;
    size_t n_customers;
    size_t customers_capacity;
    struct ref_name *names;
    size_t n_names;
    size_t names_capacity;
    struct ref_list *lists;
    size_t n_lists;
    size_t lists_capacity;
    struct ref_text *texts;
    size_t n_texts;
    size_t texts_capacity;
    struct ref_change *changes;
    size_t n_changes;
    size_t changes_capacity;
};

/* Whether the id, external or anonymous, is this customer's, be it merged away or claimed. */
bool ref_has_id(const struct ref_data *data, const struct ref_customer *customer, struct gy_str id);

/* reference_visits.c */
const struct ref_customer *ref_with_visits(struct ref_data *data,
                                           const struct ref_customer *customer, int64_t now_ms);
struct gy_str ref_visit_property(uint32_t i);
enum gy_type ref_visit_type(uint32_t i);
/* Whether visits are derived: there are pages, and no event of that name. */
bool ref_has_visits(struct ref_data *data);

int64_t ref_step(const struct gy_zone *zone, int64_t ms, int sign, uint64_t n, enum gy_unit unit);
/* The first day of the day's period, or of the one `back` periods earlier. */
int64_t ref_period_day(int64_t day, enum gy_unit unit, int64_t back);
bool ref_in_window(const struct gy_zone *zone, int64_t now, int64_t t, const struct gy_window *w);

bool ref_text_holds(enum gy_text_op op, struct gy_str s, struct gy_str part);

/* Single questions, of reference_eval.c. */
bool ref_exists(struct ref_data *data, const struct ref_customer *customer, int64_t now_ms);
bool ref_holds(struct ref_data *data, const struct ref_customer *customer,
               const struct gy_expr *expr, int64_t now_ms);
struct ref_value ref_value_of(struct ref_data *data, const struct ref_customer *customer,
                              const struct gy_term *term, int64_t now_ms);
bool ref_passes(struct ref_data *data, const struct ref_event *event, const struct gy_expr *where);
struct ref_value ref_property_of(const struct ref_event *event, struct gy_str name);

/* An exact sum of decimals, as on paper: one digit a column, columns 10^-400 to 10^400. */
enum {
    REF_DIGITS = 800,
    REF_POINT = 400
};
struct ref_sum {
    int64_t columns[REF_DIGITS];
};
void ref_sum_add(struct ref_sum *sum, double value);
double ref_sum_mean(const struct ref_sum *sum, uint64_t n); /* sum / n, rounded once */

#endif
