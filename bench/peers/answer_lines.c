/* answer_lines.c - see answer_lines.h. */
#include "answer_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"

enum {
    SHORT_US = 1000,
    REPEAT_US = 20000
};

static struct question split(char *line)
{
    struct question q = {.arguments = {"", "", ""}};
    char *rest = line;
    line[strcspn(line, "\n")] = '\0';
    q.verb = strsep(&rest, "\t");
    for (int i = 0; i < LINE_ARGUMENTS && rest != NULL; i++)
        q.arguments[i] = strsep(&rest, "\t");
    return q;
}

/* Runs once, or often enough; microseconds a run, or -1 where it failed. */
static double time_runs(const struct line_verb *verb, void *engine, const struct question *q,
                        struct gy_buf *value)
{
    int64_t start_us = gy_monotonic_us();
    int64_t used_us = 0;
    uint32_t n = 0;
    do {
        gy_buf_reset(value);
        if (!verb->run(engine, q, value))
            return -1;
        n++;
        used_us = gy_monotonic_us() - start_us;
    } while (verb->repeats && used_us < (n == 1 ? SHORT_US : REPEAT_US));
    return (double)used_us / n;
}

static void print_value(const struct gy_buf *value)
{
    for (size_t i = 0; i < value->len; i++) {
        if (value->ptr[i] == '\n')
            fputs("\\n", stdout);
        else
            putchar(value->ptr[i] == '\t' ? ' ' : value->ptr[i]);
    }
}

static void answer(void *engine, const struct line_verb *verb, const struct question *q,
                   struct gy_buf *value)
{
    double us = -1;
    gy_buf_reset(value);
    if (verb == NULL)
        gy_buf_printf(value, "there is no verb \"%s\"", q->verb);
    else
        us = time_runs(verb, engine, q, value);
    fputs(us < 0 ? "error\t" : "ok\t", stdout);
    print_value(value);
    if (us >= 0)
        printf("\t%.1f", us);
    putchar('\n');
    fflush(stdout);
}

static const struct line_verb *find(const struct line_verb *verbs, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}

void lines_serve(void *engine, const struct line_verb *verbs, size_t n_verbs)
{
    char *line = NULL;
    size_t capacity = 0;
    struct gy_buf value = {0};
    while (getline(&line, &capacity, stdin) > 0) {
        struct question q = split(line);
        answer(engine, find(verbs, n_verbs, q.verb), &q, &value);
    }
    gy_buf_release(&value);
    free(line);
}
