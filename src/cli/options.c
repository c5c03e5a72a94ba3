/* options.c - see options.h. A table is walked for every word: command lines are short. */
#include "cli/options.h"

#include <string.h>

#include "base/text.h"

const char *gy_nearest_word(const char *word, const char *const *names, size_t n)
{
    struct gy_str wanted = gy_str_of(word);
    if (!gy_text_is_utf8(wanted)) {
        return NULL;
    }
    size_t limit = wanted.len < 4 ? 1 : wanted.len < 8 ? 2 : 3;
    size_t best = limit + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t distance = gy_text_distance(wanted, gy_str_of(names[i]), limit);
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

/* ---- finding an option ---- */

static const struct gy_option *find_name(const struct gy_option *const *tables, const char *name,
                                         size_t len)
{
    for (; *tables != NULL; tables++) {
        for (const struct gy_option *o = *tables; o->name != NULL; o++) {
            if (strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
                return o;
            }
        }
    }
    return NULL;
}

static const struct gy_option *find_letter(const struct gy_option *const *tables, char letter)
{
    for (; *tables != NULL; tables++) {
        for (const struct gy_option *o = *tables; o->name != NULL; o++) {
            if (o->letter != '\0' && o->letter == letter) {
                return o;
            }
        }
    }
    return NULL;
}

enum {
    MAX_OPTIONS = 64
};

static enum gy_status refuse_unknown(const struct gy_option *const *tables, const char *word,
                                     struct gy_error *err)
{
    const char *names[MAX_OPTIONS];
    size_t n = 0;
    for (; *tables != NULL; tables++) {
        for (const struct gy_option *o = *tables; o->name != NULL && n < MAX_OPTIONS; o++) {
            names[n++] = o->name;
        }
    }
    char name[64];
    size_t len = strcspn(word + (word[1] == '-' ? 2 : 1), "=");
    len = len < sizeof name ? len : sizeof name - 1;
    memcpy(name, word + (word[1] == '-' ? 2 : 1), len);
    name[len] = '\0';
    gy_error_set(err, GY_INVALID, "unknown option \"%s\"", word);
    const char *nearest = gy_nearest_word(name, names, n);
    if (nearest != NULL) {
        gy_error_hint(err, "Did you mean \"--%s\"?", nearest);
    } else {
        gy_error_hint(err, "A definition that begins with \"-\" stands behind \"--\".");
    }
    return GY_INVALID;
}

/* ---- reading ---- */

static enum gy_status store_value(const struct gy_option *option, void *fields, const char *value,
                                  struct gy_error *err)
{
    char *at = (char *)fields + option->field;
    if (option->kind == GY_OPTION_TEXT) {
        memcpy(at, &value, sizeof value);
        return GY_OK;
    }
    struct gy_texts texts;
    memcpy(&texts, at, sizeof texts);
    if (texts.n == GY_MAX_TEXTS) {
        return gy_error_set(err, GY_LIMIT, "option \"--%s\" is given more than %d times",
                            option->name, GY_MAX_TEXTS);
    }
    texts.items[texts.n++] = value;
    memcpy(at, &texts, sizeof texts);
    return GY_OK;
}

/* Reads the option in words[*i]; moves on to its value where that is a word of its own. */
static enum gy_status read_option(const struct gy_option *const *tables, const char *const *words,
                                  size_t n, size_t *i, void *fields, struct gy_error *err)
{
    const char *word = words[*i];
    bool is_long = word[1] == '-';
    const char *equals = is_long ? strchr(word, '=') : NULL;
    size_t name_len = equals != NULL ? (size_t)(equals - word) - 2 : strlen(word) - 2;
    const struct gy_option *option =
        is_long ? find_name(tables, word + 2, name_len) : find_letter(tables, word[1]);
    if (option == NULL) {
        return refuse_unknown(tables, word, err);
    }
    const char *value = equals != NULL ? equals + 1 : !is_long && word[2] != '\0' ? word + 2 : NULL;
    if (option->kind == GY_OPTION_FLAG) {
        if (value != NULL) {
            return gy_error_set(err, GY_INVALID, "option \"--%s\" takes no value", option->name);
        }
        *((bool *)((char *)fields + option->field)) = true;
        return GY_OK;
    }
    if (value == NULL && ++*i == n) {
        return gy_error_set(err, GY_INVALID, "option \"--%s\" needs a value, %s", option->name,
                            option->value);
    }
    return store_value(option, fields, value != NULL ? value : words[*i], err);
}

enum gy_status gy_options_read(const struct gy_option *const *tables, const char *const *words,
                               size_t n, void *fields, struct gy_operands *operands,
                               struct gy_error *err)
{
    bool ended = false;
    operands->n = 0;
    for (size_t i = 0; i < n; i++) {
        const char *word = words[i];
        if (ended || word[0] != '-' || word[1] == '\0') {
            operands->words[operands->n++] = word;
        } else if (strcmp(word, "--") == 0) {
            ended = true;
        } else {
            GY_TRY(read_option(tables, words, n, &i, fields, err));
        }
    }
    return GY_OK;
}

/* ---- help ---- */

/* How many columns of the terminal it takes. */
static size_t print_name(const struct gy_option *o, char *out, size_t size)
{
    char letter[8] = "";
    if (o->letter != '\0') {
        (void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
    }
    (void)snprintf(out, size, "%s--%s%s%s", letter, o->name, o->value != NULL ? " " : "",
                   o->value != NULL ? o->value : "");
    return gy_text_width(gy_str_of(out));
}

void gy_options_print(const struct gy_option *table, FILE *out)
{
    char name[128];
    size_t width = 0;
    for (const struct gy_option *o = table; o->name != NULL; o++) {
        size_t taken = print_name(o, name, sizeof name);
        width = taken > width ? taken : width;
    }
    for (const struct gy_option *o = table; o->name != NULL; o++) {
        size_t taken = print_name(o, name, sizeof name);
        (void)fprintf(out, "  %s%*s  %s\n", name, (int)(width - taken), "", o->about);
    }
}
