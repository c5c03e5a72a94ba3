/* why_print.h - the answer of `why`, for people and as JSON. */
#ifndef GY_CLI_WHY_PRINT_H
#define GY_CLI_WHY_PRINT_H

#include "cli/ask.h"
#include "engine/why.h"

/* On standard output. `id` is the customer's primary one. */
void gy_why_print_text(const struct gy_ask *ask, struct gy_str id, const struct gy_why *why);
void gy_why_print_json(const struct gy_ask *ask, struct gy_str id, const struct gy_why *why);

/* Why an instant is not foreseeable, in words. */
const char *gy_unforeseen_text(enum gy_unforeseen reason);

#endif
