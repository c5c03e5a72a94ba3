/* why_text.h - the answer of `why`, for people. */
#ifndef GY_CLI_WHY_TEXT_H
#define GY_CLI_WHY_TEXT_H

#include "cli/asking.h"
#include "engine/why.h"

/* On standard output. `id` is the customer's primary one. */
void gy_why_print_text(const struct gy_ask *ask, struct gy_str id, const struct gy_why *why);

#endif
