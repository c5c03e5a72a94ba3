/* test_basic_auth.c - the name in a header that may hold anything. */
#include "harness.h"

#include "server/basic_auth.h"

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        const char *name;
    } cases[] = {
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin"}, /* RFC 7617, section 2 */
        {"Basic dGVzdDoxMjPCow==", "test"},                /* section 2.1 */
        {"basic   a2V5Og==", "key"},
        {"BASIC a2V5Og", "key"}, /* without padding */
        {"Basic a2V5", "key"},   /* without a colon */
        {"Basic Og==", ""},
        {"Basic ", ""},
        {"Basic", ""},
        {"Basic a2V5!!", ""},
        {"Basic a2V5 Og==", ""},
        {"Bearer a2V5Og==", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gy_arena arena = {0};
        struct gy_str name = gy_basic_user(gy_str_of(cases[i].header), &arena);
        if (!gy_str_equal(name, gy_str_of(cases[i].name))) {
            fail_msg("\"%s\": \"%.*s\"", cases[i].header, GY_STR_ARG(name));
        }
        gy_arena_release(&arena);
    }
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(names),
};

GY_TEST_MAIN(cases)
