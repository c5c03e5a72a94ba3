/* test_template.c - what must hold of every template: that it says what it needs, that no value can
 * be more than a value, that its ranges are kept, that both languages are there. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "harness.h"

#include "base/text.h"
#include "lang/json.h"
#include "lang/parser.h"
#include "lang/print.h"
#include "lang/quote.h"
#include "lang/template.h"

/* ---- a vocabulary of what a template says it needs, and of nothing else ---- */

struct needs {
    const struct gy_template *t;
    const struct gy_template_filled *filled;
    const struct gy_template_param *hidden; /* one that is not known, or NULL */
};

static bool is_of_kind(const struct needs *n, const struct gy_template_param *p,
                       enum gy_name_kind kind, uint32_t scope)
{
    switch (kind) {
    case GY_NAME_EVENT:
        return p->kind == GY_PARAM_EVENT;
    case GY_NAME_PROPERTY:
        return p->kind == GY_PARAM_PROPERTY && strcmp(p->of, n->t->params[scope].name) == 0;
    case GY_NAME_TRAIT:
        return p->kind == GY_PARAM_TRAIT;
    case GY_NAME_SEGMENT:
        return p->kind == GY_PARAM_SEGMENT;
    case GY_NAME_LIST:
    case GY_NAME_METRIC:
        return false;
    }
    return false;
}

static uint32_t find_need(void *context, enum gy_name_kind kind, uint32_t scope, struct gy_str name)
{
    const struct needs *n = context;
    for (uint32_t i = 0; n->t->params[i].name != NULL; i++) {
        const struct gy_template_param *p = &n->t->params[i];
        if (p != n->hidden && is_of_kind(n, p, kind, scope) &&
            gy_str_equal(n->filled->values[i], name)) {
            return i;
        }
    }
    return GY_NAME_UNKNOWN;
}

static enum gy_type type_of_need(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t id)
{
    const struct needs *n = context;
    (void)kind;
    (void)scope;
    return n->t->params[id].type;
}

static struct gy_str text_of_need(void *context, enum gy_name_kind kind, uint32_t id)
{
    (void)context;
    (void)kind;
    (void)id;
    return GY_STR("everyone");
}

static bool no_name_at(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t i,
                       struct gy_str *name)
{
    (void)context;
    (void)kind;
    (void)scope;
    (void)i;
    (void)name;
    return false;
}

static struct gy_vocabulary vocabulary_of(struct needs *n)
{
    return (struct gy_vocabulary){.context = n,
                                  .find = find_need,
                                  .type = type_of_need,
                                  .text = text_of_need,
                                  .name_at = no_name_at};
}

/* ---- filling in ---- */

static enum gy_status fill_one(const struct gy_template *t, const char *name, const char *value,
                               struct gy_template_filled *out, struct gy_error *err)
{
    struct gy_template_setting setting = {gy_str_of(name), gy_str_of(value)};
    struct gy_template_options options = {&setting, 1, true};
    return gy_template_fill(t, &options, out, err);
}

static void fill_examples(const struct gy_template *t, struct gy_template_filled *out)
{
    struct gy_error err = {0};
    struct gy_template_options options = {.with_examples = true};
    if (gy_template_fill(t, &options, out, &err) != GY_OK) {
        fail_msg("%s: %s", t->name, err.message);
    }
}

static const struct gy_template *template_named(const char *name)
{
    const struct gy_template *t = NULL;
    struct gy_error err = {0};
    assert_ok(gy_template_find(gy_str_of(name), &t, &err), &err);
    return t;
}

static enum gy_status check(struct needs *n, struct gy_error *err)
{
    struct gy_vocabulary vocabulary = vocabulary_of(n);
    struct gy_definition tree = {0};
    enum gy_status status = gy_define(gy_buf_view(&n->filled->text), &vocabulary, NULL, &tree, err);
    gy_definition_release(&tree);
    return status;
}

static void assert_filled(const char *name, const char *param, const char *value, const char *text)
{
    struct gy_template_filled filled;
    struct gy_error err = {0};
    assert_ok(fill_one(template_named(name), param, value, &filled, &err), &err);
    assert_string_equal(filled.text.ptr, text);
    gy_template_filled_release(&filled);
}

static void assert_refused(const struct gy_template *t, const char *param, const char *value,
                           const char *says)
{
    struct gy_template_filled filled;
    struct gy_error err = {0};
    if (fill_one(t, param, value, &filled, &err) == GY_OK) {
        fail_msg("%s takes %s=%s", t->name, param, value);
    }
    assert_int_equal(err.status, GY_INVALID);
    if (strstr(err.message, says) == NULL) {
        fail_msg("%s, %s=%s: %s", t->name, param, value, err.message);
    }
    gy_template_filled_release(&filled);
}

/* ---- every template ---- */

static void checks_against_what_it_needs_and_nothing_less(void **state)
{
    (void)state;
    const struct gy_template *t;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        struct gy_template_filled filled;
        struct gy_error err = {0};
        fill_examples(t, &filled);
        struct needs needs = {t, &filled, NULL};
        if (check(&needs, &err) != GY_OK) {
            fail_msg("%s: %s\n%s", t->name, err.message, filled.text.ptr);
        }
        for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
            needs.hidden = p;
            if (p->kind <= GY_PARAM_SEGMENT && check(&needs, &err) == GY_OK) {
                fail_msg("%s does not need its %s", t->name, p->name);
            }
        }
        gy_template_filled_release(&filled);
    }
    assert_true(gy_template_at(0) != NULL);
}

static void comes_out_as_canonical_text(void **state)
{
    (void)state;
    const struct gy_template *t;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        struct gy_template_filled filled;
        struct gy_definition tree = {0};
        struct gy_error err = {0};
        struct gy_buf again = {0};
        fill_examples(t, &filled);
        assert_ok(gy_parse(gy_buf_view(&filled.text), &tree, &err), &err);
        gy_print_expr(tree.expr, &again);
        assert_string_equal(filled.text.ptr, again.ptr);
        gy_buf_release(&again);
        gy_definition_release(&tree);
        gy_template_filled_release(&filled);
    }
}

static bool has_hangul(const char *text)
{
    for (struct gy_str s = gy_str_of(text); s.len > 0;) {
        uint32_t c = gy_text_next(&s);
        if (c >= 0xAC00 && c <= 0xD7A3) {
            return true;
        }
    }
    return false;
}

static void assert_both(const char *name, const char *const texts[GY_TEMPLATE_LANGUAGES])
{
    if (!gy_text_is_ascii(gy_str_of(texts[GY_TEMPLATE_EN])) || texts[GY_TEMPLATE_EN][0] == '\0') {
        fail_msg("%s in English: %s", name, texts[GY_TEMPLATE_EN]);
    }
    bool is_korean = has_hangul(texts[GY_TEMPLATE_KO]) || strcmp(texts[GY_TEMPLATE_KO], "VIP") == 0;
    if (!is_korean || !gy_text_is_utf8(gy_str_of(texts[GY_TEMPLATE_KO]))) {
        fail_msg("%s in Korean: %s", name, texts[GY_TEMPLATE_KO]);
    }
}

static void speaks_both_languages(void **state)
{
    (void)state;
    const struct gy_template *t;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        assert_both(t->name, t->title);
        assert_both(t->name, t->purpose);
        assert_both(t->name, t->action);
        for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
            assert_both(p->name, p->about);
        }
    }
    assert_int_equal(gy_template_language_of("ko"), GY_TEMPLATE_KO);
    assert_int_equal(gy_template_language_of("en"), GY_TEMPLATE_EN);
    for (enum gy_template_group group = 0; group < GY_TEMPLATE_GROUPS; group++) {
        assert_true(has_hangul(gy_template_group_title(group, GY_TEMPLATE_KO)));
    }
}

static void has_a_name_of_its_own_that_is_one_word(void **state)
{
    (void)state;
    const struct gy_template *t;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        assert_false(gy_quote_is_needed(gy_str_of(t->name), GY_NAME_ALONE));
        assert_ptr_equal(template_named(t->name), t);
        assert_true(i == 0 || t->group >= gy_template_at(i - 1)->group);
    }
}

static bool is_param(const struct gy_template *t, const char *name, enum gy_param_kind kind)
{
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0) {
            return p->kind == kind;
        }
    }
    return false;
}

static void uses_each_parameter(void **state)
{
    (void)state;
    const struct gy_template *t;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
            char hole[64];
            snprintf(hole, sizeof hole, "{%s}", p->name);
            assert_non_null(strstr(t->text, hole));
            assert_true(p->of == NULL || is_param(t, p->of, GY_PARAM_EVENT));
            assert_true(p->above == NULL || is_param(t, p->above, p->kind));
        }
        /* template.h (1): what stands in quotes came in by a parameter */
        assert_null(strchr(t->text, '"'));
    }
}

/* The kinds of segments that every shop asks for. */
static void offers_every_usual_kind(void **state)
{
    (void)state;
    static const char *const names[] = {"demographic",
                                        "geographic",
                                        "psychographic",
                                        "frequent_buyer",
                                        "loyal_customer",
                                        "occasion_buyer",
                                        "first_time_buyer",
                                        "one_time_buyer",
                                        "lapsing",
                                        "lapsed",
                                        "win_back",
                                        "vip",
                                        "high_spender",
                                        "big_basket",
                                        "price_sensitive",
                                        "cherry_picker",
                                        "frequent_returner",
                                        "frequent_canceller",
                                        "high_maintenance",
                                        "interested_not_bought",
                                        "abandoned_cart",
                                        "category_affinity",
                                        "channel_preference",
                                        "promoter",
                                        "detractor",
                                        "new_customer",
                                        "birthday_soon",
                                        "churn_risk",
                                        "moved"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(template_named(names[i])->name, names[i]);
    }
}

static void suggests_the_nearest(void **state)
{
    (void)state;
    const struct gy_template *t = NULL;
    struct gy_error err = {0};
    assert_int_equal(gy_template_find(GY_STR("lapsde"), &t, &err), GY_NOT_FOUND);
    assert_string_equal(err.message, "there is no template \"lapsde\"");
    assert_string_equal(err.hint, "Did you mean \"lapsed\"?");
    assert_int_equal(gy_template_find(GY_STR("champions"), &t, &err), GY_NOT_FOUND);
    assert_string_equal(err.hint, "Did you mean \"rfm_champions\"?");
    assert_int_equal(gy_template_find(GY_STR("big"), &t, &err), GY_NOT_FOUND);
    assert_string_equal(err.hint, "Did you mean \"big_basket\"?");
    assert_int_equal(gy_template_find(GY_STR("\xff"), &t, &err), GY_NOT_FOUND);
    assert_string_equal(err.hint, "");
}

/* ---- texts, worked by hand ---- */

static void fills_in_what_is_set(void **state)
{
    (void)state;
    assert_filled("frequent_buyer", "orders", "4", "count(\"Order Completed\" last 1 year) >= 4");
    assert_filled("frequent_buyer", "window", "1 MONTH",
                  "count(\"Order Completed\" last 1 month) >= 6");
    assert_filled("frequent_buyer", "order", "Purchase", "count(Purchase last 1 year) >= 6");
    assert_filled("frequent_buyer", "order", "did", "count(\"did\" last 1 year) >= 6");
    assert_filled("frequent_buyer", "order", "구매", "count(구매 last 1 year) >= 6");
    assert_filled("spend_at_least", "amount", "1_000_000",
                  "sum(\"Order Completed\".revenue last 1 year) >= 1000000");
    assert_filled("occasion_buyer", "months", "1, 12",
                  "count(\"Order Completed\") >= 2 and count(\"Order Completed\" where month() in "
                  "(1, 12)) = count(\"Order Completed\")");
    assert_filled("moved", "from", "Gold",
                  "in segment(Gold 30 days ago) and in segment(rfm_at_risk)");
}

static void reads_texts_between_commas(void **state)
{
    (void)state;
    assert_filled("geographic", "regions", "서울", "trait.region in (\"서울\")");
    assert_filled("geographic", "regions", " 서울 ,New York",
                  "trait.region in (\"서울\", \"New York\")");
    assert_filled("geographic", "regions", "\"Busan, South\", a",
                  "trait.region in (\"Busan, South\", \"a\")");
    assert_filled("geographic", "regions", "\"say \"\"hi\"\"\"",
                  "trait.region in (\"say \\\"hi\\\"\")");
    assert_filled("geographic", "regions", "a\"b", "trait.region in (\"a\\\"b\")");
    const struct gy_template *t = template_named("geographic");
    assert_refused(t, "regions", "", "it is empty");
    assert_refused(t, "regions", "a,,b", "it is empty");
    assert_refused(t, "regions", "a,", "it is empty");
    assert_refused(t, "regions", "\"a", "not closed");
    assert_refused(t, "regions", "\"a\"b", "not closed");
}

static void joins_letters_that_belong_together(void **state)
{
    (void)state;
    assert_filled("frequent_buyer", "order", "Cafe\xcc\x81", "count(Caf\xc3\xa9 last 1 year) >= 6");
}

/* ---- what is refused ---- */

static void refuses_names_it_does_not_have(void **state)
{
    (void)state;
    const struct gy_template *t = template_named("lapsed");
    assert_refused(t, "day", "3", "template \"lapsed\" has no parameter \"day\"");
    struct gy_template_setting twice[] = {{GY_STR("days"), GY_STR("3")},
                                          {GY_STR("days"), GY_STR("4")}};
    struct gy_template_options options = {twice, 2, false};
    struct gy_template_filled filled;
    struct gy_error err = {0};
    assert_int_equal(gy_template_fill(t, &options, &filled, &err), GY_INVALID);
    assert_string_equal(err.message, "parameter \"days\" of template \"lapsed\": it is set twice");
    gy_template_filled_release(&filled);
}

static void asks_for_what_it_requires(void **state)
{
    (void)state;
    const struct gy_template *t;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        struct gy_template_options none = {0};
        struct gy_template_filled filled;
        struct gy_error err = {0};
        const struct gy_template_param *p = t->params;
        while (p->name != NULL && !p->is_required) {
            p++;
        }
        enum gy_status status = gy_template_fill(t, &none, &filled, &err);
        assert_int_equal(status, p->name == NULL ? GY_OK : GY_INVALID);
        assert_true(status == GY_OK || strstr(err.message, p->name) != NULL);
        gy_template_filled_release(&filled);
    }
}

static void print_number(double number, bool is_share, char *out, size_t size)
{
    snprintf(out, size, "%.10g%s", is_share ? number * 100 : number, is_share ? "%" : "");
}

/* At the bound the range has no complaint; a smaller step outside it has. */
static void check_bound(const struct gy_template *t, const struct gy_template_param *p,
                        double bound, double outside)
{
    char value[64];
    struct gy_template_filled filled;
    struct gy_error err = {0};
    print_number(bound, p->kind == GY_PARAM_SHARE, value, sizeof value);
    enum gy_status status = fill_one(t, p->name, value, &filled, &err);
    if (status != GY_OK && strstr(err.message, "greater than") == NULL) {
        fail_msg("%s %s=%s: %s", t->name, p->name, value, err.message);
    }
    gy_template_filled_release(&filled);
    print_number(outside, p->kind == GY_PARAM_SHARE, value, sizeof value);
    assert_refused(t, p->name, value, outside < 0 ? "it is not one number" : "out of its range");
}

static void keeps_the_ranges_of_numbers(void **state)
{
    (void)state;
    const struct gy_template *t;
    size_t n_checked = 0;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
            if (p->kind == GY_PARAM_INTEGER || p->kind == GY_PARAM_NUMBER ||
                p->kind == GY_PARAM_SHARE) {
                double step = p->kind == GY_PARAM_INTEGER ? 1 : 0.01;
                assert_true(p->min < p->max);
                check_bound(t, p, p->min, p->min - step);
                check_bound(t, p, p->max, p->max + step * (p->max > 1e6 ? 1e6 : 1));
                n_checked++;
            }
        }
    }
    assert_true(n_checked > 40);
}

static void keeps_the_ranges_of_durations(void **state)
{
    (void)state;
    const struct gy_template *t = template_named("frequent_buyer");
    assert_filled("frequent_buyer", "window", "10 years",
                  "count(\"Order Completed\" last 10 years) >= 6");
    assert_filled("frequent_buyer", "window", "1 minute",
                  "count(\"Order Completed\" last 1 minute) >= 6");
    assert_refused(t, "window", "11 years", "out of its range");
    assert_refused(t, "window", "0 days", "out of its range");
    assert_refused(t, "window", "3651 days", "out of its range");
    assert_refused(t, "window", "99999999999999999999 days", "out of its range");
    assert_refused(t, "window", "1.5 days", "not a whole number and a unit");
    assert_refused(t, "window", "days", "not a whole number and a unit");
    assert_refused(t, "window", "30", "not a whole number and a unit");
    assert_refused(t, "window", "30 apples", "not a whole number and a unit");
    assert_refused(t, "window", "3 full days", "not a whole number and a unit");
}

static void keeps_the_order_of_numbers(void **state)
{
    (void)state;
    const struct gy_template *t = template_named("lapsing");
    assert_refused(t, "to", "60", "it is not greater than \"from\"");
    assert_refused(t, "from", "120", "it is not greater than \"from\"");
    assert_filled("lapsing", "to", "61", "days_since(\"Order Completed\") between 60 and 61");
}

static void keeps_the_ranges_of_months(void **state)
{
    (void)state;
    const struct gy_template *t = template_named("occasion_buyer");
    assert_refused(t, "months", "0", "out of its range");
    assert_refused(t, "months", "1, 13", "out of its range");
    assert_refused(t, "months", "1 2", "not a list");
    assert_refused(t, "months", "1,", "not a list");
    assert_refused(t, "months", ",", "not a whole number");
    assert_refused(t, "months", "", "not a list");
    assert_refused(t, "months", "1.5", "not a whole number");
    assert_refused(t, "months", "May", "not a whole number");
}

/* ---- no value is more than a value ---- */

/* Two trees of one form: the same keys in the same places, whatever their strings and numbers say;
 * only the values of an `in` may be more or fewer. */
static bool is_same_form(const json_t *a, const json_t *b, bool is_values)
{
    if (json_typeof(a) != json_typeof(b)) {
        return json_is_number(a) && json_is_number(b);
    }
    if (json_is_array(a)) {
        size_t n = json_array_size(a);
        bool is_same = n == json_array_size(b) || is_values;
        for (size_t i = 0; is_same && i < n && i < json_array_size(b); i++) {
            is_same = is_same_form(json_array_get(a, i), json_array_get(b, i), false);
        }
        return is_same;
    }
    bool is_same = json_object_size(a) == json_object_size(b);
    void *at = json_object_iter((json_t *)(uintptr_t)a);
    for (; is_same && at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)a, at)) {
        const char *key = json_object_iter_key(at);
        const json_t *other = json_object_get(b, key);
        is_same = other != NULL &&
                  is_same_form(json_object_iter_value(at), other, strcmp(key, "values") == 0);
    }
    return is_same;
}

static json_t *tree_of(const struct gy_template_filled *filled)
{
    struct gy_definition tree = {0};
    struct gy_error err = {0};
    struct gy_buf text = {0};
    assert_ok(gy_parse(gy_buf_view(&filled->text), &tree, &err), &err);
    gy_json_expr(tree.expr, &text);
    json_t *json = json_loadb(text.ptr, text.len, 0, NULL);
    assert_non_null(json);
    gy_buf_release(&text);
    gy_definition_release(&tree);
    return json;
}

/* The value is refused, or stands in the tree as it is: the names that the template says it needs
 * are found with it, and the tree has the form that it always has. */
static void try_value(const struct gy_template *t, const struct gy_template_param *p,
                      const json_t *usual, const char *value, size_t *n_taken)
{
    struct gy_template_filled filled;
    struct gy_error err = {0};
    if (fill_one(t, p->name, value, &filled, &err) == GY_OK) {
        json_t *tree = tree_of(&filled);
        struct needs needs = {t, &filled, NULL};
        if (!is_same_form(usual, tree, false)) {
            fail_msg("%s %s=%s gives %s", t->name, p->name, value, filled.text.ptr);
        }
        if (check(&needs, &err) != GY_OK) {
            fail_msg("%s %s=%s: %s", t->name, p->name, value, err.message);
        }
        json_decref(tree);
        ++*n_taken;
    } else {
        assert_int_equal(err.status, GY_INVALID);
    }
    gy_template_filled_release(&filled);
}

static void takes_values_as_values(void **state)
{
    (void)state;
    static const char *const values[] = {"x\") or everyone or did(\"x",
                                         "x) or everyone --",
                                         "\"",
                                         "\\",
                                         "\\\"",
                                         "a\nb",
                                         "{order}",
                                         "1) or (everyone",
                                         "1 or 1 = 1",
                                         "1 days) or everyone or did(x last 1 day",
                                         "-1",
                                         "1e400",
                                         "nan",
                                         "0x10",
                                         "1; drop",
                                         "' or '1'='1",
                                         "\x01",
                                         "\x7f",
                                         "everyone",
                                         "not",
                                         "true",
                                         "last",
                                         "a.b",
                                         "a/b",
                                         "x\\u0022",
                                         "x -- y",
                                         "\xed\xa0\x80",
                                         "\xff",
                                         "e\xcc\x81",
                                         "\xf0\x9f\x99\x82",
                                         "1,everyone",
                                         "1, 2) or everyone or trait.x in (1",
                                         "50%",
                                         "30 days ago",
                                         "1 --",
                                         ""};
    const struct gy_template *t;
    size_t n_taken = 0;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        struct gy_template_filled filled;
        fill_examples(t, &filled);
        json_t *usual = tree_of(&filled);
        for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
            for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
                try_value(t, p, usual, values[v], &n_taken);
            }
        }
        json_decref(usual);
        gy_template_filled_release(&filled);
    }
    assert_true(n_taken > 1000); /* names and texts may hold anything */
}

static void bounds_lengths_and_lists(void **state)
{
    (void)state;
    char long_name[1024];
    char list[512] = "a";
    memset(long_name, 'n', 201);
    long_name[201] = '\0';
    assert_refused(template_named("lapsed"), "order", long_name, "longer than 200");
    long_name[200] = '\0';
    struct gy_template_filled filled;
    struct gy_error err = {0};
    assert_ok(fill_one(template_named("lapsed"), "order", long_name, &filled, &err), &err);
    gy_template_filled_release(&filled);
    for (size_t i = 1; i < 101; i++) {
        memcpy(list + 2 * i - 1, ",a", 3);
    }
    assert_refused(template_named("geographic"), "regions", list, "more than 100");
    list[2 * 100 - 1] = '\0';
    assert_ok(fill_one(template_named("geographic"), "regions", list, &filled, &err), &err);
    gy_template_filled_release(&filled);
}

/* ---- what is said of needs ---- */

static void assert_needs(const char *name, enum gy_template_language language, const char *expected)
{
    struct gy_template_filled filled;
    struct gy_buf said = {0};
    fill_examples(template_named(name), &filled);
    gy_template_put_needs(template_named(name), &filled, NULL, language, &said);
    assert_string_equal(said.ptr, expected);
    gy_buf_release(&said);
    gy_template_filled_release(&filled);
}

static void says_what_it_needs(void **state)
{
    (void)state;
    assert_needs("vip", GY_TEMPLATE_EN, "event \"Order Completed\" (revenue: number)");
    assert_needs("vip", GY_TEMPLATE_KO, "이벤트 \"Order Completed\" (revenue: 숫자)");
    assert_needs("demographic", GY_TEMPLATE_EN,
                 "trait \"birthday\" (time), trait \"gender\" (string)");
    assert_needs("abandoned_cart", GY_TEMPLATE_EN,
                 "event \"Product Added\" (product_id: string), event \"Order Completed/products\" "
                 "(product_id: string)");
    assert_needs("moved", GY_TEMPLATE_EN, "segment \"rfm_champions\", segment \"rfm_at_risk\"");
}

static void says_what_is_missing(void **state)
{
    (void)state;
    const struct gy_template *t = template_named("vip");
    struct gy_template_filled filled;
    struct gy_buf said = {0};
    fill_examples(t, &filled);
    struct needs needs = {t, &filled, NULL};
    struct gy_vocabulary vocabulary = vocabulary_of(&needs);
    gy_template_put_needs(t, &filled, &vocabulary, GY_TEMPLATE_EN, &said);
    assert_int_equal(said.len, 0);
    assert_null(gy_template_missing(t, &filled, &vocabulary));
    needs.hidden = &t->params[1];
    assert_ptr_equal(gy_template_missing(t, &filled, &vocabulary), &t->params[1]);
    gy_template_put_needs(t, &filled, &vocabulary, GY_TEMPLATE_EN, &said);
    assert_string_equal(said.ptr, "of event \"Order Completed\" (revenue: number)");
    gy_buf_reset(&said);
    needs.hidden = &t->params[0];
    gy_template_put_needs(t, &filled, &vocabulary, GY_TEMPLATE_EN, &said);
    assert_string_equal(said.ptr, "event \"Order Completed\" (revenue: number)");
    gy_buf_release(&said);
    gy_template_filled_release(&filled);
}

/* ---- the groups of RFM ---- */

/* Whether a condition over the two scores holds where recency is `r` and frequency `f`. */
static bool holds(const struct gy_expr *e, int r, int f)
{
    bool is_all = true;
    bool is_any = false;
    for (uint32_t i = 0; i < e->n_children; i++) {
        bool child = holds(e->children[i], r, f);
        is_all = is_all && child;
        is_any = is_any || child;
    }
    if (e->kind == GY_EXPR_AND || e->kind == GY_EXPR_OR || e->kind == GY_EXPR_NOT) {
        return e->kind == GY_EXPR_AND ? is_all : e->kind == GY_EXPR_OR ? is_any : !is_any;
    }
    assert_int_equal(e->left->kind, GY_TERM_NTILE);
    assert_int_equal(e->left->parts, 5);
    assert_int_equal(e->left->among->kind, GY_EXPR_DID);
    bool is_recency = e->left->left->aggregate == GY_LAST_TIME;
    assert_true(is_recency || e->left->left->aggregate == GY_COUNT);
    double score = is_recency ? r : f;
    if (e->kind == GY_EXPR_BETWEEN) {
        return score >= e->low->number && score <= e->high->number;
    }
    assert_int_equal(e->kind, GY_EXPR_COMPARE);
    return e->compare == GY_EQ   ? score == e->right->number
           : e->compare == GY_LE ? score <= e->right->number
           : e->compare == GY_GE ? score >= e->right->number
                                 : score > 5;
}

/* The scheme RF-11 as docs/rfm.md has it: columns are recency 1 to 5. */
static void groups_of_rfm_are_those_of_the_report(void **state)
{
    (void)state;
    static const char *const rows[5][5] = {
        {"lost", "hibernating", "about_to_sleep", "promising", "new"},
        {"hibernating", "hibernating", "about_to_sleep", "potential_loyalists",
         "potential_loyalists"},
        {"at_risk", "at_risk", "need_attention", "potential_loyalists", "potential_loyalists"},
        {"at_risk", "at_risk", "loyal", "loyal", "champions"},
        {"cannot_lose", "cannot_lose", "loyal", "loyal", "champions"},
    };
    size_t n_cells = 0;
    const struct gy_template *t;
    for (size_t i = 0; (t = gy_template_at(i)) != NULL; i++) {
        struct gy_template_filled filled;
        struct gy_definition tree = {0};
        struct gy_error err = {0};
        if (t->group != GY_TEMPLATES_RFM) {
            continue;
        }
        fill_examples(t, &filled);
        assert_ok(gy_parse(gy_buf_view(&filled.text), &tree, &err), &err);
        for (int cell = 0; cell < 25; cell++) {
            bool is_expected = strcmp(t->name + strlen("rfm_"), rows[cell / 5][cell % 5]) == 0;
            assert_int_equal(holds(tree.expr, cell % 5 + 1, cell / 5 + 1), is_expected);
            n_cells += is_expected;
        }
        gy_definition_release(&tree);
        gy_template_filled_release(&filled);
    }
    assert_int_equal(n_cells, 25);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(checks_against_what_it_needs_and_nothing_less),
    cmocka_unit_test(comes_out_as_canonical_text),
    cmocka_unit_test(speaks_both_languages),
    cmocka_unit_test(has_a_name_of_its_own_that_is_one_word),
    cmocka_unit_test(uses_each_parameter),
    cmocka_unit_test(offers_every_usual_kind),
    cmocka_unit_test(suggests_the_nearest),
    cmocka_unit_test(fills_in_what_is_set),
    cmocka_unit_test(reads_texts_between_commas),
    cmocka_unit_test(joins_letters_that_belong_together),
    cmocka_unit_test(refuses_names_it_does_not_have),
    cmocka_unit_test(asks_for_what_it_requires),
    cmocka_unit_test(keeps_the_ranges_of_numbers),
    cmocka_unit_test(keeps_the_ranges_of_durations),
    cmocka_unit_test(keeps_the_order_of_numbers),
    cmocka_unit_test(keeps_the_ranges_of_months),
    cmocka_unit_test(takes_values_as_values),
    cmocka_unit_test(bounds_lengths_and_lists),
    cmocka_unit_test(says_what_it_needs),
    cmocka_unit_test(says_what_is_missing),
    cmocka_unit_test(groups_of_rfm_are_those_of_the_report),
};

GY_TEST_MAIN(cases)
