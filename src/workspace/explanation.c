/* explanation.c - see explanation.h. */
#include "workspace/explanation.h"

#include "lang/json.h"
#include "lang/print.h"
#include "lang/sentence.h"

enum gy_status gy_explain(const struct gy_ask *ask, const struct gy_expr *expr,
                          struct gy_explanation *out, struct gy_error *err)
{
    const struct gy_zone *zone = ask->vocabulary.zone;
    *out = (struct gy_explanation){0};
    gy_print_expr(expr, &out->text);
    gy_json_expr(expr, &out->json);
    gy_sentence(expr, GY_LANGUAGE_EN, zone, ask->now_ms, &out->english);
    gy_sentence(expr, GY_LANGUAGE_KO, zone, ask->now_ms, &out->korean);
    return gy_reads_of(ask->snapshot, expr, ask->now_ms, &out->reads, err);
}

void gy_explanation_release(struct gy_explanation *e)
{
    gy_buf_release(&e->text);
    gy_buf_release(&e->json);
    gy_buf_release(&e->english);
    gy_buf_release(&e->korean);
    gy_reads_release(&e->reads);
}

/* ---- as JSON ---- */

static const char *word_of(enum gy_read_kind kind)
{
    switch (kind) {
    case GY_READ_CUSTOMERS:
        return "customers";
    case GY_READ_EVENT:
        return "event";
    case GY_READ_TRAIT:
        return "trait";
    }
    return "";
}

static void put_number(struct gy_json_writer *w, const char *key, uint64_t n)
{
    gy_json_key(w, key);
    gy_json_count(w, n);
}

static void json_stream(const struct gy_read *read, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_json_key(w, "kind");
    gy_json_text(w, word_of(read->kind));
    if (read->kind != GY_READ_CUSTOMERS) {
        gy_json_key(w, "name");
        gy_json_str(w, read->name);
    }
    put_number(w, "parts", read->n_parts);
    put_number(w, "rows", read->n_rows);
    put_number(w, "row_bytes", read->row_bytes);
    gy_json_key(w, "columns");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < read->n_columns; i++) {
        gy_json_open(w, '{');
        gy_json_key(w, "name");
        gy_json_str(w, read->columns[i].name);
        put_number(w, "bytes", read->columns[i].bytes);
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
    put_number(w, "bytes", read->bytes);
    gy_json_close(w, '}');
}

static void json_population(const struct gy_read_population *p, struct gy_json_writer *w)
{
    struct gy_buf text = {0};
    gy_json_open(w, '{');
    gy_print_term(p->value, &text);
    gy_json_key(w, "value");
    gy_json_str(w, gy_buf_view(&text));
    if (p->among != NULL) {
        gy_buf_reset(&text);
        gy_print_expr(p->among, &text);
        gy_json_key(w, "among");
        gy_json_str(w, gy_buf_view(&text));
    }
    gy_json_key(w, "as_of");
    gy_json_time(w, p->now_ms);
    put_number(w, "pass", p->level + UINT64_C(1));
    gy_json_close(w, '}');
    gy_buf_release(&text);
}

static void put_plan(const struct gy_reads *reads, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_json_key(w, "streams");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < reads->n_streams; i++) {
        json_stream(&reads->streams[i], w);
    }
    gy_json_close(w, ']');
    gy_json_key(w, "populations");
    gy_json_open(w, '[');
    for (uint32_t i = 0; i < reads->n_populations; i++) {
        json_population(&reads->populations[i], w);
    }
    gy_json_close(w, ']');
    put_number(w, "parts", reads->n_parts);
    put_number(w, "rows", reads->n_rows);
    put_number(w, "columns", reads->n_columns);
    put_number(w, "bytes", reads->bytes);
    gy_json_close(w, '}');
}

void gy_explanation_json(const struct gy_explanation *e, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    gy_json_key(w, "text");
    gy_json_str(w, gy_buf_view(&e->text));
    gy_json_key(w, "json");
    gy_json_raw(w, gy_buf_view(&e->json));
    gy_json_key(w, "sentence");
    gy_json_open(w, '{');
    gy_json_key(w, "en");
    gy_json_str(w, gy_buf_view(&e->english));
    gy_json_key(w, "ko");
    gy_json_str(w, gy_buf_view(&e->korean));
    gy_json_close(w, '}');
    gy_json_key(w, "plan");
    put_plan(&e->reads, w);
    gy_json_close(w, '}');
}
