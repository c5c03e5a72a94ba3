/* shop_reference.c - asks the tests' reference, which evaluates row by row and shares no code with the engine.
 *
 *   shop_reference CALLS.jsonl              reads all of it into memory, and says "ready"
 *   members  INSTANT DEFINITION             how many customers, and a hash of their ids in order, as
 *                                           shop_ask has it
 */
#include <stdio.h>
#include <stdlib.h>

#include "answer_lines.h"
#include "base/file.h"
#include "base/hash.h"
#include "reference/reference.h"

struct reference {
    struct ref_data *data;
};

static uint64_t count_lines(const struct gy_buf *text)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text->len; i++)
        n += text->ptr[i] == '\n';
    return n;
}

static bool run_members(void *engine, const struct question *q, struct gy_buf *value)
{
    struct reference *r = engine;
    struct gy_error err = {0};
    struct gy_definition definition = {0};
    struct gy_buf ids = {0};
    int64_t now_ms;
    struct gy_vocabulary vocabulary = ref_vocabulary(r->data);
    bool is_done =
        gy_time_read(gy_str_of(q->arguments[0]), NULL, &now_ms, NULL) &&
        gy_define(gy_str_of(q->arguments[1]), &vocabulary, NULL, &definition, &err) == GY_OK;
    if (is_done) {
        ref_members(r->data, definition.expr, now_ms, &ids);
        gy_buf_printf(value, "%llu %016llx", (unsigned long long)count_lines(&ids),
                      (unsigned long long)gy_hash(ids.ptr, ids.len, 0));
    } else {
        gy_buf_text(value, err.message);
    }
    gy_buf_release(&ids);
    gy_definition_release(&definition);
    return is_done;
}

int main(int argc, char **argv)
{
    static const struct line_verb verbs[] = {{"members", run_members, false}};
    struct gy_error err = {0};
    struct gy_buf text = {0};
    struct gy_zone *zone = NULL;
    struct reference r = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: shop_reference CALLS.jsonl\n");
        return 2;
    }
    if (gy_file_read(argv[1], &text, &err) != GY_OK ||
        gy_zone_open("Asia/Seoul", &zone, &err) != GY_OK) {
        fprintf(stderr, "shop_reference: %s\n", err.message);
        return 1;
    }
    r.data = ref_data_new(gy_buf_view(&text), zone);
    gy_buf_release(&text);
    printf("ready\t0\n");
    fflush(stdout);
    lines_serve(&r, verbs, 1);
    ref_data_free(r.data);
    gy_zone_close(zone);
    return 0;
}
