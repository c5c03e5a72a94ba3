/* test_file.c - files as they should be, and then with every system call failing in its turn. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#include "base/file.h"

/* ---- the system calls, of which one can be made to fail ---- */

static int fail_at; /* the how-manieth call fails; 0 for none */
static int n_calls;
static bool is_restless; /* every second call is interrupted */
static int n_interrupts;
static size_t most_at_once = SIZE_MAX;

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __real_read(int fd, void *bytes, size_t len);
int __real_fsync(int fd);
int __real_close(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_read(int fd, void *bytes, size_t len);
int __wrap_fsync(int fd);
int __wrap_close(int fd);
int __wrap_rename(const char *from, const char *to);

static bool must_fail(void)
{
    n_calls++;
    errno = EIO;
    return n_calls == fail_at;
}

static bool is_interrupted(void)
{
    static bool is_second;
    is_second = !is_second;
    if (!is_restless || !is_second) {
        return false;
    }
    n_interrupts++;
    errno = EINTR;
    return true;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return is_interrupted() || must_fail() ? -1 : __real_open(path, flags, mode);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    size_t n = len < most_at_once ? len : most_at_once;
    return is_interrupted() || must_fail() ? -1 : __real_write(fd, bytes, n);
}

ssize_t __wrap_read(int fd, void *bytes, size_t len)
{
    size_t n = len < most_at_once ? len : most_at_once;
    return is_interrupted() || must_fail() ? -1 : __real_read(fd, bytes, n);
}

int __wrap_fsync(int fd)
{
    return must_fail() ? -1 : __real_fsync(fd);
}

int __wrap_close(int fd)
{
    int result = __real_close(fd);
    return must_fail() ? -1 : result;
}

int __wrap_rename(const char *from, const char *to)
{
    return must_fail() ? -1 : __real_rename(from, to);
}

/* ---- a folder of its own for each case ---- */

struct place {
    char folder[64];
    char path[96];
    char temporary[112];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    snprintf(place->folder, sizeof place->folder, "/tmp/gyeol-test-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/file", place->folder);
    snprintf(place->temporary, sizeof place->temporary, "%s.tmp", place->path);
    *state = place;
    fail_at = n_calls = n_interrupts = 0;
    is_restless = false;
    most_at_once = SIZE_MAX;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    unlink(place->temporary);
    int failed = rmdir(place->folder);
    free(place);
    return failed;
}

static bool is_there(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

static void assert_content(const char *path, struct gy_str want)
{
    struct gy_buf got = {0};
    struct gy_error err;
    assert_ok(gy_file_read(path, &got, &err), &err);
    assert_int_equal(got.len, want.len);
    assert_true(gy_str_equal(gy_buf_view(&got), want));
    gy_buf_release(&got);
}

/* ---- cases ---- */

static void what_is_written_is_read(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    assert_ok(gy_file_write(place->path, GY_STR("가\0b"), &err), &err);
    assert_content(place->path, GY_STR("가\0b"));
    assert_ok(gy_file_write(place->path, GY_STR(""), &err), &err);
    assert_content(place->path, GY_STR(""));
    assert_false(is_there(place->temporary));
}

static void reading_appends(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    assert_ok(gy_file_write(place->path, GY_STR("two"), &err), &err);
    struct gy_buf buf = {0};
    gy_buf_text(&buf, "one ");
    assert_ok(gy_file_read(place->path, &buf, &err), &err);
    assert_string_equal(buf.ptr, "one two");
    assert_int_equal(gy_file_read(place->folder, &buf, &err), GY_IO);
    assert_int_equal(buf.len, 7);
    gy_buf_release(&buf);
}

static void a_map_shows_the_bytes(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    struct gy_map map;
    assert_ok(gy_file_write(place->path, GY_STR("mapped"), &err), &err);
    assert_ok(gy_map_open(place->path, &map, &err), &err);
    assert_int_equal(map.size, 6);
    assert_memory_equal(map.ptr, "mapped", 6);
    gy_map_close(&map);
    gy_map_close(&map);
    assert_ok(gy_file_write(place->path, GY_STR(""), &err), &err);
    assert_ok(gy_map_open(place->path, &map, &err), &err);
    assert_null(map.ptr);
    assert_int_equal(map.size, 0);
    gy_map_close(&map);
}

static void what_is_not_there_is_said_so(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    struct gy_map map;
    struct gy_buf buf = {0};
    assert_int_equal(gy_map_open(place->path, &map, &err), GY_IO);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_non_null(strstr(err.message, place->path));
    assert_int_equal(gy_map_open(place->folder, &map, &err), GY_IO);
    assert_null(map.ptr);
    assert_int_equal(gy_file_read(place->path, &buf, &err), GY_IO);
    assert_int_equal(err.sys_errno, ENOENT);
    gy_buf_release(&buf);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char name[5000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct gy_error err;
    assert_int_equal(gy_file_write(name, GY_STR("x"), &err), GY_IO);
    assert_int_equal(err.sys_errno, ENAMETOOLONG);
}

/* Pieces below, at and above the buffer's size arrive in order, through short and interrupted writes. */
static void pieces_arrive_in_order(void **state)
{
    struct place *place = *state;
    most_at_once = 10007;
    is_restless = true;
    uint64_t random = gy_test_seed();
    struct gy_buf all = {0};
    struct gy_file_writer w;
    struct gy_error err;
    assert_ok(gy_file_writer_open(&w, place->path, &err), &err);
    for (int i = 0; i < 60; i++) {
        size_t len = gy_test_below(&random, i % 7 == 0 ? 200000 : 20000);
        size_t from = all.len;
        for (size_t k = 0; k < len; k++) {
            gy_buf_char(&all, (char)gy_test_random(&random));
        }
        assert_ok(gy_file_writer_append(&w, all.ptr + from, len, &err), &err);
        assert_int_equal(w.size, all.len);
    }
    assert_false(is_there(place->path));
    assert_ok(gy_file_writer_finish(&w, &err), &err);
    assert_true(n_interrupts > 50);
    assert_content(place->path, gy_buf_view(&all));
    gy_buf_release(&all);
}

static void an_abandoned_file_is_gone(void **state)
{
    struct place *place = *state;
    struct gy_file_writer w;
    struct gy_error err;
    assert_ok(gy_file_writer_open(&w, place->path, &err), &err);
    assert_ok(gy_file_writer_append(&w, "x", 1, &err), &err);
    assert_true(is_there(place->temporary));
    gy_file_writer_abandon(&w);
    gy_file_writer_abandon(&w);
    assert_false(is_there(place->temporary));
    assert_false(is_there(place->path));
    struct gy_file_writer none = {0};
    gy_file_writer_abandon(&none); /* and standard input stays open */
    assert_int_not_equal(fcntl(0, F_GETFD), -1);
}

/* A link that stands under the temporary name is removed, and what it points at is not written. */
static void leftovers_are_not_followed(void **state)
{
    struct place *place = *state;
    char victim[96];
    struct gy_error err;
    snprintf(victim, sizeof victim, "%s/victim", place->folder);
    assert_ok(gy_file_write(victim, GY_STR("mine"), &err), &err);
    assert_int_equal(symlink(victim, place->temporary), 0);
    assert_ok(gy_file_write(place->path, GY_STR("new"), &err), &err);
    assert_content(victim, GY_STR("mine"));
    assert_content(place->path, GY_STR("new"));
    unlink(victim);
}

/* Either the write succeeds, or the path holds all of the old file or nothing; never a part. */
static void any_call_may_fail(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    char bytes[100000];
    memset(bytes, 'n', sizeof bytes);
    most_at_once = 30000;
    int n_failures = 0;
    for (int n = 1;; n++) {
        fail_at = 0;
        assert_ok(gy_file_write(place->path, GY_STR("old"), &err), &err);
        n_calls = 0;
        fail_at = n;
        enum gy_status status =
            gy_file_write(place->path, (struct gy_str){bytes, sizeof bytes}, &err);
        bool was_reached = n_calls >= n;
        fail_at = 0;
        assert_false(is_there(place->temporary));
        if (status == GY_OK) {
            assert_content(place->path, (struct gy_str){bytes, sizeof bytes});
            if (!was_reached) {
                break;
            }
            continue; /* closing a folder that is synced already */
        }
        n_failures++;
        assert_int_equal(status, GY_IO);
        assert_int_equal(err.sys_errno, EIO);
        if (is_there(place->path)) {
            assert_content(place->path, GY_STR("old"));
        }
    }
    /* open, 4 × write, fsync, close, rename, and open and fsync of the folder */
    assert_int_equal(n_failures, 10);
}

static void reading_may_fail(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    assert_ok(gy_file_write(place->path, GY_STR("content"), &err), &err);
    for (int n = 1; n <= 3; n++) {
        struct gy_buf buf = {0};
        n_calls = 0;
        fail_at = n;
        assert_int_equal(gy_file_read(place->path, &buf, &err), GY_IO);
        assert_int_equal(buf.len, 0);
        gy_buf_release(&buf);
    }
    fail_at = 0;
}

static void folders_are_made_once(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    struct stat about;
    assert_ok(gy_dir_make(place->path, 0700, &err), &err);
    assert_int_equal(stat(place->path, &about), 0);
    assert_true(S_ISDIR(about.st_mode));
    assert_int_equal(about.st_mode & 07777, 0700);
    assert_ok(gy_dir_make(place->path, 0700, &err), &err);
    char inner[112];
    snprintf(inner, sizeof inner, "%s//in//", place->path);
    assert_ok(gy_dir_make(inner, 0700, &err), &err);
    assert_int_equal(rmdir(inner), 0);
    assert_ok(gy_dir_sync(place->path, &err), &err);
    rmdir(place->path);
    assert_int_equal(gy_dir_sync(place->path, &err), GY_IO);
    assert_ok(gy_file_write(place->path, GY_STR("a file"), &err), &err);
    assert_int_equal(gy_dir_make(place->path, 0700, &err), GY_IO);
    assert_int_equal(err.sys_errno, EEXIST);
}

static void a_name_without_a_folder_is_here(void **state)
{
    struct place *place = *state;
    struct gy_error err;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(place->folder), 0);
    assert_ok(gy_file_write("file", GY_STR("here"), &err), &err);
    assert_int_equal(chdir(before), 0);
    assert_content(place->path, GY_STR("here"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

static const struct CMUnitTest cases[] = {
    CASE(what_is_written_is_read),
    CASE(reading_appends),
    CASE(a_map_shows_the_bytes),
    CASE(what_is_not_there_is_said_so),
    CASE(a_name_that_is_too_long_is_refused),
    CASE(pieces_arrive_in_order),
    CASE(an_abandoned_file_is_gone),
    CASE(leftovers_are_not_followed),
    CASE(any_call_may_fail),
    CASE(reading_may_fail),
    CASE(folders_are_made_once),
    CASE(a_name_without_a_folder_is_here),
};

GY_TEST_MAIN(cases)
