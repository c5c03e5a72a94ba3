/* test_listen.c - loopback is listened on, and the rest only where it may be open. */
#include "harness.h"

#include <string.h>
#include <unistd.h>

#include "server/listen.h"

static enum gy_status try_listen(const char *address, struct gy_error *err)
{
    int fd;
    char bound[GY_ADDRESS_SIZE];
    enum gy_status status = gy_listen(address, false, &fd, bound, err);
    assert_true((status == GY_OK) == (fd >= 0));
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        enum gy_status status;
    } cases[] = {
        {"127.0.0.1:0", GY_OK},
        {"127.1.2.3:0", GY_OK},
        {"localhost:0", GY_OK},
        {"0.0.0.0:0", GY_INVALID},
        {"[::]:0", GY_INVALID},
        {"192.168.1.1:8700", GY_INVALID},
        {"127.0.0.1", GY_INVALID},
        {"127.0.0.1:", GY_INVALID},
        {":8700", GY_INVALID},
        {"8700", GY_INVALID},
        {"127.0.0.1:65536", GY_INVALID},
        {"127.0.0.1:-1", GY_INVALID},
        {"127.0.0.1:80x", GY_INVALID},
        {"::1:8700", GY_INVALID},
        {"example.com:8700", GY_INVALID},
        {"", GY_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gy_error err = {0};
        if (try_listen(cases[i].address, &err) != cases[i].status) {
            fail_msg("%s: %s", cases[i].address, err.message);
        }
    }
}

static void a_port_that_is_taken(void **state)
{
    (void)state;
    struct gy_error err = {0};
    int fd;
    char bound[GY_ADDRESS_SIZE];
    assert_ok(gy_listen("127.0.0.1:0", false, &fd, bound, &err), &err);
    assert_non_null(strstr(bound, "127.0.0.1:"));
    assert_int_equal(try_listen(bound, &err), GY_BUSY);
    close(fd);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(addresses),
    cmocka_unit_test(a_port_that_is_taken),
};

GY_TEST_MAIN(cases)
