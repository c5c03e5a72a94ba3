/* shop_clickhouse.c - asks the current ClickHouse, which npm brings as a library, by lines (answer_lines.h).
 *
 *   shop_clickhouse LIBCHDB DIR THREADS
 *   ask    STATEMENT                        its result as text; may be run more than once
 *   run    STATEMENT                        likewise, once
 *
 * The library is opened at run time: nothing is built against it.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer_lines.h"

/* The few functions of libchdb.so that are used; a connection is a pointer to a handle. */
struct library {
    void **(*connect)(int argc, char **argv);
    void (*close)(void **connection);
    void *(*query)(void *connection, const char *statement, const char *format);
    const char *(*buffer)(void *result);
    size_t (*length)(void *result);
    const char *(*error)(void *result);
    void (*destroy)(void *result);
};

struct database {
    struct library library;
    void **connection;
};

static void *symbol(void *handle, const char *name)
{
    void *found = dlsym(handle, name);
    if (found == NULL) {
        fprintf(stderr, "shop_clickhouse: %s\n", dlerror());
        exit(1);
    }
    return found;
}

static struct library open_library(const char *path)
{
    struct library l;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        fprintf(stderr, "shop_clickhouse: %s\n", dlerror());
        exit(1);
    }
    *(void **)&l.connect = symbol(handle, "chdb_connect");
    *(void **)&l.close = symbol(handle, "chdb_close_conn");
    *(void **)&l.query = symbol(handle, "chdb_query");
    *(void **)&l.buffer = symbol(handle, "chdb_result_buffer");
    *(void **)&l.length = symbol(handle, "chdb_result_length");
    *(void **)&l.error = symbol(handle, "chdb_result_error");
    *(void **)&l.destroy = symbol(handle, "chdb_destroy_query_result");
    return l;
}

static bool run_statement(void *engine, const struct question *q, struct gy_buf *value)
{
    const struct database *d = engine;
    const struct library *l = &d->library;
    void *result = l->query(*d->connection, q->arguments[0], "TabSeparatedRaw");
    const char *error = l->error(result);
    if (error != NULL)
        gy_buf_text(value, error);
    else
        gy_buf_append(value, l->buffer(result), l->length(result));
    l->destroy(result);
    return error == NULL;
}

static const struct line_verb verbs[] = {
    {"ask", run_statement, true},
    {"run", run_statement, false},
};

int main(int argc, char **argv)
{
    char path[4096];
    char threads[64];
    char name[] = "clickhouse";
    char *arguments[] = {name, path, threads, NULL};
    if (argc != 4) {
        fprintf(stderr, "usage: shop_clickhouse LIBCHDB DIR THREADS\n");
        return 2;
    }
    struct database d = {.library = open_library(argv[1])};
    snprintf(path, sizeof path, "--path=%s", argv[2]);
    snprintf(threads, sizeof threads, "--max_threads=%s", argv[3]);
    d.connection = d.library.connect(3, arguments);
    if (d.connection == NULL) {
        fprintf(stderr, "shop_clickhouse: could not open a database in \"%s\"\n", argv[2]);
        return 1;
    }
    printf("ready\t0\n");
    fflush(stdout);
    lines_serve(&d, verbs, sizeof verbs / sizeof *verbs);
    d.library.close(d.connection);
    return 0;
}
