/* questions.h - asking a fixture's data in the language. */
#ifndef GY_TESTS_QUESTIONS_H
#define GY_TESTS_QUESTIONS_H

#include "base/buf.h"
#include "engine/engine.h"
#include "lang/check.h"
#include "store_fixture.h"

int64_t instant(const char *text); /* UTC where it names no zone */

/* Checked against the snapshot, names that it has not seen allowed; released by the caller. */
void define(const struct gy_snapshot *s, const char *text, struct gy_definition *out);
void define_value(const struct gy_snapshot *s, const char *text, struct gy_definition *out);

/* Fails the test unless exactly these ids (in code-point order, set off by spaces) are members as of
 * then: by kernels on one and several threads, row by row, and each customer asked alone. */
void expect_members(const struct gy_fixture *f, const char *now, const char *text,
                    const char *expected);

#endif
