/* sentence_internal.h - what the sentences of both languages are made with. */
#ifndef GY_LANG_SENTENCE_INTERNAL_H
#define GY_LANG_SENTENCE_INTERNAL_H

#include "lang/sentence.h"
#include "lang/window.h"

struct gy_sayer {
    enum gy_language language;
    const struct gy_zone *zone;
    int64_t now_ms;
    struct gy_buf *out;
};

/* A place in the numbered lists: the root is the sentence itself and has no number. Passed on as NULL
 * inside a part, where lists stand in parentheses. */
struct gy_part {
    const struct gy_part *parent;
    uint32_t number;
};

static inline void gy_say(struct gy_sayer *s, const char *text)
{
    gy_buf_text(s->out, text);
}

/* Literals, as the language writes them. */
void gy_say_name(struct gy_sayer *s, const struct gy_name *name); /* quoted */
void gy_say_number(struct gy_sayer *s, double number);            /* 1,234.5 */
void gy_say_integer(struct gy_sayer *s, uint64_t n);              /* 1,234 */
void gy_say_percent(struct gy_sayer *s, double share);            /* 12.5% */
void gy_say_time(struct gy_sayer *s, int64_t ms);  /* 1 Dec 2026 09:00; 2026년 12월 1일 09:00 */
void gy_say_date(struct gy_sayer *s, int64_t day); /* 1 Dec 2026; 2026년 12월 1일 */
void gy_say_duration(struct gy_sayer *s, uint64_t n, enum gy_unit unit); /* 30 days; 30일 */

/* Whether the instant is before the calendar: a window that reaches so far back has no begin. */
bool gy_say_is_endless(int64_t ms);

/* The instant `ago` before now. */
int64_t gy_say_instant_ago(const struct gy_sayer *s, const struct gy_duration *ago);

/* The children of an `and` or `or` as "(1) …; (2) …" behind `part`'s own number. */
void gy_say_parts(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *part);

bool gy_say_is_list(const struct gy_expr *expr); /* an `and` or an `or` */

/* Whether both languages have words for the test's contrary: "there is no …". */
bool gy_say_has_negative(const struct gy_expr *expr);

/* Whether the test is about values that a customer may not have. */
bool gy_say_can_be_unknown(const struct gy_expr *expr);

/* A value that stands for itself in arithmetic, without parentheses. */
bool gy_say_is_simple(const struct gy_term *term);
const char *gy_say_sign(enum gy_term_kind kind); /* " + " */

/* Whether the comparison is one of times. */
bool gy_say_is_of_times(const struct gy_expr *expr);

/* How the sentence of the root begins and ends, and one test, in each language. */
void gy_say_en_root(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *root);
void gy_say_en_expr(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *part);
void gy_say_en_term(struct gy_sayer *s, const struct gy_term *term);
void gy_say_ko_root(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *root);
void gy_say_ko_expr(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *part);
void gy_say_ko_term(struct gy_sayer *s, const struct gy_term *term);

#endif
