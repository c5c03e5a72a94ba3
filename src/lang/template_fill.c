/* template_fill.c - a template and its settings to a definition's text.
 *
 * Numbers and durations are read by the language's own lexer, so that they have its forms and no
 * others; names and texts are quoted whatever they hold. The filled text is parsed and printed once:
 * that takes needless quotes away, and shows that what was built is one definition.
 */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "lang/lexer.h"
#include "lang/parser.h"
#include "lang/print.h"
#include "lang/quote.h"
#include "lang/template.h"

enum {
    VALUE_MAX = 200, /* code points of a name or a text */
    TEXTS_MAX = 100,
    MAX_PARAMS = 16
};

struct filling {
    const struct gy_template *t;
    struct gy_template_filled *out;
    struct gy_str literals[MAX_PARAMS]; /* in the arena */
    double numbers[MAX_PARAMS];         /* of NUMBER and INTEGER */
    struct gy_error *err;
};

static enum gy_status refuse(struct filling *f, const struct gy_template_param *p, const char *why)
{
    struct gy_buf range = {0};
    gy_template_put_range(p, GY_TEMPLATE_EN, &range);
    gy_error_set(f->err, GY_INVALID, "parameter \"%s\" of template \"%s\": %s", p->name, f->t->name,
                 why);
    gy_error_hint(f->err, "What is wanted: %s; for example %s=%s.", range.ptr, p->name, p->value);
    gy_buf_release(&range);
    return GY_INVALID;
}

/* ---- settings ---- */

static const struct gy_template_param *find_param(const struct gy_template *t, struct gy_str name)
{
    for (const struct gy_template_param *p = t->params; p->name != NULL; p++) {
        if (gy_str_equal(gy_str_of(p->name), name)) {
            return p;
        }
    }
    return NULL;
}

static enum gy_status refuse_name(struct filling *f, struct gy_str name)
{
    struct gy_buf names = {0};
    for (const struct gy_template_param *p = f->t->params; p->name != NULL; p++) {
        gy_buf_printf(&names, "%s%s", names.len == 0 ? "" : ", ", p->name);
    }
    gy_error_set(f->err, GY_INVALID, "template \"%s\" has no parameter \"%.*s\"", f->t->name,
                 GY_STR_ARG(name));
    gy_error_hint(f->err, "It has %s.", names.ptr);
    gy_buf_release(&names);
    return GY_INVALID;
}

static enum gy_status take_setting(struct filling *f, const struct gy_template_setting *setting)
{
    const struct gy_template_param *p = find_param(f->t, setting->name);
    if (p == NULL) {
        return refuse_name(f, setting->name);
    }
    struct gy_str *value = &f->out->values[p - f->t->params];
    if (value->ptr != NULL) {
        return refuse(f, p, "it is set twice");
    }
    if (!gy_text_is_utf8(setting->value)) {
        return refuse(f, p, "its value is not well-formed UTF-8");
    }
    *value = gy_arena_str(&f->out->arena, gy_text_nfc(setting->value, &f->out->arena));
    return GY_OK;
}

static enum gy_status take_values(struct filling *f, const struct gy_template_options *options)
{
    for (size_t i = 0; i < options->n_settings; i++) {
        GY_TRY(take_setting(f, &options->settings[i]));
    }
    for (const struct gy_template_param *p = f->t->params; p->name != NULL; p++) {
        struct gy_str *value = &f->out->values[p - f->t->params];
        if (value->ptr != NULL) {
            continue;
        }
        if (p->is_required && !options->with_examples) {
            return refuse(f, p, "it has no default and must be given");
        }
        *value = gy_str_of(p->value);
    }
    return GY_OK;
}

/* ---- texts ---- */

static struct gy_str trim(struct gy_str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s = (struct gy_str){s.ptr + 1, s.len - 1};
    }
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

static enum gy_status put_text(struct filling *f, const struct gy_template_param *p,
                               struct gy_str text, struct gy_buf *out)
{
    if (text.len == 0) {
        return refuse(f, p, "it is empty");
    }
    if (gy_text_length(text) > VALUE_MAX) {
        return refuse(f, p, "it is longer than 200 characters");
    }
    gy_quote(text, out);
    return GY_OK;
}

/* Takes what stands before the next comma off the front of `rest`. Within double quotes a comma is
 * part of the text, and "" is a quote. False where a quote is not closed. */
static bool next_text(struct gy_str *rest, struct gy_buf *out)
{
    struct gy_str s = trim(*rest);
    bool is_quoted = s.len > 0 && s.ptr[0] == '"';
    size_t i = is_quoted ? 1 : 0;
    gy_buf_reset(out);
    while (i < s.len && (is_quoted || s.ptr[i] != ',')) {
        if (is_quoted && s.ptr[i] == '"') {
            if (i + 1 == s.len || s.ptr[i + 1] != '"') {
                break;
            }
            i++;
        }
        gy_buf_char(out, s.ptr[i++]);
    }
    if (is_quoted) {
        if (i == s.len) {
            return false;
        }
        struct gy_str behind = trim((struct gy_str){s.ptr + i + 1, s.len - i - 1});
        *rest = behind;
        return behind.len == 0 || behind.ptr[0] == ',';
    }
    *rest = (struct gy_str){s.ptr + i, s.len - i};
    return true;
}

static enum gy_status put_texts(struct filling *f, const struct gy_template_param *p,
                                struct gy_str value, struct gy_buf *out)
{
    struct gy_buf text = {0};
    enum gy_status status = GY_OK;
    struct gy_str rest = value;
    for (size_t n = 0; status == GY_OK; n++) {
        if (n == TEXTS_MAX) {
            status = refuse(f, p, "it has more than 100 texts");
        } else if (!next_text(&rest, &text)) {
            status = refuse(f, p, "a double quote in it is not closed before a comma");
        } else {
            gy_buf_text(out, n == 0 ? "" : ", ");
            status = put_text(f, p, trim(gy_buf_view(&text)), out);
        }
        if (rest.len == 0) {
            break;
        }
        rest = (struct gy_str){rest.ptr + 1, rest.len - 1};
    }
    gy_buf_release(&text);
    return status;
}

/* ---- numbers ---- */

/* What the lexer makes of a value; NULL where it cannot read it. */
static const struct gy_token *read_tokens(struct filling *f, struct gy_str value, size_t *n)
{
    struct gy_token *tokens;
    struct gy_error ignored = {0};
    if (gy_lexer_read(value, GY_LEXER_TEXT_MAX, &f->out->arena, &tokens, n, &ignored) != GY_OK) {
        return NULL;
    }
    return tokens;
}

static enum gy_status put_number(struct filling *f, const struct gy_template_param *p,
                                 const struct gy_token *token, struct gy_buf *out)
{
    char text[GY_NUMBER_TEXT];
    bool wants_integer = p->kind == GY_PARAM_INTEGER || p->kind == GY_PARAM_INTEGERS;
    if (token->kind != GY_TOKEN_NUMBER || (wants_integer && !token->is_integer)) {
        return refuse(f, p, wants_integer ? "it is not a whole number" : "it is not a number");
    }
    if (token->number < p->min || token->number > p->max) {
        return refuse(f, p, "it is out of its range");
    }
    gy_buf_append(out, text, gy_number_print(token->number, text));
    return GY_OK;
}

static enum gy_status put_one_number(struct filling *f, const struct gy_template_param *p,
                                     struct gy_str value, struct gy_buf *out)
{
    size_t n;
    const struct gy_token *tokens = read_tokens(f, value, &n);
    if (tokens == NULL || n != 2) {
        return refuse(f, p, "it is not one number");
    }
    f->numbers[p - f->t->params] = tokens[0].number;
    return put_number(f, p, &tokens[0], out);
}

static enum gy_status put_integers(struct filling *f, const struct gy_template_param *p,
                                   struct gy_str value, struct gy_buf *out)
{
    size_t n;
    const struct gy_token *tokens = read_tokens(f, value, &n);
    if (tokens == NULL || n < 2 || n % 2 != 0 || n / 2 > TEXTS_MAX) {
        return refuse(f, p, "it is not a list of whole numbers");
    }
    for (size_t i = 0; i + 1 < n; i += 2) {
        if (i > 0 && tokens[i - 1].kind != GY_TOKEN_COMMA) {
            return refuse(f, p, "it is not a list of whole numbers");
        }
        gy_buf_text(out, i == 0 ? "" : ", ");
        GY_TRY(put_number(f, p, &tokens[i], out));
    }
    return GY_OK;
}

static bool find_unit(const struct gy_token *token, const char **word, double *days)
{
    static const struct {
        enum gy_keyword one;
        enum gy_keyword many;
        double days;
    } units[] = {
        {GY_KEYWORD_MINUTE, GY_KEYWORD_MINUTES, 1.0 / 1440},
        {GY_KEYWORD_HOUR, GY_KEYWORD_HOURS, 1.0 / 24},
        {GY_KEYWORD_DAY, GY_KEYWORD_DAYS, 1},
        {GY_KEYWORD_WEEK, GY_KEYWORD_WEEKS, 7},
        {GY_KEYWORD_MONTH, GY_KEYWORD_MONTHS, 30},
        {GY_KEYWORD_YEAR, GY_KEYWORD_YEARS, 365},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (token->kind == GY_TOKEN_WORD &&
            (token->keyword == units[i].one || token->keyword == units[i].many)) {
            *word = gy_keyword_word(units[i].many);
            *days = units[i].days;
            return true;
        }
    }
    return false;
}

static enum gy_status put_duration(struct filling *f, const struct gy_template_param *p,
                                   struct gy_str value, struct gy_buf *out)
{
    char text[GY_NUMBER_TEXT];
    size_t n;
    const char *unit;
    double days;
    const struct gy_token *tokens = read_tokens(f, value, &n);
    if (tokens == NULL || n != 3 || !tokens[0].is_integer || !find_unit(&tokens[1], &unit, &days)) {
        return refuse(f, p, "it is not a whole number and a unit");
    }
    if (tokens[0].number * days < p->min || tokens[0].number * days > p->max) {
        return refuse(f, p, "it is out of its range");
    }
    gy_buf_append(out, text, gy_number_print(tokens[0].number, text));
    gy_buf_printf(out, " %s", unit);
    return GY_OK;
}

/* ---- literals ---- */

static enum gy_status put_literal(struct filling *f, const struct gy_template_param *p,
                                  struct gy_buf *out)
{
    struct gy_str value = f->out->values[p - f->t->params];
    switch (p->kind) {
    case GY_PARAM_EVENT:
    case GY_PARAM_PROPERTY:
    case GY_PARAM_TRAIT:
    case GY_PARAM_SEGMENT:
    case GY_PARAM_TEXT:
        return put_text(f, p, value, out);
    case GY_PARAM_TEXTS:
        return put_texts(f, p, value, out);
    case GY_PARAM_NUMBER:
    case GY_PARAM_INTEGER:
    case GY_PARAM_SHARE:
        return put_one_number(f, p, value, out);
    case GY_PARAM_INTEGERS:
        return put_integers(f, p, value, out);
    case GY_PARAM_DURATION:
        return put_duration(f, p, value, out);
    }
    return GY_OK;
}

static enum gy_status check_above(struct filling *f, const struct gy_template_param *p)
{
    char why[64];
    if (p->above == NULL) {
        return GY_OK;
    }
    const struct gy_template_param *other = find_param(f->t, gy_str_of(p->above));
    if (f->numbers[p - f->t->params] > f->numbers[other - f->t->params]) {
        return GY_OK;
    }
    (void)snprintf(why, sizeof why, "it is not greater than \"%s\"", p->above);
    return refuse(f, p, why);
}

static enum gy_status make_literals(struct filling *f)
{
    struct gy_buf literal = {0};
    enum gy_status status = GY_OK;
    for (const struct gy_template_param *p = f->t->params; p->name != NULL && status == GY_OK;
         p++) {
        gy_buf_reset(&literal);
        status = put_literal(f, p, &literal);
        if (status == GY_OK) {
            f->literals[p - f->t->params] = gy_arena_str(&f->out->arena, gy_buf_view(&literal));
        }
    }
    for (const struct gy_template_param *p = f->t->params; p->name != NULL && status == GY_OK;
         p++) {
        status = check_above(f, p);
    }
    gy_buf_release(&literal);
    return status;
}

/* ---- the text ---- */

static void expand(const struct filling *f, struct gy_buf *out)
{
    const char *at = f->t->text;
    for (const char *open = strchr(at, '{'); open != NULL; open = strchr(at, '{')) {
        const char *close = strchr(open, '}');
        GY_ASSERT(close != NULL);
        const struct gy_template_param *p =
            find_param(f->t, (struct gy_str){open + 1, (size_t)(close - open) - 1});
        GY_ASSERT(p != NULL);
        gy_buf_append(out, at, (size_t)(open - at));
        gy_buf_str(out, f->literals[p - f->t->params]);
        at = close + 1;
    }
    gy_buf_text(out, at);
}

static enum gy_status print_canonical(struct filling *f)
{
    struct gy_buf text = {0};
    struct gy_definition definition = {0};
    expand(f, &text);
    enum gy_status status = gy_parse(gy_buf_view(&text), &definition, f->err);
    if (status == GY_OK) {
        gy_print_expr(definition.expr, &f->out->text);
    } else {
        gy_error_context(f->err, "filling in template \"%s\"", f->t->name);
    }
    gy_definition_release(&definition);
    gy_buf_release(&text);
    return status;
}

enum gy_status gy_template_fill(const struct gy_template *t,
                                const struct gy_template_options *options,
                                struct gy_template_filled *out, struct gy_error *err)
{
    struct filling f = {.t = t, .out = out, .err = err};
    size_t n = 0;
    *out = (struct gy_template_filled){0};
    while (t->params[n].name != NULL) {
        n++;
    }
    GY_ASSERT(n <= MAX_PARAMS);
    out->values = GY_NEW_ARRAY(&out->arena, struct gy_str, n);
    GY_TRY(take_values(&f, options));
    GY_TRY(make_literals(&f));
    return print_canonical(&f);
}

void gy_template_filled_release(struct gy_template_filled *filled)
{
    gy_buf_release(&filled->text);
    gy_arena_release(&filled->arena);
    *filled = (struct gy_template_filled){0};
}
