/* test_why_laws.c - laws of `why` over random definitions and data: it agrees with membership, and its
 * instants are the ones. The data is cut off at now, so that nothing happens; then a test or group that
 * flips at an instant holds as before at every instant until one millisecond before, and no more at it;
 * one that never flips never does. All of that is asked of gy_holds, which knows nothing of `why`. And an
 * answer is the same whether what is later than now is stored or not.
 *
 * Runs for GYEOL_DIFFERENTIAL_SECONDS (15) as test_differential does. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "differential/trial.h"
#include "engine/vocabulary.h"
#include "engine/why.h"
#include "lang/check.h"
#include "lang/print.h"

enum {
    DEFINITIONS = 12,
    INSTANTS = 24,
    N_CHECKED = 3
};

static int64_t seconds(void)
{
    const char *given = getenv("GYEOL_DIFFERENTIAL_SECONDS");
    return given == NULL ? 15 : strtoll(given, NULL, 10);
}

/* ---- data in which nothing is later than now ---- */

/* Not before the lines that name everything. */
static int64_t draw_now(struct trial *t)
{
    int64_t now_ms = trial_now(t);
    for (size_t i = 0; i < t->calls.n_first; i++) {
        int64_t time_ms = t->calls.lines[i].time_ms;
        now_ms = time_ms > now_ms ? time_ms : now_ms;
    }
    return now_ms;
}

/* Drops what is later than now. False where that tells who is who: then customers are others. */
static bool cut_off(struct trial *t, int64_t now_ms)
{
    size_t n_changes = 0;
    bool are_the_same = true;
    for (size_t i = t->calls.n_first; i < t->calls.n_lines; i++) {
        bool is_later = t->calls.lines[i].time_ms > now_ms;
        t->is_dropped[i] = t->is_dropped[i] || is_later;
        are_the_same = are_the_same && !(is_later && t->calls.lines[i].is_link);
    }
    for (size_t i = 0; i < t->n_changes; i++) {
        if (t->changes[i].at_ms <= now_ms)
            t->changes[n_changes++] = t->changes[i];
    }
    t->n_changes = n_changes;
    trial_rebuild(t);
    return are_the_same;
}

/* ---- one answer ---- */

struct asked {
    struct trial *trial;
    struct gy_str text;
    int64_t now_ms;
    uint32_t root;
    uint64_t n_flips;
    uint64_t n_nevers;
    uint64_t n_unforeseen;
};

static bool holds(const struct asked *a, const struct gy_expr *expr, int64_t at_ms)
{
    struct gy_error err = {0};
    bool out = false;
    assert_ok(gy_holds(a->trial->snapshot, expr, at_ms, a->root, &out, &err), &err);
    return out;
}

static void expect(const struct asked *a, const struct gy_why_node *node, int64_t at_ms,
                   bool expected)
{
    char now[GY_TIME_TEXT];
    char at[GY_TIME_TEXT];
    char flip[GY_TIME_TEXT];
    bool is_external;
    if (holds(a, node->expr, at_ms) == expected)
        return;
    struct gy_buf text = {0};
    struct gy_str id = gy_snapshot_id(a->trial->snapshot, a->root, &is_external);
    gy_print_expr(node->expr, &text);
    gy_time_print(a->now_ms, now);
    gy_time_print(at_ms, at);
    gy_time_print(node->flip.at_ms, flip);
    fail_msg(
        "SEED=%llu zone %s, customer %.*s as of %s, in %.*s\n%s\nholds %d, flip %d at %s; as of %s"
        " it is %d",
        (unsigned long long)a->trial->seed, a->trial->zone_name, GY_STR_ARG(id), now,
        GY_STR_ARG(a->text), text.ptr, node->holds, (int)node->flip.kind, flip, at, !expected);
}

/* Mostly soon, where the calendar has much to say, and now and then in another century. */
static int64_t draw_later(struct trial *t, int64_t from_ms, int64_t end_ms)
{
    static const int64_t WITHIN[] = {3 * GY_DAY_MS, 70 * GY_DAY_MS, 800 * GY_DAY_MS,
                                     40000 * GY_DAY_MS};
    int64_t within_ms = WITHIN[gy_test_below(&t->state, 4)];
    int64_t length_ms = end_ms - from_ms < within_ms ? end_ms - from_ms : within_ms;
    return from_ms + (int64_t)gy_test_below(&t->state, (uint64_t)length_ms);
}

static void check_flip(struct asked *a, const struct gy_why_node *node)
{
    const struct gy_flip *flip = &node->flip;
    int64_t end_ms = flip->kind == GY_FLIP_NEVER ? INT64_C(253000000000000) : flip->at_ms;
    assert_true(end_ms > a->now_ms);
    for (unsigned i = 0; i < INSTANTS; i++)
        expect(a, node, draw_later(a->trial, a->now_ms, end_ms), node->holds);
    expect(a, node, end_ms - 1, node->holds);
    if (flip->kind == GY_FLIP_AT)
        expect(a, node, flip->at_ms, !node->holds);
    a->n_flips += flip->kind == GY_FLIP_AT;
    a->n_nevers += flip->kind == GY_FLIP_NEVER;
    a->n_unforeseen += flip->kind == GY_FLIP_UNFORESEEN;
}

/* What is asked as of an earlier instant is part of a test that is asked as of now. */
static void check_node(struct asked *a, const struct gy_why_node *node)
{
    expect(a, node, node->now_ms, node->holds);
    if (node->now_ms == a->now_ms)
        check_flip(a, node);
    for (uint32_t i = 0; i < node->n_children; i++)
        check_node(a, &node->children[i]);
}

static bool is_root(const struct gy_snapshot *s, uint32_t ordinal)
{
    bool is_external;
    return gy_snapshot_find(s, gy_snapshot_id(s, ordinal, &is_external)) == ordinal;
}

static void check_customer(struct asked *a, const struct gy_expr *expr)
{
    struct gy_error err = {0};
    struct gy_why why;
    enum gy_status status = gy_why(a->trial->snapshot, expr, a->now_ms, a->root, NULL, &why, &err);
    if (status == GY_NOT_FOUND)
        return;
    assert_ok(status, &err);
    check_node(a, why.root);
    gy_why_release(&why);
}

static void check_definition(struct asked *a)
{
    struct trial *t = a->trial;
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition definition = {0};
    struct gy_error err = {0};
    /* Without what was cut off, a stored definition may name what was never seen. */
    bool is_valid = gy_define(a->text, &vocabulary, &options, &definition, &err) == GY_OK;
    for (unsigned i = 0; is_valid && i < N_CHECKED; i++) {
        a->root = (uint32_t)gy_test_below(&t->state, gy_snapshot_n_ordinals(t->snapshot));
        if (is_root(t->snapshot, a->root))
            check_customer(a, definition.expr);
    }
    gy_definition_release(&definition);
}

/* ---- what is later than now ---- */

/* What a customer's definition would flip at, asked while what comes later is stored too. */
struct early {
    uint32_t n; /* of DEFINITIONS */
    struct gy_str id;
    enum gy_status status;
    struct gy_flip flip;
};

enum {
    EARLY = 3 * DEFINITIONS
};

static enum gy_status flip_of(struct trial *t, struct gy_str text, struct gy_str id, int64_t now_ms,
                              struct gy_flip *out)
{
    struct gy_vocabulary vocabulary = gy_vocabulary_of(t->snapshot);
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition definition = {0};
    struct gy_error err = {0};
    struct gy_why why = {0};
    uint32_t root = gy_snapshot_find(t->snapshot, id);
    enum gy_status status = root == GY_ID_NONE ? GY_NOT_FOUND : GY_OK;
    if (status == GY_OK)
        status = gy_define(text, &vocabulary, &options, &definition, &err);
    if (status == GY_OK)
        status = gy_why(t->snapshot, definition.expr, now_ms, root, NULL, &why, &err);
    if (status == GY_OK)
        *out = why.root->flip;
    gy_why_release(&why);
    gy_definition_release(&definition);
    return status;
}

static void ask_early(struct trial *t, const struct gy_buf *texts, int64_t now_ms,
                      struct early *out)
{
    for (unsigned i = 0; i < EARLY; i++) {
        struct early *e = &out[i];
        e->n = i % DEFINITIONS;
        e->id = random_id(&t->state, &t->calls, &t->arena);
        e->status = flip_of(t, gy_buf_view(&texts[e->n]), e->id, now_ms, &e->flip);
    }
}

/* The same once it is not. */
static void ask_again(struct trial *t, const struct gy_buf *texts, int64_t now_ms,
                      const struct early *early)
{
    for (unsigned i = 0; i < EARLY; i++) {
        const struct early *e = &early[i];
        struct gy_flip flip = {0};
        enum gy_status status = flip_of(t, gy_buf_view(&texts[e->n]), e->id, now_ms, &flip);
        if (e->status != GY_OK || status != GY_OK)
            continue; /* names that were never seen then; customers who came later */
        if (flip.kind != e->flip.kind || flip.at_ms != e->flip.at_ms)
            fail_msg("SEED=%llu customer %.*s in %s as of %lld: flip %d at %lld, with what comes"
                     " later %d at %lld",
                     (unsigned long long)t->seed, GY_STR_ARG(e->id), texts[e->n].ptr,
                     (long long)now_ms, (int)flip.kind, (long long)flip.at_ms, (int)e->flip.kind,
                     (long long)e->flip.at_ms);
    }
}

/* ---- running ---- */

static void check_trial(struct asked *a)
{
    struct trial *t = a->trial;
    struct gy_buf texts[DEFINITIONS] = {0};
    struct early early[EARLY];
    a->now_ms = draw_now(t);
    for (unsigned i = 0; i < DEFINITIONS; i++)
        trial_text(t, i % 3, false, &texts[i]);
    ask_early(t, texts, a->now_ms, early);
    if (cut_off(t, a->now_ms))
        ask_again(t, texts, a->now_ms, early);
    for (unsigned i = 0; i < DEFINITIONS; i++) {
        a->text = gy_buf_view(&texts[i]);
        check_definition(a);
        gy_buf_release(&texts[i]);
    }
}

static void why_agrees_and_its_instants_are_exact(void **unused)
{
    (void)unused;
    struct trial_options options = {.most_persons = 5, .most_calls = 40};
    uint64_t seed = gy_test_seed();
    int64_t end_us = gy_monotonic_us() + seconds() * 1000000;
    struct asked a = {0};
    uint64_t n_trials = 0;
    do {
        struct trial trial;
        n_trials++;
        trial_open(&trial, seed++, &options);
        a.trial = &trial;
        check_trial(&a);
        trial_close(&trial);
    } while (gy_monotonic_us() < end_us);
    printf("flips %llu, never %llu, not foreseeable %llu\n", (unsigned long long)a.n_flips,
           (unsigned long long)a.n_nevers, (unsigned long long)a.n_unforeseen);
    assert_true(a.n_nevers > 0);
    assert_true(n_trials < 20 || (a.n_flips > 0 && a.n_unforeseen > 0)); /* the law is not idle */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {cmocka_unit_test(why_agrees_and_its_instants_are_exact)};
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, NULL, NULL);
}
