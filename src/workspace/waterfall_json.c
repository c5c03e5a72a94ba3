/* waterfall_json.c - see waterfall_json.h. */
#include "workspace/waterfall_json.h"

#include "lang/print.h"

static void put_text(struct gy_json_writer *w, const struct gy_expr *expr)
{
    struct gy_buf text = {0};
    gy_print_expr(expr, &text);
    gy_json_key(w, "text");
    gy_json_str(w, gy_buf_view(&text));
    gy_buf_release(&text);
}

/* The conditions at [first, end), each with those below it. */
static void put_conditions(struct gy_json_writer *w, const struct gy_waterfall *waterfall,
                           uint32_t first, uint32_t end)
{
    gy_json_key(w, "conditions");
    gy_json_open(w, '[');
    for (uint32_t i = first; i < end; i = waterfall->conditions[i].end) {
        const struct gy_condition *c = &waterfall->conditions[i];
        gy_json_open(w, '{');
        put_text(w, c->expr);
        gy_json_key(w, "alone");
        gy_json_count(w, c->n_alone);
        gy_json_key(w, "remaining");
        gy_json_count(w, c->n_remain);
        gy_json_key(w, "unknown");
        gy_json_count(w, c->n_unknown);
        gy_json_key(w, "more_without");
        gy_json_number(w, (double)c->more_without);
        if (c->end > i + 1) {
            put_conditions(w, waterfall, i + 1, c->end);
        }
        gy_json_close(w, '}');
    }
    gy_json_close(w, ']');
}

void gy_waterfall_json(const struct gy_ask *ask, const struct gy_expr *expr,
                       const struct gy_waterfall *waterfall, struct gy_json_writer *w)
{
    gy_json_open(w, '{');
    put_text(w, expr);
    gy_json_key(w, "as_of");
    gy_json_time(w, ask->now_ms);
    gy_json_key(w, "everyone");
    gy_json_count(w, waterfall->n_everyone);
    put_conditions(w, waterfall, 0, waterfall->n_conditions);
    gy_json_key(w, "count");
    gy_json_count(w, waterfall->n_members);
    gy_json_close(w, '}');
}
