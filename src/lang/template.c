/* template.c - the table of templates, and what it says of itself. */
#include "lang/template.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "lang/quote.h"

/* ---- the words of the table ---- */

#define PARAM(n, k, v, ...)                                          \
    {                                                                \
        .name = (n), .kind = GY_PARAM_##k, .value = (v), __VA_ARGS__ \
    }
#define ABOUT(en, ko) .about = {(en), (ko)}

#define EVENT(name, value, en, ko) PARAM(name, EVENT, value, ABOUT(en, ko))
#define PROPERTY(name, event, value, t, en, ko) \
    PARAM(name, PROPERTY, value, .of = (event), .type = GY_TYPE_##t, ABOUT(en, ko))
#define TRAIT(name, value, t, en, ko) PARAM(name, TRAIT, value, .type = GY_TYPE_##t, ABOUT(en, ko))
#define SEGMENT(name, value, en, ko)  PARAM(name, SEGMENT, value, .is_required = true, ABOUT(en, ko))
#define REQUIRED_TEXT(name, value, en, ko) \
    PARAM(name, TEXT, value, .is_required = true, ABOUT(en, ko))
#define TEXT(name, value, en, ko) PARAM(name, TEXT, value, ABOUT(en, ko))
#define REQUIRED_TEXTS(name, value, en, ko) \
    PARAM(name, TEXTS, value, .is_required = true, ABOUT(en, ko))
#define REQUIRED_NUMBER(name, value, low, high, en, ko) \
    PARAM(name, NUMBER, value, .is_required = true, .min = (low), .max = (high), ABOUT(en, ko))
#define NUMBER(name, value, low, high, en, ko) \
    PARAM(name, NUMBER, value, .min = (low), .max = (high), ABOUT(en, ko))
#define INTEGER(name, value, low, high, en, ko) \
    PARAM(name, INTEGER, value, .min = (low), .max = (high), ABOUT(en, ko))
#define INTEGER_ABOVE(name, value, other, low, high, en, ko) \
    PARAM(name, INTEGER, value, .above = (other), .min = (low), .max = (high), ABOUT(en, ko))
#define INTEGERS(name, value, low, high, en, ko) \
    PARAM(name, INTEGERS, value, .min = (low), .max = (high), ABOUT(en, ko))
#define SHARE(name, value, en, ko) PARAM(name, SHARE, value, .min = 0, .max = 1, ABOUT(en, ko))
#define DURATION(name, value, en, ko) \
    PARAM(name, DURATION, value, .min = 1.0 / 1440, .max = 3650, ABOUT(en, ko))

#define ORDER  EVENT("order", "Order Completed", "the event of an order", "주문 이벤트")
#define REFUND EVENT("refund", "Order Refunded", "the event of a return", "반품 이벤트")
#define CANCEL EVENT("cancel", "Order Cancelled", "the event of a cancellation", "취소 이벤트")
#define ITEMS \
    EVENT("items", "Order Completed/products", "the products of an order", "주문에 담긴 상품")
#define REVENUE \
    PROPERTY("revenue", "order", "revenue", NUMBER, "the amount of an order", "주문 금액 속성")
#define DISCOUNT \
    PROPERTY("discount", "order", "discount", NUMBER, "the discount of an order", "주문 할인 속성")
#define CATEGORY \
    PROPERTY("category", "items", "category", STRING, "the category of a product", "상품군 속성")
#define BIRTHDAY \
    TRAIT("birthday", "birthday", TIME, "the trait that holds the birthday", "생일 특성")
#define WINDOW(value) DURATION("window", value, "how far back to look", "돌아볼 기간")
#define ORDERS(value) INTEGER("orders", value, 1, 100000, "at least so many orders", "최소 주문 수")
#define TIMES(value)  INTEGER("times", value, 1, 100000, "at least so many times", "최소 횟수")
#define TOP(value)                                                         \
    NUMBER("top", value, 0.1, 50, "the top so many percent of the buyers", \
           "구매 고객 상위 몇 퍼센트")

#define BUYERS "5 among (did({order}))"
#define R      "ntile(last_time({order}), " BUYERS ")"
#define F      "ntile(count({order}), " BUYERS ")"

#define NPS "last({survey}.{score} where {question} = {answer} last {window})"
#define SURVEY_PARAMS                                                                              \
    EVENT("survey", "Survey Answered", "the event of an answer", "설문 응답 이벤트"),              \
        PROPERTY("score", "survey", "score", NUMBER, "the answer, 0 to 10", "0~10점 답변 속성"),   \
        PROPERTY("question", "survey", "survey", STRING, "which survey it was", "설문 종류 속성"), \
        TEXT("answer", "NPS", "the survey that asks for a recommendation",                         \
             "추천 의향을 묻는 설문"),                                                             \
        WINDOW("1 year")

/* ---- the table ---- */

#define GY_TEMPLATE_GROUP(name, en, ko)
#define GY_TEMPLATE(n, g, t, title_en, title_ko, purpose_en, purpose_ko, action_en, action_ko, \
                    ...)                                                                       \
    {.name = #n,                                                                               \
     .group = GY_TEMPLATES_##g,                                                                \
     .text = (t),                                                                              \
     .title = {(title_en), (title_ko)},                                                        \
     .purpose = {(purpose_en), (purpose_ko)},                                                  \
     .action = {(action_en), (action_ko)},                                                     \
     .params = (const struct gy_template_param[]){__VA_ARGS__, {.name = NULL}}},

static const struct gy_template templates[] = {
#include "lang/template.def"
};

#undef GY_TEMPLATE
#undef GY_TEMPLATE_GROUP
#define GY_TEMPLATE(...)
#define GY_TEMPLATE_GROUP(name, en, ko) {(en), (ko)},

static const char *const group_titles[GY_TEMPLATE_GROUPS][GY_TEMPLATE_LANGUAGES] = {
#include "lang/template.def"
};

enum {
    N_TEMPLATES = sizeof templates / sizeof templates[0]
};

/* ---- looking up ---- */

enum gy_template_language gy_template_language_of(const char *code)
{
    return strcmp(code, "ko") == 0 ? GY_TEMPLATE_KO : GY_TEMPLATE_EN;
}

const char *gy_template_group_title(enum gy_template_group group,
                                    enum gy_template_language language)
{
    return group_titles[group][language];
}

const struct gy_template *gy_template_at(size_t i)
{
    return i < N_TEMPLATES ? &templates[i] : NULL;
}

/* A name that is part of the other is nearer than one with two letters wrong. */
static size_t distance(struct gy_str asked, struct gy_str name)
{
    enum {
        LIMIT = 3
    };
    bool is_part = asked.len >= 3 && (gy_str_contains(name, asked) || gy_str_contains(asked, name));
    size_t d = gy_text_distance(asked, name, LIMIT);
    return is_part && d > 1 ? 1 : d;
}

static const struct gy_template *find_near(struct gy_str name)
{
    const struct gy_template *near = NULL;
    size_t best = 4;
    for (size_t i = 0; i < N_TEMPLATES && gy_text_is_utf8(name); i++) {
        size_t d = distance(name, gy_str_of(templates[i].name));
        if (d < best) {
            best = d;
            near = &templates[i];
        }
    }
    return near;
}

enum gy_status gy_template_find(struct gy_str name, const struct gy_template **out,
                                struct gy_error *err)
{
    for (size_t i = 0; i < N_TEMPLATES; i++) {
        if (gy_str_equal(gy_str_of(templates[i].name), name)) {
            *out = &templates[i];
            return GY_OK;
        }
    }
    const struct gy_template *near = find_near(name);
    gy_error_set(err, GY_NOT_FOUND, "there is no template \"%.*s\"", GY_STR_ARG(name));
    if (near != NULL) {
        gy_error_hint(err, "Did you mean \"%s\"?", near->name);
    }
    return GY_NOT_FOUND;
}

/* ---- what a template needs ---- */

static const char *type_word(enum gy_type type, enum gy_template_language language)
{
    static const char *const korean[] = {
        [GY_TYPE_ANY] = "모든 형", [GY_TYPE_NUMBER] = "숫자", [GY_TYPE_STRING] = "문자열",
        [GY_TYPE_BOOL] = "참거짓", [GY_TYPE_TIME] = "시각",   [GY_TYPE_LIST] = "문자열 목록",
    };
    static const char *const english[] = {
        [GY_TYPE_ANY] = "any",      [GY_TYPE_NUMBER] = "number", [GY_TYPE_STRING] = "string",
        [GY_TYPE_BOOL] = "boolean", [GY_TYPE_TIME] = "time",     [GY_TYPE_LIST] = "list of strings",
    };
    return language == GY_TEMPLATE_KO ? korean[type] : english[type];
}

static uint32_t find_name(const struct gy_vocabulary *v, enum gy_name_kind kind, uint32_t scope,
                          struct gy_str name)
{
    return v == NULL ? GY_NAME_UNKNOWN : v->find(v->context, kind, scope, name);
}

static void put_name(const char *en, const char *ko, enum gy_template_language language,
                     struct gy_str name, struct gy_buf *out)
{
    gy_buf_printf(out, "%s%s ", out->len == 0 ? "" : ", ", language == GY_TEMPLATE_KO ? ko : en);
    gy_quote(name, out);
}

static bool is_known(const struct gy_template *t, const struct gy_template_filled *filled,
                     const struct gy_template_param *p, const struct gy_vocabulary *v)
{
    struct gy_str name = filled->values[p - t->params];
    switch (p->kind) {
    case GY_PARAM_EVENT:
        return find_name(v, GY_NAME_EVENT, 0, name) != GY_NAME_UNKNOWN;
    case GY_PARAM_TRAIT:
        return find_name(v, GY_NAME_TRAIT, 0, name) != GY_NAME_UNKNOWN;
    case GY_PARAM_SEGMENT:
        return find_name(v, GY_NAME_SEGMENT, 0, name) != GY_NAME_UNKNOWN;
    case GY_PARAM_PROPERTY: {
        const struct gy_template_param *event = t->params;
        while (strcmp(event->name, p->of) != 0) {
            event++;
        }
        uint32_t id = find_name(v, GY_NAME_EVENT, 0, filled->values[event - t->params]);
        return id != GY_NAME_UNKNOWN && find_name(v, GY_NAME_PROPERTY, id, name) != GY_NAME_UNKNOWN;
    }
    case GY_PARAM_TEXT:
    case GY_PARAM_TEXTS:
    case GY_PARAM_NUMBER:
    case GY_PARAM_INTEGER:
    case GY_PARAM_INTEGERS:
    case GY_PARAM_SHARE:
    case GY_PARAM_DURATION:
        return true;
    }
    return true;
}

/* The event with those of its properties that are not known. */
static void put_event(const struct gy_template *t, const struct gy_template_filled *filled,
                      const struct gy_template_param *event, const struct gy_vocabulary *vocabulary,
                      enum gy_template_language language, struct gy_buf *out)
{
    struct gy_str name = filled->values[event - t->params];
    bool is_put = !is_known(t, filled, event, vocabulary);
    bool has_property = false;
    if (is_put) {
        put_name("event", "이벤트", language, name, out);
    }
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        bool is_its = p->kind == GY_PARAM_PROPERTY && strcmp(p->of, event->name) == 0;
        if (!is_its || is_known(t, filled, p, vocabulary)) {
            continue;
        }
        if (!is_put) {
            put_name("of event", "이벤트", language, name, out);
            is_put = true;
        }
        gy_buf_printf(out, "%s", has_property ? ", " : " (");
        gy_buf_str(out, filled->values[p - t->params]);
        gy_buf_printf(out, ": %s", type_word(p->type, language));
        has_property = true;
    }
    gy_buf_text(out, has_property ? ")" : "");
}

const struct gy_template_param *gy_template_missing(const struct gy_template *t,
                                                    const struct gy_template_filled *filled,
                                                    const struct gy_vocabulary *vocabulary)
{
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        if (!is_known(t, filled, p, vocabulary)) {
            return p;
        }
    }
    return NULL;
}

void gy_template_put_needs(const struct gy_template *t, const struct gy_template_filled *filled,
                           const struct gy_vocabulary *vocabulary,
                           enum gy_template_language language, struct gy_buf *out)
{
    struct gy_buf needs = {0};
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        struct gy_str name = filled->values[p - t->params];
        if (p->kind == GY_PARAM_EVENT) {
            put_event(t, filled, p, vocabulary, language, &needs);
        } else if (p->kind == GY_PARAM_TRAIT && !is_known(t, filled, p, vocabulary)) {
            put_name("trait", "특성", language, name, &needs);
            gy_buf_printf(&needs, " (%s)", type_word(p->type, language));
        } else if (p->kind == GY_PARAM_SEGMENT && !is_known(t, filled, p, vocabulary)) {
            put_name("segment", "세그먼트", language, name, &needs);
        }
    }
    gy_buf_str(out, gy_buf_view(&needs));
    gy_buf_release(&needs);
}

/* ---- kinds and ranges ---- */

static const char *const kind_words[][GY_TEMPLATE_LANGUAGES] = {
    [GY_PARAM_EVENT] = {"event", "이벤트"},
    [GY_PARAM_PROPERTY] = {"property", "속성"},
    [GY_PARAM_TRAIT] = {"trait", "특성"},
    [GY_PARAM_SEGMENT] = {"segment", "세그먼트"},
    [GY_PARAM_TEXT] = {"text", "텍스트"},
    [GY_PARAM_TEXTS] = {"texts, separated by commas", "쉼표로 나눈 텍스트"},
    [GY_PARAM_NUMBER] = {"number", "숫자"},
    [GY_PARAM_INTEGER] = {"whole number", "정수"},
    [GY_PARAM_INTEGERS] = {"whole numbers, separated by commas", "쉼표로 나눈 정수"},
    [GY_PARAM_SHARE] = {"share", "비율"},
    [GY_PARAM_DURATION] = {"duration", "기간"},
};

static void put_bounds(double min, double max, enum gy_template_language language,
                       struct gy_buf *out)
{
    char text[GY_NUMBER_TEXT];
    gy_buf_text(out, ", ");
    gy_buf_append(out, text, gy_number_print(min, text));
    gy_buf_text(out, language == GY_TEMPLATE_KO ? "~" : " to ");
    gy_buf_append(out, text, gy_number_print(max, text));
}

void gy_template_put_range(const struct gy_template_param *param,
                           enum gy_template_language language, struct gy_buf *out)
{
    gy_buf_text(out, kind_words[param->kind][language]);
    switch (param->kind) {
    case GY_PARAM_NUMBER:
    case GY_PARAM_INTEGER:
    case GY_PARAM_INTEGERS:
        put_bounds(param->min, param->max, language, out);
        break;
    case GY_PARAM_SHARE:
        gy_buf_text(out, language == GY_TEMPLATE_KO ? ", 0%~100%" : ", 0% to 100%");
        break;
    case GY_PARAM_DURATION:
        gy_buf_text(out, language == GY_TEMPLATE_KO ? ", 1분~10년" : ", 1 minute to 10 years");
        break;
    case GY_PARAM_EVENT:
    case GY_PARAM_PROPERTY:
    case GY_PARAM_TRAIT:
    case GY_PARAM_SEGMENT:
    case GY_PARAM_TEXT:
    case GY_PARAM_TEXTS:
        break;
    }
    if (param->above != NULL) {
        gy_buf_printf(out, language == GY_TEMPLATE_KO ? ", %s 초과" : ", above %s", param->above);
    }
}
