/* test_options.c - the words behind a command. */
#include "harness.h"

#include "cli/options.h"

struct fields {
    bool json;
    bool keep;
    const char *as_of;
    struct gy_texts sets;
};

static const struct gy_option general[] = {
    {"json", 0, GY_OPTION_FLAG, offsetof(struct fields, json), NULL, "as JSON"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

static const struct gy_option own[] = {
    {"as-of", 'a', GY_OPTION_TEXT, offsetof(struct fields, as_of), "T", "the instant"},
    {"set", 0, GY_OPTION_TEXTS, offsetof(struct fields, sets), "F=V", "a field"},
    {"keep", 'k', GY_OPTION_FLAG, offsetof(struct fields, keep), NULL, "keep"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

static const struct gy_option *const tables[] = {general, own, NULL};

struct outcome {
    enum gy_status status;
    struct fields fields;
    const char *words[8];
    struct gy_operands operands;
    struct gy_error err;
};

/* Reads the words, of which the last is NULL. */
static struct outcome read_words(const char *const *words)
{
    struct outcome o = {0};
    o.operands.words = o.words;
    size_t n = 0;
    while (words[n] != NULL) {
        n++;
    }
    o.status = gy_options_read(tables, words, n, &o.fields, &o.operands, &o.err);
    return o;
}

static void options_stand_anywhere_among_the_operands(void **state)
{
    (void)state;
    const char *words[] = {"one", "--as-of", "2025-01-01", "two", "--json", "-k", "three", NULL};
    struct outcome o = read_words(words);
    assert_int_equal(o.status, GY_OK);
    assert_true(o.fields.json);
    assert_true(o.fields.keep);
    assert_string_equal(o.fields.as_of, "2025-01-01");
    assert_int_equal(o.operands.n, 3);
    assert_string_equal(o.words[0], "one");
    assert_string_equal(o.words[2], "three");
}

static void a_value_may_stand_behind_an_equals_sign_or_its_letter(void **state)
{
    (void)state;
    const char *words[] = {"--as-of=x=y", NULL};
    assert_string_equal(read_words(words).fields.as_of, "x=y");
    const char *empty[] = {"--as-of=", NULL};
    assert_string_equal(read_words(empty).fields.as_of, "");
    const char *letter[] = {"-a", "t", NULL};
    assert_string_equal(read_words(letter).fields.as_of, "t");
    const char *attached[] = {"-at", NULL};
    assert_string_equal(read_words(attached).fields.as_of, "t");
}

static void a_value_may_look_like_an_option(void **state)
{
    (void)state;
    const char *words[] = {"--as-of", "--json", NULL};
    struct outcome o = read_words(words);
    assert_string_equal(o.fields.as_of, "--json");
    assert_false(o.fields.json);
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    const char *words[] = {"--json", "--", "-1 < count(Visit)", "--keep", NULL};
    struct outcome o = read_words(words);
    assert_int_equal(o.status, GY_OK);
    assert_int_equal(o.operands.n, 2);
    assert_string_equal(o.words[0], "-1 < count(Visit)");
    assert_string_equal(o.words[1], "--keep");
    assert_false(o.fields.keep);
}

static void a_lone_dash_is_an_operand(void **state)
{
    (void)state;
    const char *words[] = {"-", NULL};
    struct outcome o = read_words(words);
    assert_int_equal(o.status, GY_OK);
    assert_int_equal(o.operands.n, 1);
}

static void every_one_of_a_list_counts_and_of_a_text_the_last(void **state)
{
    (void)state;
    const char *words[] = {"--set", "a=1", "--set=b=2", "--as-of", "x", "--as-of", "y", NULL};
    struct outcome o = read_words(words);
    assert_int_equal(o.fields.sets.n, 2);
    assert_string_equal(o.fields.sets.items[0], "a=1");
    assert_string_equal(o.fields.sets.items[1], "b=2");
    assert_string_equal(o.fields.as_of, "y");
}

static void what_is_wrong_is_said_with_the_nearest_option(void **state)
{
    (void)state;
    const char *misspelt[] = {"--as-off", "x", NULL};
    struct outcome o = read_words(misspelt);
    assert_int_equal(o.status, GY_INVALID);
    assert_string_equal(o.err.message, "unknown option \"--as-off\"");
    assert_string_equal(o.err.hint, "Did you mean \"--as-of\"?");
    const char *definition[] = {"-1 < 2", NULL};
    assert_string_equal(read_words(definition).err.hint,
                        "A definition that begins with \"-\" stands behind \"--\".");
    const char *without[] = {"--as-of", NULL};
    assert_string_equal(read_words(without).err.message, "option \"--as-of\" needs a value, T");
    const char *with[] = {"--json=1", NULL};
    assert_string_equal(read_words(with).err.message, "option \"--json\" takes no value");
    const char *broken[] = {"--\xFF\xFE", NULL};
    assert_int_equal(read_words(broken).status, GY_INVALID);
}

static void too_many_of_a_list_are_refused(void **state)
{
    (void)state;
    const char *words[GY_MAX_TEXTS + 2] = {0};
    for (size_t i = 0; i < GY_MAX_TEXTS; i++) {
        words[i] = "--set=a=1";
    }
    assert_int_equal(read_words(words).status, GY_OK);
    words[GY_MAX_TEXTS] = "--set=a=1";
    assert_int_equal(read_words(words).status, GY_LIMIT);
}

static void the_nearest_word_is_near(void **state)
{
    (void)state;
    static const char *const names[] = {"count", "members", "segment add", "import"};
    assert_string_equal(gy_nearest_word("cuont", names, 4), "count");
    assert_string_equal(gy_nearest_word("segmnet add", names, 4), "segment add");
    assert_null(gy_nearest_word("zzzzzz", names, 4));
    assert_null(gy_nearest_word("\xFF", names, 4));
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(options_stand_anywhere_among_the_operands),
    cmocka_unit_test(a_value_may_stand_behind_an_equals_sign_or_its_letter),
    cmocka_unit_test(a_value_may_look_like_an_option),
    cmocka_unit_test(two_dashes_end_the_options),
    cmocka_unit_test(a_lone_dash_is_an_operand),
    cmocka_unit_test(every_one_of_a_list_counts_and_of_a_text_the_last),
    cmocka_unit_test(what_is_wrong_is_said_with_the_nearest_option),
    cmocka_unit_test(too_many_of_a_list_are_refused),
    cmocka_unit_test(the_nearest_word_is_near),
};

GY_TEST_MAIN(cases)
