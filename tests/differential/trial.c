/* trial.c - the same calls and definitions into a store and into the reference. */
#include "differential/trial.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/vocabulary.h"
#include "harness.h"
#include "ingest/segment_spec.h"
#include "lang/check.h"
#include "store/writer.h"

static bool one_in(struct trial *t, uint64_t n)
{
    return gy_test_below(&t->state, n) == 0;
}

/* ---- drawing ---- */

static void draw_actions(struct trial *t)
{
    static const uint64_t EVERY[] = {3, 10, 40, 1000000};
    uint64_t every = EVERY[gy_test_below(&t->state, 4)];
    bool tidies = one_in(t, 2);
    t->actions = GY_NEW_ARRAY(&t->arena, enum trial_action, t->calls.n_lines + 1);
    t->is_dropped = GY_NEW_ARRAY(&t->arena, bool, t->calls.n_lines + 1);
    if (t->options.is_order_free) {
        t->actions[t->calls.n_first - 1] = TRIAL_COMMIT;
    }
    for (size_t i = t->calls.n_first; i < t->calls.n_lines; i++) {
        if (!one_in(t, every)) {
            continue;
        }
        t->actions[i] = one_in(t, 2) ? TRIAL_COMMIT : TRIAL_COMMIT_LOG;
        if (tidies && one_in(t, 4)) {
            t->actions[i] = one_in(t, 2)   ? TRIAL_MAINTAIN
                            : one_in(t, 2) ? TRIAL_COMPACT
                                           : TRIAL_REOPEN;
        }
    }
}

static void draw_lists(struct trial *t)
{
    enum {
        MOST = 12
    };
    static const char *const NAMES[] = {"newsletter", "휴면 list"};
    t->n_lists = 2;
    t->lists = GY_NEW_ARRAY(&t->arena, struct trial_list, 2);
    for (size_t i = 0; i < t->n_lists; i++) {
        struct trial_list *list = &t->lists[i];
        list->name = gy_str_of(NAMES[i]);
        list->n = gy_test_below(&t->state, MOST);
        list->ids = GY_NEW_ARRAY(&t->arena, struct gy_str, MOST);
        for (size_t k = 0; k < list->n; k++) {
            list->ids[k] = random_id(&t->state, &t->calls, &t->arena);
        }
    }
}

static void draw_changes(struct trial *t)
{
    enum {
        MOST = 24
    };
    t->changes = GY_NEW_ARRAY(&t->arena, struct trial_change, MOST);
    for (size_t i = gy_test_below(&t->state, MOST); i > 0; i--) {
        const struct trial_text *text = &t->texts[gy_test_below(&t->state, t->n_texts)];
        if (!text->is_metric) {
            t->changes[t->n_changes++] =
                (struct trial_change){text->name, random_id(&t->state, &t->calls, &t->arena),
                                      one_in(t, 2), random_instant(&t->state, &t->calls)};
        }
    }
}

/* Segments and metrics, each of which may refer to those before. */
static void draw_texts(struct trial *t)
{
    static const char *const NAMES[] = {"aov", "단골", "last", "At risk", "m3", "quiet"};
    enum {
        N = 6
    };
    t->texts = GY_NEW_ARRAY(&t->arena, struct trial_text, N);
    for (size_t i = 0; i < N; i++) {
        struct gy_buf text = {0};
        random_names_init(&t->names, &t->vocabulary);
        struct random_definition_options o = {
            .names = &t->names, .calls = &t->calls, .depth = 1, .without = t->options.without};
        struct trial_text *one = &t->texts[t->n_texts++];
        one->is_metric = i % 2 == 0;
        one->name = gy_str_of(NAMES[i]);
        if (one->is_metric) {
            random_value(&t->state, &o, &text);
        } else {
            random_expr(&t->state, &o, &text);
        }
        one->text = gy_arena_str(&t->arena, gy_buf_view(&text));
        random_names_release(&t->names);
        gy_buf_release(&text);
        (one->is_metric ? ref_data_metric : ref_data_segment)(t->reference, one->name, one->text);
    }
}

/* ---- strangers ---- */

enum {
    STRANGER_LINES = 2
};

static void put_stranger(const struct trial *t, uint32_t number, unsigned line, struct gy_buf *out)
{
    char time[GY_TIME_TEXT];
    gy_time_print(t->calls.instants[1], time);
    gy_buf_printf(out, "{\"userId\":\"stranger-%u\",\"timestamp\":\"%s\",\"messageId\":\"s\",",
                  number, time);
    gy_buf_text(out, line == 0 ? "\"type\":\"identify\",\"traits\":{\"score\":2,\"region\":\"a\"}}"
                               : "\"type\":\"track\",\"event\":\"Page Viewed\",\"properties\":"
                                 "{\"url\":\"https://www.shop.kr/\",\"시간\":3}}");
}

/* Before which line the strangers come. */
static size_t strangers_place(const struct trial *t)
{
    return t->n_strangers == 0 ? SIZE_MAX
                               : t->calls.n_first + (t->calls.n_lines - t->calls.n_first) / 2;
}

/* Whether chance decides whom of them an answer has. */
static bool is_sampled(const struct trial *t, struct gy_str text)
{
    bool found = gy_str_contains(text, GY_STR("sample("));
    for (size_t i = 0; i < t->n_texts; i++) {
        found = found || gy_str_contains(t->texts[i].text, GY_STR("sample("));
    }
    return found;
}

/* ---- the reference ---- */

static bool ends_a_file(const struct trial *t, size_t line)
{
    return t->actions[line] != TRIAL_GO_ON;
}

static void build_reference(struct trial *t)
{
    struct gy_buf lines = {0};
    for (size_t i = 0; i < t->calls.n_lines; i++) {
        for (unsigned k = 0; k < STRANGER_LINES && i == strangers_place(t); k++) {
            put_stranger(t, 0, k, &lines);
            gy_buf_char(&lines, '\n');
        }
        if (!t->is_dropped[i]) {
            random_calls_text(&t->calls, i, i + 1, &lines);
            gy_buf_text(&lines, ends_a_file(t, i) ? "\n" : "");
        }
    }
    t->reference = ref_data_new(gy_buf_view(&lines), t->zone);
    gy_buf_release(&lines);
    for (size_t i = 0; i < t->n_lists; i++) {
        ref_data_list(t->reference, t->lists[i].name, t->lists[i].ids, t->lists[i].n);
    }
    for (size_t i = 0; i < t->n_texts; i++) {
        const struct trial_text *one = &t->texts[i];
        (one->is_metric ? ref_data_metric : ref_data_segment)(t->reference, one->name, one->text);
    }
    for (size_t i = 0; i < t->n_changes; i++) {
        const struct trial_change *c = &t->changes[i];
        ref_data_change(t->reference, c->segment, c->id, c->entered, c->at_ms);
    }
    t->vocabulary = ref_vocabulary(t->reference);
}

/* ---- the store ---- */

static void add_line(struct trial *t, struct gy_writer *w, struct gy_spec_parser *parser,
                     struct gy_str json)
{
    struct gy_error err = {0};
    struct gy_call call;
    if (gy_spec_parse(parser, json, t->zone, &call, &err) != GY_OK ||
        gy_writer_add(w, &call, &err) != GY_OK) {
        fail_msg("SEED=%llu: %s: %.*s", (unsigned long long)t->seed, err.message, GY_STR_ARG(json));
    }
}

static void add_strangers(struct trial *t, struct gy_writer *w, struct gy_spec_parser *parser)
{
    for (uint32_t i = 0; i < t->n_strangers; i++) {
        for (unsigned k = 0; k < STRANGER_LINES; k++) {
            struct gy_buf line = {0};
            put_stranger(t, i, k, &line);
            add_line(t, w, parser, gy_buf_view(&line));
            gy_buf_release(&line);
        }
    }
}

static void act(struct trial *t, struct gy_writer **w, enum trial_action action)
{
    struct gy_error err = {0};
    enum gy_status status = GY_OK;
    switch (action) {
    case TRIAL_GO_ON:
        return;
    case TRIAL_COMMIT_LOG:
        status = gy_writer_commit_log(*w, NULL, &err);
        break;
    case TRIAL_COMMIT:
    case TRIAL_MAINTAIN:
    case TRIAL_COMPACT:
    case TRIAL_REOPEN:
        status = gy_writer_commit(*w, 0, NULL, &err);
        break;
    }
    if (status == GY_OK && action == TRIAL_MAINTAIN) {
        status = gy_writer_maintain(*w, &err);
    } else if (status == GY_OK && action == TRIAL_COMPACT) {
        status = gy_writer_compact(*w, &err);
    } else if (status == GY_OK && action == TRIAL_REOPEN) {
        gy_writer_close(*w);
        status = gy_writer_open(t->dir, w, &err);
    }
    if (status != GY_OK) {
        fail_msg("SEED=%llu: %s", (unsigned long long)t->seed, err.message);
    }
}

static void define(struct trial *t, struct gy_writer *w)
{
    struct gy_error err = {0};
    struct gy_str none = {"", 0};
    struct gy_change changes[64];
    for (size_t i = 0; i < t->n_lists; i++) {
        const struct trial_list *list = &t->lists[i];
        assert_ok(gy_writer_put_list(w, list->name, list->ids, list->n, false, &err), &err);
    }
    for (size_t i = 0; i < t->n_texts; i++) {
        const struct trial_text *one = &t->texts[i];
        if (one->is_metric) {
            assert_ok(gy_writer_put_metric(w, one->name, one->text, &err), &err);
        } else {
            assert_ok(
                gy_writer_put_segment(w, one->name, one->text, GY_STR("{}"), none, none, &err),
                &err);
        }
    }
    for (size_t i = 0; i < t->n_changes; i++) {
        const struct trial_change *c = &t->changes[i];
        changes[i] = (struct gy_change){c->segment, c->id, c->entered, c->at_ms};
    }
    assert_ok(gy_writer_record_changes(w, changes, t->n_changes, &err), &err);
}

static void build_store(struct trial *t)
{
    struct gy_error err = {0};
    struct gy_writer *w = NULL;
    struct gy_init_options options = {.time_zone = t->zone_name};
    struct gy_spec_parser *parser = gy_spec_parser_new();
    /* In memory where that can be: the syncing of files is not what is tested. */
    snprintf(t->dir, sizeof t->dir, "%s/gyeol-differential-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(t->dir));
    assert_int_equal(rmdir(t->dir), 0);
    assert_ok(gy_workspace_init(t->dir, &options, &err), &err);
    assert_ok(gy_writer_open(t->dir, &w, &err), &err);
    for (size_t i = 0; i < t->calls.n_lines; i++) {
        if (i == strangers_place(t)) {
            add_strangers(t, w, parser);
        }
        if (!t->is_dropped[i]) {
            add_line(t, w, parser, t->calls.lines[i].json);
            act(t, &w, t->actions[i]);
        }
    }
    act(t, &w, TRIAL_COMMIT);
    define(t, w);
    gy_writer_close(w);
    gy_spec_parser_free(parser);
    assert_ok(gy_snapshot_open(t->dir, &t->snapshot, &err), &err);
}

static int remove_one(const char *path, const struct stat *about, int flag, struct FTW *walk)
{
    (void)about;
    (void)flag;
    (void)walk;
    return remove(path);
}

static void unbuild(struct trial *t)
{
    random_names_release(&t->names);
    if (t->reference != NULL) {
        ref_data_free(t->reference);
        t->reference = NULL;
    }
    if (t->snapshot != NULL) {
        gy_snapshot_close(t->snapshot);
        t->snapshot = NULL;
        nftw(t->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    }
}

void trial_rebuild(struct trial *t)
{
    unbuild(t);
    build_reference(t);
    random_names_init(&t->names, &t->vocabulary);
    build_store(t);
}

/* ---- from outside ---- */

/* Mostly some customers with some calls; now and then a few with many, or many with a few. */
static struct random_calls_options draw_size(struct trial *t)
{
    uint32_t most_persons = t->options.most_persons;
    uint32_t most_calls = t->options.most_calls;
    uint64_t what = gy_test_below(&t->state, 8);
    if (what == 0) {
        most_persons = 3;
        most_calls *= 6;
    } else if (what == 1) { /* each is compared with each where a population is asked about */
        most_persons *= 10;
        most_calls = 4;
        t->options.without |= RANDOM_WITHOUT_POPULATIONS;
    }
    return (struct random_calls_options){
        .zone = t->zone,
        .n_persons = 1 + (uint32_t)gy_test_below(&t->state, most_persons),
        .calls_per_person = 1 + (uint32_t)gy_test_below(&t->state, most_calls),
        .without_device_aliases = t->options.is_order_free};
}

void trial_open(struct trial *t, uint64_t seed, const struct trial_options *options)
{
    static const char *const ZONES[] = {"Asia/Seoul", "America/New_York", "Europe/London", "UTC",
                                        "Pacific/Apia"};
    struct gy_error err;
    *t = (struct trial){.seed = seed, .state = seed, .options = *options};
    t->zone_name = ZONES[gy_test_below(&t->state, 5)];
    assert_ok(gy_zone_open(t->zone_name, &t->zone, &err), &err);
    struct random_calls_options o = draw_size(t);
    random_calls_make(&t->state, &o, &t->calls);
    if (one_in(t, 2)) {
        random_calls_repeat(&t->state, &t->calls, 4);
    }
    t->n_strangers = options->with_strangers ? 2 * 65536 + 1000 : 0;
    draw_actions(t);
    draw_lists(t);
    build_reference(t);
    draw_texts(t);
    draw_changes(t);
    trial_rebuild(t);
}

void trial_close(struct trial *t)
{
    unbuild(t);
    random_calls_release(&t->calls);
    gy_zone_close(t->zone);
    gy_arena_release(&t->arena);
    *t = (struct trial){0};
}

void trial_reorder(struct trial *t)
{
    random_calls_permute(&t->state, &t->calls);
    random_calls_repeat(&t->state, &t->calls, 3);
    draw_actions(t);
    trial_rebuild(t);
}

void trial_text(struct trial *t, uint32_t depth, bool is_value, struct gy_buf *text)
{
    struct random_definition_options o = {
        .names = &t->names, .calls = &t->calls, .depth = depth, .without = t->options.without};
    (is_value ? random_value : random_expr)(&t->state, &o, text);
}

int64_t trial_now(struct trial *t)
{
    if (one_in(t, 30)) {
        return INT64_C(4102444800000); /* 2100-01-01 */
    }
    return one_in(t, 2) ? t->calls.centre_ms : random_instant(&t->state, &t->calls);
}

bool trial_ask_reference(const struct trial *t, struct gy_str text, int64_t now_ms,
                         struct gy_buf *members, struct gy_error *err)
{
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition definition = {0};
    bool is_valid = gy_define(text, &t->vocabulary, &options, &definition, err) == GY_OK;
    if (is_valid) {
        ref_members(t->reference, definition.expr, now_ms, members);
    }
    gy_definition_release(&definition);
    return is_valid;
}

static int by_text(const void *x, const void *y)
{
    const struct gy_str *a = x;
    const struct gy_str *b = y;
    return gy_str_compare(*a, *b);
}

static void put_sorted(struct gy_str *lines, size_t n, struct gy_buf *out)
{
    qsort(lines, n, sizeof *lines, by_text);
    for (size_t i = 0; i < n; i++) {
        gy_buf_str(out, lines[i]);
        gy_buf_char(out, '\n');
    }
}

static void put_ids(const struct trial *t, struct gy_str text, const roaring_bitmap_t *audience,
                    struct gy_buf *out)
{
    uint64_t n = roaring_bitmap_get_cardinality(audience);
    uint32_t *ordinals = gy_alloc_zero(n + 1, sizeof *ordinals);
    struct gy_str *ids = gy_alloc_zero(n + 1, sizeof *ids);
    size_t n_ids = 0;
    uint32_t n_strangers = 0;
    roaring_bitmap_to_uint32_array(audience, ordinals);
    for (uint64_t i = 0; i < n; i++) {
        bool is_external;
        struct gy_str id = gy_snapshot_id(t->snapshot, ordinals[i], &is_external);
        bool is_stranger = gy_str_starts_with(id, GY_STR("stranger-"));
        n_strangers += is_stranger;
        if (!is_stranger || gy_str_equal(id, GY_STR("stranger-0"))) {
            ids[n_ids++] = id;
        }
    }
    put_sorted(ids, n_ids, out);
    if (n_strangers != 0 && n_strangers != t->n_strangers && !is_sampled(t, text)) {
        gy_buf_printf(out, "%u of %u strangers\n", n_strangers, t->n_strangers);
    }
    free(ordinals);
    free(ids);
}

roaring_bitmap_t *trial_audience(const struct trial *t, struct gy_str text, int64_t now_ms,
                                 const struct gy_run_options *options, struct gy_error *err)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct gy_check_options check = {.allow_unknown = true};
    struct gy_definition definition = {0};
    roaring_bitmap_t *audience = NULL;
    if (gy_define(text, &vocabulary, &check, &definition, err) == GY_OK &&
        gy_audience(t->snapshot, definition.expr, now_ms, options, &audience, err) != GY_OK) {
        audience = NULL;
    }
    gy_definition_release(&definition);
    return audience;
}

bool trial_ask_engine(const struct trial *t, struct gy_str text, int64_t now_ms,
                      const struct gy_run_options *options, struct gy_buf *members,
                      struct gy_error *err)
{
    roaring_bitmap_t *audience = trial_audience(t, text, now_ms, options, err);
    if (audience == NULL) {
        return false;
    }
    put_ids(t, text, audience, members);
    roaring_bitmap_free(audience);
    return true;
}

bool trial_holds(const struct trial *t, struct gy_str text, int64_t now_ms, uint32_t ordinal,
                 bool *holds, struct gy_error *err)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct gy_check_options check = {.allow_unknown = true};
    struct gy_definition definition = {0};
    *holds = false;
    bool is_answered = gy_define(text, &vocabulary, &check, &definition, err) == GY_OK &&
                       gy_holds(t->snapshot, definition.expr, now_ms, ordinal, holds, err) == GY_OK;
    gy_definition_release(&definition);
    return is_answered;
}

/* ---- values ---- */

bool trial_value_of_reference(const struct trial *t, struct gy_str text, int64_t now_ms,
                              struct gy_buf *values, struct gy_error *err)
{
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition definition = {0};
    bool is_valid = gy_define_value(text, &t->vocabulary, &options, &definition, err) == GY_OK;
    if (is_valid) {
        ref_values(t->reference, definition.term, now_ms, values);
    }
    gy_definition_release(&definition);
    return is_valid;
}

static void put_cell(const struct gy_value_column *column, uint32_t row, struct gy_buf *out)
{
    char time[GY_TIME_TEXT];
    switch (column->type) {
    case GY_TYPE_NUMBER:
        gy_buf_printf(out, "%.17g", column->numbers[row] + 0.0);
        break;
    case GY_TYPE_BOOL:
        gy_buf_text(out, column->numbers[row] != 0 ? "true" : "false");
        break;
    case GY_TYPE_TIME:
        gy_time_print(column->times_ms[row], time);
        gy_buf_text(out, time);
        break;
    case GY_TYPE_STRING:
        gy_buf_str(out, column->texts[row]);
        break;
    case GY_TYPE_LIST:
    case GY_TYPE_ANY:
        break;
    }
}

static void put_table(const struct trial *t, const struct gy_value_table *table, struct gy_buf *out)
{
    struct gy_arena arena = {0};
    struct gy_str *lines = GY_NEW_ARRAY(&arena, struct gy_str, (size_t)table->n_rows + 1);
    const struct gy_value_column *column = &table->columns[0];
    size_t n = 0;
    for (uint32_t i = 0; i < table->n_rows; i++) {
        if ((column->known[i / 64] >> (i % 64) & 1) != 0) {
            struct gy_buf line = {0};
            bool is_external;
            gy_buf_str(&line, gy_snapshot_id(t->snapshot, table->ordinals[i], &is_external));
            gy_buf_char(&line, ' ');
            put_cell(column, i, &line);
            lines[n++] = gy_arena_str(&arena, gy_buf_view(&line));
            gy_buf_release(&line);
        }
    }
    put_sorted(lines, n, out);
    gy_arena_release(&arena);
}

bool trial_value_of_engine(const struct trial *t, struct gy_str text, int64_t now_ms,
                           const struct gy_run_options *options, struct gy_buf *values,
                           struct gy_error *err)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct gy_check_options check = {.allow_unknown = true};
    struct gy_definition definition = {0};
    struct gy_value_table table = {0};
    roaring_bitmap_t *everyone = trial_audience(t, GY_STR("everyone"), now_ms, options, err);
    bool is_answered = everyone != NULL &&
                       gy_define_value(text, &vocabulary, &check, &definition, err) == GY_OK &&
                       gy_values(t->snapshot, (const struct gy_term *const[]){definition.term}, 1,
                                 everyone, now_ms, options, &table, err) == GY_OK;
    if (is_answered) {
        put_table(t, &table, values);
    }
    gy_value_table_release(&table);
    gy_definition_release(&definition);
    if (everyone != NULL) {
        roaring_bitmap_free(everyone);
    }
    return is_answered;
}
