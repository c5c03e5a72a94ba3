/* options.h - the words behind a command, read by a table.
 *
 * A command says which options it has, each with the place of its value in a struct of the caller's;
 * the reader fills that struct and hands back the other words, the operands, in order. Options may
 * stand anywhere among the operands; `--` ends them, since a definition may begin with `-`. A value
 * is the next word or stands behind `=`; a lone `-` is an operand.
 *
 *     --as-of 2025-01-01   --as-of=2025-01-01   -o FILE   --json
 */
#ifndef GY_CLI_OPTIONS_H
#define GY_CLI_OPTIONS_H

#include <stdio.h>

#include "base/status.h"

enum gy_option_kind {
    GY_OPTION_FLAG,  /* bool */
    GY_OPTION_TEXT,  /* const char *; the last one given holds */
    GY_OPTION_TEXTS, /* struct gy_texts; every one given */
};

enum {
    GY_MAX_TEXTS = 64
};

struct gy_texts {
    const char *items[GY_MAX_TEXTS];
    size_t n;
};

/* A table of these ends with a name that is NULL. */
struct gy_option {
    const char *name; /* "as-of" */
    char letter;      /* 'o' for -o; 0: none */
    enum gy_option_kind kind;
    size_t field;      /* offsetof in the caller's struct */
    const char *value; /* "FILE": what the help calls it */
    const char *about;
};

/* The words that are no options, in order. */
struct gy_operands {
    const char **words; /* room for as many as are read */
    size_t n;
};

/* Reads words[0 .. n) by the tables, a list that ends with NULL. `fields` is filled. All words are borrowed. Fails with INVALID,
 * with the nearest option as a hint. */
GY_CHECKED enum gy_status gy_options_read(const struct gy_option *const *tables,
                                          const char *const *words, size_t n, void *fields,
                                          struct gy_operands *operands, struct gy_error *err);

/* A line for each option, aligned. */
void gy_options_print(const struct gy_option *table, FILE *out);

/* The nearest of `names` to `word` for "did you mean", or NULL where none is near. */
const char *gy_nearest_word(const char *word, const char *const *names, size_t n);

#endif
