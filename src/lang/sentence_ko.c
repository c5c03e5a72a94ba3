/* sentence_ko.c - the sentence in Korean.
 *
 * What qualifies a noun stands before it, so a predicate takes the form that what follows asks for:
 * "횟수가 2 이상이다" at the end, "2 이상인 고객" before a noun, "2 이상이고 …" before another test. The form
 * is passed down to the test that comes last. A list within a list is made a noun in parentheses:
 * "(A이거나 B임)에 해당하고 C인".
 */
#include "lang/particle.h"
#include "lang/quote.h"
#include "lang/sentence_internal.h"

enum form {
    AT_END,
    BEFORE_NOUN,
    BEFORE_AND,
    BEFORE_OR,
    AS_NOUN,
    FORMS
};

enum predicate {
#define GY_PREDICATE(name, end, noun, and, or, as_noun) name,
#include "lang/sentence_ko.def"
#undef GY_PREDICATE
};

static const char *const predicates[][FORMS] = {
#define GY_PREDICATE(name, end, noun, and, or, as_noun) [name] = {end, noun, and, or, as_noun},
#include "lang/sentence_ko.def"
#undef GY_PREDICATE
};

static void say_expr(struct gy_sayer *s, const struct gy_expr *expr, enum form form,
                     const struct gy_part *part);

static void say_predicate(struct gy_sayer *s, enum predicate predicate, enum form form)
{
    gy_say(s, predicates[predicate][form]);
}

/* The particle for what has just been said. */
static void say_particle(struct gy_sayer *s, enum gy_particle particle)
{
    gy_say(s, gy_particle(gy_buf_view(s->out), particle));
}

/* ---- windows ---- */

static void say_from(struct gy_sayer *s, int64_t from_ms, bool is_open)
{
    if (gy_say_is_endless(from_ms)) {
        gy_say(s, "처음부터 ");
        return;
    }
    gy_say_time(s, is_open ? from_ms - 1 : from_ms);
    gy_say(s, is_open ? " 후부터 " : "부터 ");
}

static void say_through(struct gy_sayer *s, int64_t ms)
{
    gy_say_time(s, ms);
    gy_say(s, "까지");
}

/* "(A 후부터 B까지)" */
static void say_open_range(struct gy_sayer *s, struct gy_range range)
{
    gy_say(s, "(");
    if (gy_say_is_endless(range.to_ms)) {
        gy_say(s, "빈 기간)");
        return;
    }
    say_from(s, range.from_ms, true);
    say_through(s, range.to_ms - 1);
    gy_say(s, ")");
}

/* "(A부터 B 전까지)", "(A부터 지금까지)" */
static void say_periods(struct gy_sayer *s, struct gy_range range)
{
    gy_say(s, "(");
    say_from(s, range.from_ms, false);
    if (range.to_ms > s->now_ms) {
        say_through(s, s->now_ms);
    } else {
        gy_say_time(s, range.to_ms);
        gy_say(s, " 전까지");
    }
    gy_say(s, ")");
}

static void say_last(struct gy_sayer *s, const struct gy_window *w)
{
    gy_say(s, w->kind == GY_WINDOW_LAST_FULL ? "최근 온전한 " : "최근 ");
    gy_say_duration(s, w->n, w->unit);
}

static void say_ago(struct gy_sayer *s, const struct gy_window *w)
{
    gy_say_duration(s, w->m, w->unit);
    gy_say(s, " 전과 ");
    gy_say_duration(s, w->n, w->unit);
    gy_say(s, " 전 사이");
}

/* Which part of a window whose instants are written there is past. */
static void say_past_part(struct gy_sayer *s, const struct gy_window *w, struct gy_range range,
                          int64_t written_end_ms)
{
    if (range.from_ms >= range.to_ms) {
        gy_say(s, "(빈 기간)");
    } else if (w->kind == GY_WINDOW_SINCE) {
        gy_say(s, " ");
        say_through(s, s->now_ms);
    } else if (written_end_ms > s->now_ms) {
        gy_say(s, "(그중 ");
        say_through(s, s->now_ms);
        gy_say(s, ")");
    }
}

static void say_written(struct gy_sayer *s, const struct gy_window *w, struct gy_range range)
{
    int64_t end_ms = gy_window_range(w, INT64_MAX, s->zone).to_ms;
    if (w->kind != GY_WINDOW_BEFORE) {
        gy_say_time(s, w->from.ms);
        gy_say(s, w->kind == GY_WINDOW_SINCE ? "부터" : "부터 ");
    }
    if (w->kind != GY_WINDOW_SINCE) {
        gy_say_time(s, end_ms);
        gy_say(s, w->kind == GY_WINDOW_BEFORE ? " 전" : " 전까지");
    }
    say_past_part(s, w, range, end_ms);
}

static const char *period_phrase(enum gy_period period)
{
    static const char *const phrases[] = {
        [GY_PERIOD_TODAY] = "오늘",
        [GY_PERIOD_YESTERDAY] = "어제",
        [GY_PERIOD_THIS_WEEK] = "이번 주",
        [GY_PERIOD_THIS_MONTH] = "이번 달",
        [GY_PERIOD_THIS_YEAR] = "올해",
        [GY_PERIOD_PREVIOUS_WEEK] = "지난주",
        [GY_PERIOD_PREVIOUS_MONTH] = "지난달",
        [GY_PERIOD_PREVIOUS_YEAR] = "지난해",
    };
    return phrases[period];
}

static void say_window_words(struct gy_sayer *s, const struct gy_window *w)
{
    struct gy_range range = gy_window_range(w, s->now_ms, s->zone);
    switch (w->kind) {
    case GY_WINDOW_NONE:
        gy_say(s, "전체 기간");
        return;
    case GY_WINDOW_LAST:
        say_last(s, w);
        say_open_range(s, range);
        return;
    case GY_WINDOW_LAST_FULL:
        say_last(s, w);
        say_periods(s, range);
        return;
    case GY_WINDOW_AGO:
        say_ago(s, w);
        say_open_range(s, range);
        return;
    case GY_WINDOW_SINCE:
    case GY_WINDOW_BEFORE:
    case GY_WINDOW_FROM_TO:
        say_written(s, w, range);
        return;
    case GY_WINDOW_PERIOD:
        gy_say(s, period_phrase(w->period));
        say_periods(s, range);
        return;
    }
}

static void say_window(struct gy_sayer *s, const struct gy_window *w)
{
    say_window_words(s, w);
    gy_say(s, "의 ");
}

/* ---- terms ---- */

static void say_operand(struct gy_sayer *s, const struct gy_term *term)
{
    bool is_simple = gy_say_is_simple(term);
    gy_say(s, is_simple ? "" : "(");
    gy_say_ko_term(s, term);
    gy_say(s, is_simple ? "" : ")");
}

static void say_named(struct gy_sayer *s, const char *kind, const struct gy_name *name)
{
    gy_say(s, kind);
    gy_say(s, " ");
    gy_say_name(s, name);
}

/* "(속성 "price"가 100 이상인) " before what it is about. */
static void say_where(struct gy_sayer *s, const struct gy_expr *where)
{
    if (where != NULL) {
        gy_say(s, "(");
        say_expr(s, where, BEFORE_NOUN, NULL);
        gy_say(s, ") ");
    }
}

/* What stands behind the event, or behind the property. */
static const char *aggregate_phrase(enum gy_aggregate aggregate)
{
    static const char *const phrases[] = {
        [GY_COUNT] = " 횟수",
        [GY_DAYS] = " 발생 일수",
        [GY_FIRST_TIME] = " 첫 시각",
        [GY_LAST_TIME] = " 마지막 시각",
        [GY_DAYS_SINCE] = " 마지막 발생 후 지난 일수",
        [GY_INTERVAL] = " 평균 간격 일수",
        [GY_SUM] = " 합계",
        [GY_AVG] = " 평균",
        [GY_MEDIAN] = " 중앙값",
        [GY_MIN] = " 최솟값",
        [GY_MAX] = " 최댓값",
        [GY_DISTINCT] = "의 서로 다른 값의 수",
        [GY_FIRST] = " 첫 값",
        [GY_LAST] = " 마지막 값",
        [GY_TOP] = " 최빈값",
    };
    return phrases[aggregate];
}

static void say_aggregate(struct gy_sayer *s, const struct gy_term *term)
{
    say_window(s, &term->window);
    say_where(s, term->where);
    gy_say_name(s, &term->event);
    gy_say(s, " 이벤트");
    if (gy_aggregate_takes_property(term->aggregate)) {
        say_named(s, "의", &term->name);
    }
    gy_say(s, aggregate_phrase(term->aggregate));
}

static void say_population(struct gy_sayer *s, const struct gy_term *term)
{
    if (term->among != NULL) {
        gy_say(s, "(");
        say_expr(s, term->among, BEFORE_NOUN, NULL);
        gy_say(s, ") 고객 중 ");
    } else {
        gy_say(s, "전체 고객 중 ");
    }
    say_operand(s, term->left);
    if (term->kind == GY_TERM_NTILE) {
        gy_say(s, " 기준 ");
        gy_say_integer(s, term->parts);
        gy_say(s, "등분 그룹 번호(최저 1)");
    } else {
        gy_say(s, " 기준 백분위(최저 0)");
    }
}

static void say_string(struct gy_sayer *s, const struct gy_term *term)
{
    if (term->type == GY_TYPE_TIME) {
        gy_say_time(s, term->time_ms);
    } else {
        gy_quote(term->string, s->out);
    }
}

void gy_say_ko_term(struct gy_sayer *s, const struct gy_term *term)
{
    switch (term->kind) {
    case GY_TERM_NUMBER:
        gy_say_number(s, term->number);
        return;
    case GY_TERM_STRING:
        say_string(s, term);
        return;
    case GY_TERM_BOOL:
        gy_say(s, term->number != 0 ? "참" : "거짓");
        return;
    case GY_TERM_TRAIT:
        say_named(s, "특성", &term->name);
        return;
    case GY_TERM_METRIC:
        say_named(s, "지표", &term->name);
        return;
    case GY_TERM_AGE:
        say_named(s, "특성", &term->name);
        say_particle(s, GY_PARTICLE_DIRECTION);
        gy_say(s, " 센 만 나이");
        return;
    case GY_TERM_ADD:
    case GY_TERM_SUBTRACT:
    case GY_TERM_MULTIPLY:
    case GY_TERM_DIVIDE:
        say_operand(s, term->left);
        gy_say(s, gy_say_sign(term->kind));
        say_operand(s, term->right);
        return;
    case GY_TERM_NEGATIVE:
        gy_say(s, "-");
        say_operand(s, term->left);
        return;
    case GY_TERM_AGGREGATE:
        say_aggregate(s, term);
        return;
    case GY_TERM_PERCENTILE:
    case GY_TERM_NTILE:
        say_population(s, term);
        return;
    case GY_TERM_PROPERTY:
        say_named(s, "속성", &term->name);
        return;
    case GY_TERM_STEP_PROPERTY:
        say_named(s, "단계", &term->step);
        say_named(s, "의 속성", &term->name);
        return;
    case GY_TERM_HOUR:
        gy_say(s, "시(0~23)");
        return;
    case GY_TERM_WEEKDAY:
        gy_say(s, "요일(월요일 1~일요일 7)");
        return;
    case GY_TERM_MONTH:
        gy_say(s, "월(1~12)");
        return;
    case GY_TERM_DAY:
        gy_say(s, "일(1~31)");
        return;
    }
}

/* ---- events and chains ---- */

static void say_step_event(struct gy_sayer *s, const struct gy_step *step)
{
    say_where(s, step->where);
    gy_say_name(s, &step->event);
    if (step->as.text.len > 0) {
        say_named(s, "(이름", &step->as);
        gy_say(s, ")");
    }
}

static void say_absent_between(struct gy_sayer *s, const struct gy_step *steps, uint32_t n)
{
    gy_say(s, "(사이에 ");
    for (uint32_t i = 0; i < n; i++) {
        gy_say(s, i == 0 ? "" : ", ");
        say_step_event(s, &steps[i]);
        gy_say(s, " 없이");
    }
    gy_say(s, ") ");
}

/* A present step, and before it what must not stand between it and the present one before. */
static void say_present(struct gy_sayer *s, const struct gy_step *steps, uint32_t n_absent)
{
    const struct gy_step *step = &steps[n_absent];
    if (n_absent > 0) {
        say_absent_between(s, steps, n_absent);
    }
    if (gy_duration_is_given(&step->within)) {
        gy_say_duration(s, step->within.n, step->within.unit);
        gy_say(s, " 안에 ");
    }
    say_step_event(s, step);
}

static void say_absent_at_end(struct gy_sayer *s, const struct gy_step *step)
{
    gy_say(s, "마지막 단계 후 ");
    gy_say_duration(s, step->within.n, step->within.unit);
    say_particle(s, GY_PARTICLE_SUBJECT);
    gy_say(s, " 지나도록 ");
    say_step_event(s, step);
    gy_say(s, " 없음");
}

static void say_steps(struct gy_sayer *s, const struct gy_expr *expr)
{
    for (uint32_t i = 0; i < expr->n_steps; i++) {
        uint32_t n_absent = 0;
        while (i + n_absent < expr->n_steps && expr->steps[i + n_absent].is_absent) {
            n_absent++;
        }
        gy_say(s, i == 0 ? "" : ", 그다음 ");
        if (i + n_absent < expr->n_steps) {
            say_present(s, &expr->steps[i], n_absent);
            i += n_absent;
        } else {
            say_absent_at_end(s, &expr->steps[i]);
        }
    }
}

static void say_existence(struct gy_sayer *s, bool is_negated, enum form form)
{
    say_predicate(s, is_negated ? THERE_IS_NO : THERE_IS, form);
}

static void say_did(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated, enum form form)
{
    say_window(s, &expr->window);
    if (expr->n_steps == 1) {
        say_step_event(s, &expr->steps[0]);
        gy_say(s, " 이벤트가 ");
    } else {
        gy_say(s, "이벤트 순서 [");
        say_steps(s, expr);
        gy_say(s, "]가 ");
    }
    say_existence(s, is_negated, form);
}

/* ---- other tests ---- */

static void say_in_segment(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated,
                           enum form form)
{
    bool is_past = gy_duration_is_given(&expr->ago);
    if (is_past) {
        gy_say_duration(s, expr->ago.n, expr->ago.unit);
        gy_say(s, " 전(");
        gy_say_time(s, gy_say_instant_ago(s, &expr->ago));
        gy_say(s, ")에 ");
    }
    say_named(s, "세그먼트", &expr->name);
    if (is_negated) {
        gy_say(s, "에 속하지 ");
        say_predicate(s, is_past ? WAS_NOT : NOT, form);
    } else {
        gy_say(s, "에 속");
        say_predicate(s, is_past ? DID : DOES, form);
    }
}

static void say_in_list(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated,
                        enum form form)
{
    say_named(s, "목록", &expr->name);
    gy_say(s, "에 ");
    say_existence(s, is_negated, form);
}

static void say_change(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated,
                       enum form form)
{
    say_window(s, &expr->window);
    say_named(s, "세그먼트", &expr->name);
    gy_say(s, expr->kind == GY_EXPR_ENTERED ? " 진입 기록이 " : " 이탈 기록이 ");
    say_existence(s, is_negated, form);
}

static void say_anniversary(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated,
                            enum form form)
{
    int64_t today = gy_zone_day(s->zone, s->now_ms);
    gy_say(s, "오늘부터 ");
    gy_say_duration(s, expr->next_days, GY_UNIT_DAY);
    gy_say(s, "(");
    gy_say_date(s, today);
    if (expr->next_days > 366) {
        gy_say(s, "부터");
    } else if (expr->next_days > 1) {
        gy_say(s, "~");
        gy_say_date(s, today + (int64_t)expr->next_days - 1);
    }
    gy_say(s, ") 안에 ");
    say_named(s, "특성", &expr->name);
    gy_say(s, "의 기념일이 ");
    say_existence(s, is_negated, form);
}

static void say_sample(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated,
                       enum form form)
{
    gy_say(s, "고정된 무작위 표본 ");
    gy_say_percent(s, expr->share);
    if (expr->salt.len > 0) {
        gy_say(s, "(솔트 ");
        gy_quote(expr->salt, s->out);
        gy_say(s, ")");
    }
    gy_say(s, is_negated ? "에 속하지 " : "에 속");
    say_predicate(s, is_negated ? NOT : DOES, form);
}

static const char *compare_phrase(enum gy_compare compare, bool is_of_times)
{
    switch (compare) {
    case GY_EQ:
        return "";
    case GY_NE:
        return " 외의 값";
    case GY_LT:
        return is_of_times ? "보다 전" : " 미만";
    case GY_LE:
        return is_of_times ? " 이전(같은 시각 포함)" : " 이하";
    case GY_GT:
        return is_of_times ? "보다 후" : " 초과";
    case GY_GE:
        return is_of_times ? " 이후(같은 시각 포함)" : " 이상";
    }
    return "";
}

static void say_subject(struct gy_sayer *s, const struct gy_term *term)
{
    gy_say_ko_term(s, term);
    say_particle(s, GY_PARTICLE_SUBJECT);
    gy_say(s, " ");
}

static void say_compare(struct gy_sayer *s, const struct gy_expr *expr, enum form form)
{
    say_subject(s, expr->left);
    say_operand(s, expr->right);
    gy_say(s, compare_phrase(expr->compare, gy_say_is_of_times(expr)));
    say_predicate(s, IS, form);
}

static void say_between(struct gy_sayer *s, const struct gy_expr *expr, enum form form)
{
    bool is_of_times = gy_say_is_of_times(expr);
    say_subject(s, expr->left);
    say_operand(s, expr->low);
    gy_say(s, is_of_times ? "부터 " : " 이상 ");
    say_operand(s, expr->high);
    gy_say(s, is_of_times ? "까지" : " 이하");
    say_predicate(s, IS, form);
}

static void say_in(struct gy_sayer *s, const struct gy_expr *expr, enum form form)
{
    say_subject(s, expr->left);
    for (uint32_t i = 0; i < expr->n_values; i++) {
        gy_say(s, i == 0 ? "" : ", ");
        gy_say_ko_term(s, expr->values[i]);
    }
    gy_say(s, expr->is_negated ? " 중 어느 것도 아닌 값" : " 중 하나");
    say_predicate(s, IS, form);
}

/* What is said between the string and the predicate, and the stem before "지 않는 값이다". */
static void say_text_test(struct gy_sayer *s, const struct gy_expr *expr, enum form form)
{
    static const struct {
        enum gy_particle particle;
        const char *words;
        enum predicate predicate;
        const char *negative;
    } verbs[] = {
        [GY_TEXT_CONTAINS] = {GY_PARTICLE_OBJECT, " 포함", DOES, "하지"},
        [GY_TEXT_STARTS_WITH] = {GY_PARTICLE_DIRECTION, " 시작", DOES, "하지"},
        [GY_TEXT_ENDS_WITH] = {GY_PARTICLE_DIRECTION, " ", ENDS, "끝나지"},
        [GY_TEXT_MATCHES] = {GY_PARTICLE_WITH, " 일치", DOES, "하지"},
    };
    bool is_list = expr->left->type == GY_TYPE_LIST;
    say_subject(s, expr->left);
    gy_say(s, expr->text_op == GY_TEXT_MATCHES ? "정규식 " : "");
    gy_quote(expr->right->string, s->out);
    if (is_list) {
        gy_say(s, " 항목을 ");
    } else {
        say_particle(s, verbs[expr->text_op].particle);
        gy_say(s, verbs[expr->text_op].words);
    }
    if (expr->is_negated) {
        gy_say(s, is_list ? "가지지" : verbs[expr->text_op].negative);
        gy_say(s, " 않는 값");
        say_predicate(s, IS, form);
    } else {
        say_predicate(s, is_list ? HAS : verbs[expr->text_op].predicate, form);
    }
}

static void say_known(struct gy_sayer *s, const struct gy_expr *expr, enum form form)
{
    say_operand(s, expr->left);
    gy_say(s, "의 값이 ");
    say_existence(s, expr->kind == GY_EXPR_MISSING, form);
}

/* A test that is not made of others; negated only where gy_say_has_negative. */
static void say_leaf(struct gy_sayer *s, const struct gy_expr *expr, bool is_negated,
                     enum form form)
{
    switch (expr->kind) {
    case GY_EXPR_NOT:
    case GY_EXPR_AND:
    case GY_EXPR_OR:
        return;
    case GY_EXPR_EVERYONE:
        gy_say(s, "누구나 해당");
        say_predicate(s, DOES, form);
        return;
    case GY_EXPR_NOBODY:
        gy_say(s, "아무도 해당하지 ");
        say_predicate(s, NOT, form);
        return;
    case GY_EXPR_IDENTIFIED:
        gy_say(s, "외부 ID가 ");
        say_existence(s, is_negated, form);
        return;
    case GY_EXPR_DID:
        say_did(s, expr, is_negated, form);
        return;
    case GY_EXPR_IN_SEGMENT:
        say_in_segment(s, expr, is_negated, form);
        return;
    case GY_EXPR_IN_LIST:
        say_in_list(s, expr, is_negated, form);
        return;
    case GY_EXPR_ENTERED:
    case GY_EXPR_LEFT:
        say_change(s, expr, is_negated, form);
        return;
    case GY_EXPR_ANNIVERSARY:
        say_anniversary(s, expr, is_negated, form);
        return;
    case GY_EXPR_SAMPLE:
        say_sample(s, expr, is_negated, form);
        return;
    case GY_EXPR_COMPARE:
        say_compare(s, expr, form);
        return;
    case GY_EXPR_BETWEEN:
        say_between(s, expr, form);
        return;
    case GY_EXPR_IN:
        say_in(s, expr, form);
        return;
    case GY_EXPR_TEXT:
        say_text_test(s, expr, form);
        return;
    case GY_EXPR_KNOWN:
    case GY_EXPR_MISSING:
        say_known(s, expr, form);
        return;
    }
}

/* ---- and, or, not ---- */

static void say_bracketed(struct gy_sayer *s, const struct gy_expr *expr)
{
    gy_say(s, "(");
    say_expr(s, expr, AS_NOUN, NULL);
    gy_say(s, ")에 해당");
}

/* "A이고 (B이거나 C임)에 해당하는" */
static void say_inline(struct gy_sayer *s, const struct gy_expr *expr, enum form form)
{
    enum form joint = expr->kind == GY_EXPR_AND ? BEFORE_AND : BEFORE_OR;
    for (uint32_t i = 0; i < expr->n_children; i++) {
        const struct gy_expr *child = expr->children[i];
        enum form wanted = i + 1 < expr->n_children ? joint : form;
        gy_say(s, i == 0 ? "" : " ");
        if (gy_say_is_list(child)) {
            say_bracketed(s, child);
            say_predicate(s, DOES, wanted);
        } else {
            say_expr(s, child, wanted, NULL);
        }
    }
}

/* The heading alone, so that the root can put its noun before the parts. */
static void say_heading(struct gy_sayer *s, const struct gy_expr *list, bool is_negated,
                        enum form form)
{
    bool is_and = list->kind == GY_EXPR_AND;
    if (is_negated) {
        gy_say(s, is_and ? "다음을 모두 만족하지는 " : "다음 중 어느 것도 만족하지 ");
        say_predicate(s, NOT, form);
    } else {
        gy_say(s, is_and ? "다음을 모두 만족" : "다음 중 하나 이상을 만족");
        say_predicate(s, DOES, form);
    }
}

static void say_list(struct gy_sayer *s, const struct gy_expr *list, const struct gy_part *part,
                     bool is_negated)
{
    say_heading(s, list, is_negated, AT_END);
    gy_say(s, ": ");
    gy_say_parts(s, list, part);
}

static void say_not(struct gy_sayer *s, const struct gy_expr *child, enum form form,
                    const struct gy_part *part)
{
    bool can_be_unknown = part != NULL && gy_say_can_be_unknown(child);
    gy_say(s, can_be_unknown ? "(값을 모르는 경우를 포함해) " : "");
    if (gy_say_has_negative(child)) {
        say_leaf(s, child, true, form);
    } else if (part != NULL && gy_say_is_list(child)) {
        say_list(s, child, part, true);
    } else {
        say_bracketed(s, child);
        gy_say(s, "하지 ");
        say_predicate(s, NOT, form);
    }
}

static void say_expr(struct gy_sayer *s, const struct gy_expr *expr, enum form form,
                     const struct gy_part *part)
{
    if (expr->kind == GY_EXPR_NOT) {
        say_not(s, expr->children[0], form, part);
    } else if (!gy_say_is_list(expr)) {
        say_leaf(s, expr, false, form);
    } else if (part == NULL) {
        say_inline(s, expr, form);
    } else {
        say_list(s, expr, part, false);
    }
}

void gy_say_ko_expr(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *part)
{
    say_expr(s, expr, AT_END, part);
}

void gy_say_ko_root(struct gy_sayer *s, const struct gy_expr *expr, const struct gy_part *root)
{
    bool is_negated = expr->kind == GY_EXPR_NOT;
    const struct gy_expr *list = is_negated ? expr->children[0] : expr;
    gy_say_time(s, s->now_ms);
    gy_buf_printf(s->out, "(%s) 기준으로, ", gy_zone_name(s->zone));
    if (gy_say_is_list(list)) {
        say_heading(s, list, is_negated, BEFORE_NOUN);
        gy_say(s, " 고객: ");
        gy_say_parts(s, list, root);
    } else if (expr->kind == GY_EXPR_EVERYONE) {
        gy_say(s, "모든 고객");
    } else {
        say_expr(s, expr, BEFORE_NOUN, root);
        gy_say(s, " 고객");
    }
}
