/* run_cases PROGRAM CASES.json DATA PENDING - runs the cases of one file through the program.
 *
 * README.md beside this file says what a case is. For each (data, time zone) one workspace is made, by
 * the program itself; a case that defines something works on a copy of it. Cases whose names stand in
 * the file PENDING are expected to fail: one that passes is a failure too, so that the list stays true.
 * Prints the cases that went wrong, with why, and the totals.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

enum {
    MAX_ARGS = 16,
    PATH_SIZE = 4096
};

struct runner {
    const char *program;
    const char *data;
    char folder[64];
    struct gy_buf out; /* of the last run */
    struct gy_buf err;
    struct gy_buf why; /* what is wrong with the case in hand */
    int n_copies;
};

static void die(const char *what)
{
    fprintf(stderr, "run_cases: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- running the program ---- */

static void read_output(const char *path, struct gy_buf *out)
{
    struct gy_error err = {0};
    gy_buf_reset(out);
    gy_buf_text(out, "");
    if (gy_file_read(path, out, &err) != GY_OK) {
        die(err.message);
    }
}

/* The exit status of `argv`, which ends with NULL; its output goes into two files. */
static int run(const char *const *argv, const char *out_path, const char *err_path)
{
    char *words[MAX_ARGS + 1] = {0};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = 0;
    for (size_t i = 0; i < MAX_ARGS && argv[i] != NULL; i++) {
        memcpy(&words[i], &argv[i], sizeof words[i]); /* posix_spawn changes none of them */
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, err_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ) != 0 ||
        waitpid(pid, &status, 0) != pid) {
        die(words[0]);
    }
    posix_spawn_file_actions_destroy(&actions);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The same, with the output in r->out and r->err. */
static int spawn(struct runner *r, const char *const *argv)
{
    char out_path[PATH_SIZE];
    char err_path[PATH_SIZE];
    snprintf(out_path, sizeof out_path, "%s/out", r->folder);
    snprintf(err_path, sizeof err_path, "%s/err", r->folder);
    int status = run(argv, out_path, err_path);
    read_output(out_path, &r->out);
    read_output(err_path, &r->err);
    return status;
}

/* gyeol --data DIR and at most MAX_ARGS - 4 further words; NULL ends them. */
static int gyeol(struct runner *r, const char *dir, const char *const *words)
{
    const char *argv[MAX_ARGS + 1] = {r->program, "--data", dir};
    for (size_t i = 0; i + 3 < MAX_ARGS && words[i] != NULL; i++) {
        argv[3 + i] = words[i];
    }
    return spawn(r, argv);
}

/* Says why the case fails; false. */
static bool fail(struct runner *r, const char *what, int status)
{
    gy_buf_printf(&r->why, "%s: status %d: %s", what, status, r->err.ptr == NULL ? "" : r->err.ptr);
    return false;
}

static bool must(struct runner *r, const char *dir, const char *const *words)
{
    int status = gyeol(r, dir, words);
    return status == 0 || fail(r, words[0], status);
}

/* ---- workspaces ---- */

static bool make_workspace(struct runner *r, const char *data, const char *zone, const char *dir)
{
    char file[PATH_SIZE];
    snprintf(file, sizeof file, "%s/%s.jsonl%s", r->data, data,
             strcmp(data, "medium") == 0 ? ".gz" : "");
    return must(r, dir, (const char *const[]){"init", "--time-zone", zone, NULL}) &&
           must(r, dir, (const char *const[]){"import", file, NULL});
}

/* The workspace of (data, zone), made at its first use. */
static bool find_workspace(struct runner *r, const json_t *c, char dir[PATH_SIZE])
{
    const char *data = json_string_value(json_object_get(c, "data"));
    const char *zone = json_string_value(json_object_get(c, "time_zone"));
    int len = snprintf(dir, PATH_SIZE, "%s/%s-%s", r->folder, data, zone);
    for (int i = (int)strlen(r->folder) + 1; i < len; i++) {
        if (dir[i] == '/') {
            dir[i] = '_';
        }
    }
    return access(dir, F_OK) == 0 || make_workspace(r, data, zone, dir);
}

static bool copy_workspace(struct runner *r, char dir[PATH_SIZE])
{
    char copy[PATH_SIZE];
    snprintf(copy, sizeof copy, "%s/copy-%d", r->folder, r->n_copies++);
    const char *argv[MAX_ARGS + 1] = {"cp", "-a", dir, copy};
    int status = spawn(r, argv);
    memcpy(dir, copy, sizeof copy);
    return status == 0 || fail(r, "cp", status);
}

static void remove_tree(const char *dir)
{
    const char *argv[] = {"rm", "-rf", dir, NULL};
    if (run(argv, "/dev/null", "/dev/null") != 0) {
        die("rm -rf");
    }
}

/* ---- what a case defines ---- */

static bool write_file(struct runner *r, const char *name, struct gy_buf *text,
                       char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s", r->folder, name);
    FILE *file = fopen(path, "w");
    bool is_written = file != NULL && fwrite(text->ptr, 1, text->len, file) == text->len;
    if (file == NULL || fclose(file) != 0 || !is_written) {
        die(path);
    }
    gy_buf_release(text);
    return true;
}

static bool add_lists(struct runner *r, const char *dir, const json_t *c)
{
    const char *name;
    json_t *ids;
    char path[PATH_SIZE];
    json_object_foreach(json_object_get(c, "lists"), name, ids)
    {
        struct gy_buf text = {0};
        gy_buf_text(&text, "");
        for (size_t i = 0; i < json_array_size(ids); i++) {
            gy_buf_printf(&text, "%s\n", json_string_value(json_array_get(ids, i)));
        }
        if (text.ptr == NULL) {
            gy_buf_char(&text, '\n');
        }
        write_file(r, "ids", &text, path);
        if (!must(r, dir, (const char *const[]){"list", "add", name, path, NULL})) {
            return false;
        }
    }
    return true;
}

/* Whether the error that the case expects comes when `name` is defined. */
static bool is_expected_at(const json_t *c, const char *kind, const char *name)
{
    const char *wanted = json_string_value(json_object_get(json_object_get(c, "error"), kind));
    return wanted != NULL && strcmp(wanted, name) == 0;
}

/* Segments or metrics, in order. `*failed` is the status of the one that was expected to fail. */
static bool add_definitions(struct runner *r, const char *dir, const json_t *c, const char *key,
                            const char *kind, int *failed)
{
    const char *name;
    json_t *text;
    json_object_foreach(json_object_get(c, key), name, text)
    {
        const char *words[] = {kind, "add", name, "--", json_string_value(text), NULL};
        int status = gyeol(r, dir, words);
        if (is_expected_at(c, kind, name)) {
            *failed = status;
            return true;
        }
        if (status != 0) {
            gy_buf_printf(&r->why, "%s \"%s\" could not be added: ", kind, name);
            return fail(r, "add", status);
        }
    }
    return true;
}

static bool add_history(struct runner *r, const char *dir, const json_t *c)
{
    const json_t *history = json_object_get(c, "history");
    struct gy_buf text = {0};
    char path[PATH_SIZE];
    if (history == NULL) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(history); i++) {
        char *line = json_dumps(json_array_get(history, i), JSON_COMPACT);
        gy_buf_printf(&text, "%s\n", line);
        free(line);
    }
    write_file(r, "history", &text, path);
    return must(r, dir, (const char *const[]){"segment", "history", "import", path, NULL});
}

static bool defines_something(const json_t *c)
{
    return json_object_get(c, "lists") != NULL || json_object_get(c, "segments") != NULL ||
           json_object_get(c, "metrics") != NULL || json_object_get(c, "history") != NULL;
}

/* ---- what a case expects ---- */

static void hash_of(const char *bytes, size_t len, char hex[65])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)bytes, len);
    sodium_bin2hex(hex, 65, hash, sizeof hash);
}

static bool has_hash(struct runner *r, const json_t *expect)
{
    size_t n = 0;
    char hex[65];
    for (size_t i = 0; i < r->out.len; i++) {
        n += r->out.ptr[i] == '\n' ? 1 : 0;
    }
    hash_of(r->out.ptr, r->out.len > 0 ? r->out.len - 1 : 0, hex);
    json_int_t wanted = json_integer_value(json_object_get(expect, "count"));
    if ((json_int_t)n == wanted &&
        strcmp(hex, json_string_value(json_object_get(expect, "sha256"))) == 0) {
        return true;
    }
    gy_buf_printf(&r->why, "%zu ids of hash %s in place of %lld", n, hex, (long long)wanted);
    return false;
}

static bool has_ids(struct runner *r, const json_t *expect)
{
    struct gy_buf wanted = {0};
    gy_buf_text(&wanted, "");
    for (size_t i = 0; i < json_array_size(expect); i++) {
        gy_buf_printf(&wanted, "%s\n", json_string_value(json_array_get(expect, i)));
    }
    bool is_same = gy_str_equal(gy_buf_view(&wanted), gy_buf_view(&r->out));
    if (!is_same) {
        gy_buf_printf(&r->why, "found\n%sin place of\n%s", r->out.ptr == NULL ? "" : r->out.ptr,
                      wanted.ptr == NULL ? "" : wanted.ptr);
    }
    gy_buf_release(&wanted);
    return is_same;
}

/* `line`:`column` in the text, not within longer numbers. */
static bool has_place(const char *text, long long line, long long column)
{
    char place[64];
    int len = snprintf(place, sizeof place, "%lld:%lld", line, column);
    for (const char *at = strstr(text, place); at != NULL; at = strstr(at + 1, place)) {
        if ((at == text || !isdigit((unsigned char)at[-1])) && !isdigit((unsigned char)at[len])) {
            return true;
        }
    }
    return false;
}

/* Takes the definition's line and the caret under it out, which say nothing about the message. */
static void drop_echo(struct gy_buf *text)
{
    char *caret = text->ptr;
    while ((caret = strchr(caret, '^')) != NULL) {
        char *begin = caret;
        while (begin > text->ptr && begin[-1] == ' ') {
            begin--;
        }
        if (begin > text->ptr && begin[-1] == '\n' && caret[1] == '\n') {
            begin--;
            while (begin > text->ptr && begin[-1] != '\n') {
                begin--;
            }
            memmove(begin, caret + 2, strlen(caret + 2) + 1);
            return;
        }
        caret++;
    }
}

static bool has_error(struct runner *r, const json_t *error, int status)
{
    const json_t *line = json_object_get(error, "line");
    const char *mentions = json_string_value(json_object_get(error, "mentions"));
    if (status != 2) {
        return fail(r, "no error of the input", status);
    }
    drop_echo(&r->err);
    if (line != NULL && !has_place(r->err.ptr, json_integer_value(line),
                                   json_integer_value(json_object_get(error, "col")))) {
        gy_buf_printf(&r->why, "not at %lld:%lld: ", (long long)json_integer_value(line),
                      (long long)json_integer_value(json_object_get(error, "col")));
        return fail(r, "the place", status);
    }
    if (mentions != NULL && strcasestr(r->err.ptr, mentions) == NULL) {
        gy_buf_printf(&r->why, "no mention of \"%s\": ", mentions);
        return fail(r, "the message", status);
    }
    return true;
}

/* ---- cases of who ---- */

/* ---- members ---- */

/* Asks for the members of `where`: the exit status. */
static int ask_who(struct runner *r, const char *dir, const json_t *c, const char *where)
{
    const char *words[8] = {"members", "--as-of", json_string_value(json_object_get(c, "as_of"))};
    size_t n = 3;
    if (json_is_true(json_object_get(c, "allow_unknown"))) {
        words[n++] = "--allow-unknown";
    }
    words[n++] = "--";
    words[n] = where;
    return gyeol(r, dir, words);
}

/* The next of the sorted ids, a line each; takes it off. Empty at the end. */
static struct gy_str next_line(struct gy_str *lines)
{
    const char *end = lines->len == 0 ? NULL : memchr(lines->ptr, '\n', lines->len);
    struct gy_str line = {lines->ptr, end == NULL ? 0 : (size_t)(end - lines->ptr) + 1};
    *lines = (struct gy_str){lines->ptr + line.len, lines->len - line.len};
    return line;
}

/* Each id of `all` is in one of the two, and no other is in either. */
static bool is_partition(struct gy_str all, struct gy_str members, struct gy_str others)
{
    struct gy_str member = next_line(&members);
    struct gy_str other = next_line(&others);
    for (struct gy_str id = next_line(&all); id.len > 0; id = next_line(&all)) {
        bool is_member = gy_str_equal(id, member);
        if (is_member == gy_str_equal(id, other)) {
            return false;
        }
        if (is_member) {
            member = next_line(&members);
        } else {
            other = next_line(&others);
        }
    }
    return member.len == 0 && other.len == 0;
}

/* The complement law: X and not (X) part everyone. What the last run said is X's. */
static bool has_complement(struct runner *r, const char *dir, const json_t *c, const char *where)
{
    struct gy_buf members = {0};
    struct gy_buf others = {0};
    struct gy_buf complement = {0};
    gy_buf_str(&members, gy_buf_view(&r->out));
    gy_buf_printf(&complement, "not (%s\n)", where); /* the text may end with a comment */
    int status = ask_who(r, dir, c, complement.ptr);
    gy_buf_str(&others, gy_buf_view(&r->out));
    bool holds = status == 0 || fail(r, "members of the complement", status);
    if (holds) {
        status = ask_who(r, dir, c, "everyone");
        holds = status == 0 || fail(r, "members of everyone", status);
    }
    if (holds && !is_partition(gy_buf_view(&r->out), gy_buf_view(&members), gy_buf_view(&others))) {
        gy_buf_text(&r->why, "X and not (X) do not part everyone");
        holds = false;
    }
    gy_buf_release(&members);
    gy_buf_release(&others);
    gy_buf_release(&complement);
    return holds;
}

static bool ask_members(struct runner *r, const char *dir, const json_t *c)
{
    const char *where = json_string_value(json_object_get(c, "where"));
    const json_t *error = json_object_get(c, "error");
    const json_t *expect = json_object_get(c, "expect");
    int status = ask_who(r, dir, c, where);
    if (error != NULL) {
        return has_error(r, error, status);
    }
    if (status != 0) {
        return fail(r, "members", status);
    }
    return (json_is_object(expect) ? has_hash(r, expect) : has_ids(r, expect)) &&
           has_complement(r, dir, c, where);
}

static bool is_equal(json_t *a, json_t *b)
{
    if (json_is_number(a) && json_is_number(b)) {
        return json_number_value(a) == json_number_value(b);
    }
    if (json_typeof(a) != json_typeof(b)) {
        return false;
    }
    if (json_is_array(a)) {
        bool is_same = json_array_size(a) == json_array_size(b);
        for (size_t i = 0; is_same && i < json_array_size(a); i++) {
            is_same = is_equal(json_array_get(a, i), json_array_get(b, i));
        }
        return is_same;
    }
    if (json_is_object(a)) {
        bool is_same = json_object_size(a) == json_object_size(b);
        const char *key;
        json_t *value;
        json_object_foreach(a, key, value)
        {
            json_t *other = json_object_get(b, key);
            is_same = is_same && other != NULL && is_equal(value, other);
        }
        return is_same;
    }
    return json_equal(a, b) != 0;
}

static bool explains(struct runner *r, const char *dir, const char *text, const json_t *c)
{
    const char *words[] = {"explain", "--json", "--", text, NULL};
    int status = gyeol(r, dir, words);
    if (status != 0) {
        return fail(r, "explain", status);
    }
    json_t *said = json_loadb(r->out.ptr, r->out.len, JSON_DECODE_INT_AS_REAL, NULL);
    const char *canonical = json_string_value(json_object_get(said, "text"));
    const char *wanted = json_string_value(json_object_get(c, "canonical"));
    json_t *json = json_object_get(said, "json");
    bool is_right = canonical != NULL && strcmp(canonical, wanted) == 0 && json != NULL &&
                    is_equal(json, json_object_get(c, "json"));
    if (!is_right) {
        gy_buf_printf(&r->why, "\"%s\" is explained as %s", text, r->out.ptr);
    }
    json_decref(said);
    return is_right;
}

/* ---- one case ---- */

static bool ask(struct runner *r, const char *dir, const json_t *c)
{
    const char *canonical = json_string_value(json_object_get(c, "canonical"));
    if (canonical == NULL) {
        return ask_members(r, dir, c);
    }
    return explains(r, dir, json_string_value(json_object_get(c, "text")), c) &&
           explains(r, dir, canonical, c);
}

static bool run_in(struct runner *r, const char *dir, const json_t *c)
{
    int failed = -1;
    if (!add_lists(r, dir, c) || !add_definitions(r, dir, c, "segments", "segment", &failed)) {
        return false;
    }
    if (failed < 0 && !add_definitions(r, dir, c, "metrics", "metric", &failed)) {
        return false;
    }
    if (failed >= 0) {
        return has_error(r, json_object_get(c, "error"), failed);
    }
    return add_history(r, dir, c) && ask(r, dir, c);
}

static bool run_case(struct runner *r, const json_t *c)
{
    char dir[PATH_SIZE];
    gy_buf_reset(&r->why);
    gy_buf_text(&r->why, "");
    if (!find_workspace(r, c, dir)) {
        return false;
    }
    if (!defines_something(c)) {
        return ask(r, dir, c);
    }
    if (!copy_workspace(r, dir)) {
        return false;
    }
    bool is_right = run_in(r, dir, c);
    remove_tree(dir);
    return is_right;
}

/* ---- the pending ones ---- */

static json_t *read_pending(const char *path)
{
    json_t *names = json_object();
    FILE *file = fopen(path, "r");
    char line[256];
    if (file == NULL) {
        die(path);
    }
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, " #\n")] = '\0';
        if (line[0] != '\0') {
            json_object_set_new(names, line, json_true());
        }
    }
    if (fclose(file) != 0) {
        die(path);
    }
    return names;
}

/* Pending names that begin like this file's cases but are none of them. */
static int count_stray(json_t *pending, const json_t *cases, const char *stem)
{
    const char *name;
    json_t *value;
    int n = 0;
    json_object_foreach(pending, name, value)
    {
        size_t len = strlen(stem);
        bool is_ours = strncmp(name, stem, len) == 0 && name[len] == '-' &&
                       strspn(name + len + 1, "0123456789") == strlen(name + len + 1);
        for (size_t i = 0; is_ours && i < json_array_size(cases); i++) {
            const json_t *c = json_array_get(cases, i);
            is_ours = strcmp(json_string_value(json_object_get(c, "name")), name) != 0;
        }
        if (is_ours) {
            printf("%s: pending, but there is no such case\n", name);
            n++;
        }
    }
    return n;
}

/* ---- all of them ---- */

static int run_all(struct runner *r, const json_t *cases, const json_t *pending)
{
    int n_passed = 0;
    int n_pending = 0;
    int n_wrong = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        const char *name = json_string_value(json_object_get(c, "name"));
        bool is_pending = json_object_get(pending, name) != NULL;
        bool is_right = run_case(r, c);
        n_passed += is_right && !is_pending ? 1 : 0;
        n_pending += !is_right && is_pending ? 1 : 0;
        if (is_right == is_pending) {
            n_wrong++;
            printf("%s: %s\n", name,
                   is_right ? "passes, but stands among the pending" : r->why.ptr);
        }
    }
    printf("%d passed, %d pending, %d wrong\n", n_passed, n_pending, n_wrong);
    return n_wrong;
}

int main(int argc, char **argv)
{
    if (argc != 5 || sodium_init() < 0) {
        fprintf(stderr, "run_cases PROGRAM CASES.json DATA PENDING\n");
        return 2;
    }
    struct runner r = {.program = argv[1], .data = argv[3]};
    json_t *cases = json_load_file(argv[2], 0, NULL);
    json_t *pending = read_pending(argv[4]);
    const char *slash = strrchr(argv[2], '/');
    char stem[128];
    snprintf(stem, sizeof stem, "%s", slash == NULL ? argv[2] : slash + 1);
    stem[strcspn(stem, ".")] = '\0';
    /* In memory where there is such a folder: durability is not what is tried here. */
    snprintf(r.folder, sizeof r.folder, "%s/gyeol-cases-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!json_is_array(cases) || json_array_size(cases) == 0 || mkdtemp(r.folder) == NULL) {
        die(argv[2]);
    }
    int n_wrong = run_all(&r, cases, pending) + count_stray(pending, cases, stem);
    remove_tree(r.folder);
    json_decref(cases);
    json_decref(pending);
    gy_buf_release(&r.out);
    gy_buf_release(&r.err);
    gy_buf_release(&r.why);
    return n_wrong == 0 ? 0 : 1;
}
