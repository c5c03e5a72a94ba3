/* explain_plan.c - see explain_plan.h. */
#include "cli/explain_plan.h"

#include "base/zone.h"
#include "cli/output.h"
#include "lang/print.h"

/* ---- as a table ---- */

static void put_stream(const struct gy_read *read, struct gy_buf *out)
{
    if (read->kind == GY_READ_CUSTOMERS) {
        gy_buf_text(out, "(customers)");
        return;
    }
    gy_buf_text(out, read->kind == GY_READ_TRAIT ? "trait." : "");
    gy_buf_str(out, read->name);
}

static void put_columns(const struct gy_read *read, struct gy_buf *out)
{
    gy_buf_text(out, "time");
    for (uint32_t i = 0; i < read->n_columns; i++) {
        gy_buf_text(out, ", ");
        gy_buf_str(out, read->columns[i].name);
    }
}

static void add_text(struct gy_listing *table, struct gy_buf *text)
{
    gy_listing_str(table, gy_buf_view(text));
    gy_buf_reset(text);
}

static void add_row(struct gy_listing *table, const struct gy_read *read)
{
    struct gy_buf text = {0};
    put_stream(read, &text);
    add_text(table, &text);
    gy_listing_count(table, read->n_parts);
    gy_listing_count(table, read->n_rows);
    gy_put_bytes(&text, read->bytes);
    add_text(table, &text);
    put_columns(read, &text);
    add_text(table, &text);
    gy_buf_release(&text);
}

static void add_total(struct gy_listing *table, const struct gy_reads *reads)
{
    struct gy_buf text = {0};
    gy_listing_text(table, "at most");
    gy_listing_count(table, reads->n_parts);
    gy_listing_count(table, reads->n_rows);
    gy_put_bytes(&text, reads->bytes);
    add_text(table, &text);
    gy_listing_text(table, "");
    gy_buf_release(&text);
}

static void print_table(const struct gy_reads *reads, bool color)
{
    static const char *const head[] = {"reads", "parts", "rows", "bytes", "columns"};
    struct gy_listing table;
    gy_listing_init(&table, "lrrrl");
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        gy_listing_text(&table, head[i]);
    }
    for (uint32_t i = 0; i < reads->n_streams; i++) {
        add_row(&table, &reads->streams[i]);
    }
    add_total(&table, reads);
    gy_listing_print(&table, color, stdout);
    gy_listing_release(&table);
}

/* "ranks first: VALUE among (EXPR) as of TIME" */
static void print_population(const struct gy_ask *ask, const struct gy_read_population *p)
{
    struct gy_buf text = {0};
    struct gy_buf safe = {0};
    char time[GY_TIME_TEXT];
    gy_print_term(p->value, &text);
    if (p->among != NULL) {
        gy_buf_text(&text, " among (");
        gy_print_expr(p->among, &text);
        gy_buf_char(&text, ')');
    }
    if (p->now_ms != ask->now_ms) {
        gy_time_print(p->now_ms, time);
        gy_buf_printf(&text, " as of %s", time);
    }
    gy_put_safe(&safe, gy_buf_view(&text));
    printf("ranks first: %s\n", safe.ptr);
    gy_buf_release(&text);
    gy_buf_release(&safe);
}

void gy_explain_plan_print(const struct gy_ask *ask, const struct gy_reads *reads)
{
    printf("\n");
    print_table(reads, gy_cli_of(ask)->color);
    for (uint32_t i = 0; i < reads->n_populations; i++) {
        print_population(ask, &reads->populations[i]);
    }
}
