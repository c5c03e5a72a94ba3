/* why_text.c - the answer of `why` as an indented tree.
 *
 *   ✗ and                                             from 2012-01-03 09:00:00
 *     ✓ count(Order last 30 days) >= 2                until 2012-01-03 09:00:00
 *         found 3
 *           2011-12-09 12:20:00
 */
#include "cli/why_text.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/output.h"
#include "engine/derived.h"
#include "lang/print.h"
#include "workspace/why_json.h"

struct page {
    const struct gy_ask *ask;
    const struct gy_zone *zone;
    const char *currency;
    struct gy_buf text;
};

static void indent(struct page *page, unsigned level)
{
    for (unsigned i = 0; i < level; i++) {
        gy_buf_text(&page->text, "  ");
    }
}

static void put_time(struct page *page, int64_t ms)
{
    char time[GY_TIME_TEXT];
    (void)gy_time_print_local(page->zone, ms, time);
    gy_buf_text(&page->text, time);
}

/* ---- numbers ---- */

static bool is_money(struct gy_str property)
{
    static const char *const names[] = {"revenue",  "total",    "subtotal", "price",
                                        "discount", "shipping", "tax"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (gy_str_equal(property, gy_str_of(names[i]))) {
            return true;
        }
    }
    return false;
}

/* Whether the text, without currency and commas, is that number: no digit was rounded away. */
static bool says(struct gy_str text, double number)
{
    char digits[512];
    size_t n = 0;
    double read;
    for (size_t i = 0; i < text.len && n < sizeof digits; i++) {
        if (strchr("-.0123456789", text.ptr[i]) != NULL) {
            digits[n++] = text.ptr[i];
        }
    }
    return gy_number_read((struct gy_str){digits, n}, &read) && read == number;
}

/* Money in the workspace's currency where that loses nothing. */
static void put_number(struct page *page, double number, struct gy_str property)
{
    char digits[GY_NUMBER_TEXT];
    struct gy_buf money = {0};
    if (is_money(property) && page->currency[0] != '\0') {
        gy_put_money(&money, number, page->currency);
    }
    if (money.len == 0 || !says(gy_buf_view(&money), number)) {
        gy_buf_reset(&money);
        if (number >= 0 && number < 1e15 && number == (double)(uint64_t)number) {
            gy_put_count(&money, (uint64_t)number);
        } else {
            (void)gy_number_print(number, digits);
            gy_buf_text(&money, digits);
        }
    }
    gy_buf_str(&page->text, gy_buf_view(&money));
    gy_buf_release(&money);
}

static void put_value(struct page *page, const struct gy_value *value, struct gy_str property)
{
    if (value->type == GY_VALUE_MISSING) {
        gy_buf_text(&page->text, "nothing (missing)");
    } else if (value->type == GY_VALUE_NUMBER) {
        put_number(page, value->number, property);
    } else {
        gy_put_shown(&page->text, page->zone, value);
    }
}

/* The property whose money, if it is, the term's value is. */
static struct gy_str property_of(const struct gy_term *term)
{
    term = gy_why_meant(term);
    bool is_amount = term->kind == GY_TERM_AGGREGATE && term->aggregate != GY_DISTINCT;
    return is_amount ? term->name.text : (struct gy_str){0};
}

/* ---- events ---- */

static void put_event(struct page *page, const struct gy_event *event, bool is_named)
{
    const struct gy_schema *schema = gy_snapshot_schema(page->ask->snapshot);
    put_time(page, event->time_ms);
    if (is_named && event->stream != GY_ID_NONE) {
        gy_buf_text(&page->text, "  ");
        gy_put_safe(&page->text, gy_event_name(schema, event->stream));
    }
    for (uint32_t i = 0; i < event->n_fields; i++) {
        gy_buf_text(&page->text, "  ");
        gy_put_safe(&page->text, event->names[i]);
        gy_buf_char(&page->text, ' ');
        put_value(page, &event->values[i], event->names[i]);
    }
    gy_buf_char(&page->text, '\n');
}

/* A chain's in order, others from the newest on. */
static void put_events(struct page *page, const struct gy_why_events *events, bool is_chain,
                       unsigned level)
{
    for (uint32_t i = 0; i < events->n_events; i++) {
        uint32_t place = is_chain ? i : events->n_events - 1 - i;
        indent(page, level);
        put_event(page, &events->events[place], is_chain);
    }
    if (events->n_all > events->n_events) {
        indent(page, level);
        gy_buf_text(&page->text, "and ");
        gy_put_count(&page->text, events->n_all - events->n_events);
        gy_buf_text(&page->text, " earlier\n");
    }
}

/* ---- tests ---- */

static void put_found(struct page *page, const struct gy_why_value *found, bool is_alone,
                      unsigned level)
{
    struct gy_buf term = {0};
    indent(page, level);
    if (is_alone) {
        gy_buf_text(&page->text, "found ");
    } else {
        gy_print_term(found->term, &term);
        gy_put_safe(&page->text, gy_buf_view(&term));
        gy_buf_text(&page->text, " is ");
    }
    put_value(page, &found->value, property_of(found->term));
    gy_buf_char(&page->text, '\n');
    put_events(page, &found->events, false, level + 1);
    gy_buf_release(&term);
}

/* "2 more Order Completed", "1 more day with Visit", "1 more kind of Order", "₩12,000 more revenue of
 * Order Completed". */
static void put_shortfall(struct page *page, const struct gy_shortfall *s, unsigned level)
{
    bool is_of_property = gy_aggregate_takes_property(s->aggregate);
    indent(page, level);
    gy_buf_text(&page->text, s->is_exclusive ? "missing: more than " : "missing: ");
    put_number(page, s->amount, s->aggregate == GY_SUM ? s->property : (struct gy_str){0});
    gy_buf_text(&page->text, " more ");
    if (s->aggregate == GY_DAYS) {
        gy_buf_text(&page->text, s->amount == 1 ? "day with " : "days with ");
    }
    if (is_of_property) {
        gy_put_safe(&page->text, s->property);
        gy_buf_text(&page->text, " of ");
    }
    gy_put_safe(&page->text, s->event);
    gy_buf_char(&page->text, '\n');
}

static void put_evidence(struct page *page, const struct gy_why_node *node, unsigned level)
{
    for (uint32_t i = 0; i < node->n_values; i++) {
        put_found(page, &node->values[i], node->n_values == 1, level);
    }
    put_events(page, &node->events, node->expr->n_steps > 1, level);
    if (node->shortfall.is_given) {
        put_shortfall(page, &node->shortfall, level);
    }
}

/* ---- nodes ---- */

static void put_flip(struct page *page, const struct gy_why_node *node, int64_t now_ms)
{
    const struct gy_flip *flip = &node->flip;
    switch (flip->kind) {
    case GY_FLIP_NEVER:
        gy_buf_text(&page->text, node->holds ? "stays" : "stays out");
        return;
    case GY_FLIP_AT:
        gy_buf_text(&page->text, node->holds ? "until " : "from ");
        put_time(page, flip->at_ms);
        return;
    case GY_FLIP_UNFORESEEN:
        gy_buf_text(&page->text, "not foreseeable");
        if (flip->at_ms > now_ms + 1) {
            gy_buf_text(&page->text, node->holds ? ", at least until " : ", not before ");
            put_time(page, flip->at_ms);
        }
        gy_buf_printf(&page->text, ": %s", gy_unforeseen_text(flip->reason));
        return;
    }
}

static void put_name(struct page *page, const struct gy_expr *expr)
{
    struct gy_buf text = {0};
    if (expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR || expr->kind == GY_EXPR_NOT) {
        gy_buf_text(&page->text, expr->kind == GY_EXPR_AND  ? "and"
                                 : expr->kind == GY_EXPR_OR ? "or"
                                                            : "not");
        return;
    }
    gy_print_expr(expr, &text);
    gy_put_safe(&page->text, gy_buf_view(&text));
    gy_buf_release(&text);
}

static void put_mark(struct page *page, bool holds)
{
    bool color = gy_cli_of(page->ask)->color;
    gy_buf_text(&page->text, color ? holds ? "\033[32m" : "\033[31m" : "");
    gy_buf_text(&page->text, holds ? "✓ " : "✗ ");
    gy_buf_text(&page->text, color ? "\033[0m" : "");
}

static void put_node(struct page *page, const struct gy_why_node *node, unsigned level)
{
    int64_t now_ms = page->ask->now_ms;
    indent(page, level);
    put_mark(page, node->holds);
    put_name(page, node->expr);
    gy_buf_text(&page->text, "  — ");
    put_flip(page, node, now_ms);
    gy_buf_char(&page->text, '\n');
    put_evidence(page, node, level + 2);
    for (uint32_t i = 0; i < node->n_children; i++) {
        if (i == 0 && node->children[0].now_ms != node->now_ms) {
            indent(page, level + 1);
            gy_buf_text(&page->text, "as of ");
            put_time(page, node->children[0].now_ms);
            gy_buf_char(&page->text, '\n');
        }
        put_node(page, &node->children[i], level + 1);
    }
}

void gy_why_print_text(const struct gy_ask *ask, struct gy_str id, const struct gy_why *why)
{
    struct page page = {.ask = ask,
                        .zone = gy_snapshot_zone(ask->snapshot),
                        .currency = gy_snapshot_currency(ask->snapshot)};
    gy_put_safe(&page.text, id);
    gy_buf_text(&page.text, why->root->holds ? " is in, as of " : " is not in, as of ");
    put_time(&page, ask->now_ms);
    gy_buf_text(&page.text, "; if nothing happens: ");
    put_flip(&page, why->root, ask->now_ms);
    gy_buf_text(&page.text, "\n\n");
    put_node(&page, why->root, 0);
    fputs(page.text.ptr, stdout);
    gy_buf_release(&page.text);
}
