/* test_mem.c - memory is there, zero where asked, and growing keeps what was; or the process ends. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#include "base/mem.h"

static void nothing_may_be_freed(void **state)
{
    (void)state;
    free(gy_alloc(0));
    free(gy_alloc_zero(0, 8));
    free(gy_realloc(NULL, 0, 8));
}

static void zero_memory_is_zero(void **state)
{
    (void)state;
    unsigned char *bytes = gy_alloc_zero(1000, 3);
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(bytes[i], 0);
    }
    free(bytes);
}

static void copies_are_terminated(void **state)
{
    (void)state;
    char *copy = gy_strndup("customer", 4);
    assert_string_equal(copy, "cust");
    free(copy);
    copy = gy_strndup(NULL, 0);
    assert_string_equal(copy, "");
    free(copy);
}

static void arrays_grow_by_doubling(void **state)
{
    (void)state;
    uint32_t *numbers = NULL;
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        GY_GROW(numbers, capacity, i + 1);
        numbers[i] = i * i;
    }
    assert_int_equal(capacity, 1024);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(numbers[i], i * i);
    }
    GY_GROW(numbers, capacity, 5000);
    assert_int_equal(capacity, 8192);
    free(numbers);
}

/* Runs `body` in a child, whose complaint is not shown; gives the signal that ended it. */
static int signal_of(void (*body)(void))
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        body();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void ask_for_too_many(void)
{
    free(gy_realloc(NULL, SIZE_MAX / 4, 8));
}

static void break_a_promise(void)
{
    GY_ASSERT(1 + 1 == 3);
}

static void impossible_requests_end_the_process(void **state)
{
    (void)state;
    assert_int_equal(signal_of(ask_for_too_many), SIGABRT);
    assert_int_equal(signal_of(break_a_promise), SIGABRT);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(nothing_may_be_freed),
    cmocka_unit_test(zero_memory_is_zero),
    cmocka_unit_test(copies_are_terminated),
    cmocka_unit_test(arrays_grow_by_doubling),
    cmocka_unit_test(impossible_requests_end_the_process),
};

GY_TEST_MAIN(cases)
