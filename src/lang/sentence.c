/* sentence.c - numbers, times and numbered parts: what the sentences of both languages share. */
#include "lang/sentence.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/number.h"
#include "lang/quote.h"
#include "lang/sentence_internal.h"

/* ---- names and numbers ---- */

void gy_say_name(struct gy_sayer *s, const struct gy_name *name)
{
    gy_quote(name->text, s->out);
}

/* Digits with a comma before every third from the end. */
static void say_grouped(struct gy_sayer *s, struct gy_str digits)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0) {
            gy_buf_char(s->out, ',');
        }
        gy_buf_char(s->out, digits.ptr[i]);
    }
}

void gy_say_integer(struct gy_sayer *s, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    say_grouped(s, (struct gy_str){text, (size_t)len});
}

/* What has an exponent is left as it is. */
void gy_say_number(struct gy_sayer *s, double number)
{
    char text[GY_NUMBER_TEXT];
    struct gy_str all = {text, gy_number_print(number, text)};
    bool has_exponent = memchr(text, 'e', all.len) != NULL;
    size_t sign = text[0] == '-';
    size_t whole = sign;
    while (!has_exponent && whole < all.len && text[whole] != '.') {
        whole++;
    }
    gy_buf_append(s->out, text, sign);
    say_grouped(s, (struct gy_str){text + sign, whole - sign});
    gy_buf_append(s->out, text + whole, all.len - whole);
}

/* "0.125" is 12.5%, by moving the point: a multiplication would round. */
static void say_moved(struct gy_sayer *s, struct gy_str decimals)
{
    bool has_one = decimals.len == 1;
    bool has_ten = decimals.ptr[0] != '0';
    gy_buf_append(s->out, decimals.ptr + !has_ten, (has_one ? 1U : 2U) - !has_ten);
    gy_say(s, has_one ? "0" : "");
    if (decimals.len > 2) {
        gy_buf_char(s->out, '.');
        gy_buf_append(s->out, decimals.ptr + 2, decimals.len - 2);
    }
}

void gy_say_percent(struct gy_sayer *s, double share)
{
    char text[GY_NUMBER_TEXT];
    size_t len = gy_number_print(share, text);
    const char *exponent = memchr(text, 'e', len);
    if (exponent != NULL) {
        gy_buf_append(s->out, text, (size_t)(exponent - text));
        gy_buf_printf(s->out, "e%ld", strtol(exponent + 1, NULL, 10) + 2);
    } else if (len > 2) {
        say_moved(s, (struct gy_str){text + 2, len - 2});
    } else {
        gy_say(s, text[0] == '0' ? "0" : "100");
    }
    gy_buf_char(s->out, '%');
}

/* ---- times ---- */

static void say_civil_date(struct gy_sayer *s, const struct gy_civil *c)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (s->language == GY_LANGUAGE_KO) {
        gy_buf_printf(s->out, "%d년 %d월 %d일", c->year, c->month, c->day);
    } else {
        gy_buf_printf(s->out, "%d %s %d", c->day, months[c->month - 1], c->year);
    }
}

void gy_say_date(struct gy_sayer *s, int64_t day)
{
    struct gy_civil civil;
    gy_day_to_civil(day, &civil);
    say_civil_date(s, &civil);
}

/* The offset, at the second of two equal local times. */
static void say_offset_if_second(struct gy_sayer *s, int64_t ms)
{
    int64_t offset_ms = gy_zone_offset_ms(s->zone, ms);
    if (gy_zone_to_utc(s->zone, ms + offset_ms) != ms) {
        int64_t minutes = offset_ms / GY_MINUTE_MS;
        int64_t size = minutes < 0 ? -minutes : minutes;
        gy_buf_printf(s->out, " UTC%c%02d:%02d", minutes < 0 ? '-' : '+', (int)(size / 60),
                      (int)(size % 60));
    }
}

void gy_say_time(struct gy_sayer *s, int64_t ms)
{
    struct gy_civil civil;
    gy_zone_civil(s->zone, ms, &civil);
    say_civil_date(s, &civil);
    gy_buf_printf(s->out, " %02d:%02d", civil.hour, civil.minute);
    if (civil.second != 0 || civil.millisecond != 0) {
        gy_buf_printf(s->out, ":%02d", civil.second);
    }
    if (civil.millisecond != 0) {
        gy_buf_printf(s->out, ".%03d", civil.millisecond);
    }
    say_offset_if_second(s, ms);
}

void gy_say_duration(struct gy_sayer *s, uint64_t n, enum gy_unit unit)
{
    static const char *const korean[] = {
        [GY_UNIT_MINUTE] = "분", [GY_UNIT_HOUR] = "시간",  [GY_UNIT_DAY] = "일",
        [GY_UNIT_WEEK] = "주",   [GY_UNIT_MONTH] = "개월", [GY_UNIT_YEAR] = "년",
    };
    gy_say_integer(s, n);
    if (s->language == GY_LANGUAGE_KO) {
        gy_say(s, korean[unit]);
        return;
    }
    struct gy_str word = gy_str_of(gy_unit_word(unit));
    word.len -= n == 1;
    gy_buf_char(s->out, ' ');
    gy_buf_str(s->out, word);
}

bool gy_say_is_endless(int64_t ms)
{
    return gy_instant_within_calendar(ms) > ms;
}

int64_t gy_say_instant_ago(const struct gy_sayer *s, const struct gy_duration *ago)
{
    return gy_instant_within_calendar(gy_duration_before(s->now_ms, ago, s->zone));
}

/* ---- terms and tests ---- */

bool gy_say_is_simple(const struct gy_term *term)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
    case GY_TERM_STRING:
    case GY_TERM_BOOL:
    case GY_TERM_TRAIT:
    case GY_TERM_METRIC:
    case GY_TERM_PROPERTY:
    case GY_TERM_STEP_PROPERTY:
        return true;
    case GY_TERM_AGE:
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
    case GY_TERM_NEGATIVE:
    case GY_TERM_AGGREGATE:
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
    case GY_TERM_HOUR:
    case GY_TERM_WEEKDAY:
    case GY_TERM_MONTH:
    case GY_TERM_DAY:
        break;
    }
    return false;
}

const char *gy_say_sign(enum gy_term_kind kind)
{
    return kind == GY_TERM_ADD        ? " + "
           : kind == GY_TERM_SUBTRACT ? " − "
           : kind == GY_TERM_MULTIPLY ? " × "
                                      : " ÷ ";
}

bool gy_say_is_of_times(const struct gy_expr *expr)
{
    const struct gy_term *other = expr->kind == GY_EXPR_BETWEEN ? expr->low : expr->right;
    return expr->left->type == GY_TYPE_TIME || other->type == GY_TYPE_TIME;
}

bool gy_say_is_list(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_AND || expr->kind == GY_EXPR_OR;
}

bool gy_say_has_negative(const struct gy_expr *expr)
{
    return expr->kind == GY_EXPR_IDENTIFIED ||
           (expr->kind >= GY_EXPR_DID && expr->kind <= GY_EXPR_SAMPLE);
}

static bool can_term_be_unknown(const struct gy_term *term)
{
    if (term == NULL) {
        return false;
    }
    if (term->kind == GY_TERM_AGGREGATE) {
        return term->aggregate != GY_COUNT && term->aggregate != GY_DAYS &&
               term->aggregate != GY_SUM && term->aggregate != GY_DISTINCT;
    }
    bool is_made = term->kind >= GY_TERM_ADD && term->kind <= GY_TERM_NEGATIVE;
    if (is_made && term->kind != GY_TERM_DIVIDE) {
        return can_term_be_unknown(term->left) || can_term_be_unknown(term->right);
    }
    return term->kind > GY_TERM_BOOL && term->kind < GY_TERM_HOUR;
}

bool gy_say_can_be_unknown(const struct gy_expr *expr)
{
    if (expr->kind == GY_EXPR_ANNIVERSARY) {
        return true;
    }
    if (expr->kind < GY_EXPR_COMPARE || expr->kind > GY_EXPR_TEXT) {
        return false;
    }
    return can_term_be_unknown(expr->left) || can_term_be_unknown(expr->right) ||
           can_term_be_unknown(expr->low) || can_term_be_unknown(expr->high);
}

/* ---- numbered parts ---- */

static void say_label(struct gy_sayer *s, const struct gy_part *part)
{
    if (part->parent->parent != NULL) {
        say_label(s, part->parent);
        gy_buf_char(s->out, '.');
    }
    gy_buf_printf(s->out, "%u", part->number);
}

void gy_say_parts(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *part)
{
    for (uint32_t i = 0; i < expr->n_children; i++) {
        struct gy_part child = {part, i + 1};
        gy_say(s, i == 0 ? "(" : "; (");
        say_label(s, &child);
        gy_say(s, ") ");
        if (s->language == GY_LANGUAGE_KO) {
            gy_say_ko_expr(s, expr->children[i], &child);
        } else {
            gy_say_en_expr(s, expr->children[i], &child);
        }
    }
}

/* ---- entry ---- */

void gy_sentence(const struct gy_expr *expr, enum gy_language language, const struct gy_zone *zone,
                 int64_t now_ms, struct gy_buf *out)
{
    struct gy_sayer s = {language, zone, now_ms, out};
    struct gy_part root = {NULL, 0};
    if (language == GY_LANGUAGE_KO) {
        gy_say_ko_root(&s, expr, &root);
    } else {
        gy_say_en_root(&s, expr, &root);
    }
    gy_buf_char(out, '.');
}

void gy_sentence_value(const struct gy_term *term, enum gy_language language,
                       const struct gy_zone *zone, int64_t now_ms, struct gy_buf *out)
{
    struct gy_sayer s = {language, zone, now_ms, out};
    if (language == GY_LANGUAGE_KO) {
        gy_say_ko_term(&s, term);
    } else {
        gy_say_en_term(&s, term);
    }
}
