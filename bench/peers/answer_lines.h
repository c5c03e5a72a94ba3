/* answer_lines.h - an engine as a process that is asked by lines.
 *
 *   asked    VERB \t ARGUMENT \t …          newlines and tabs within an argument are spaces
 *   answers  "ok" \t VALUE \t MICROSECONDS  or  "error" \t WHY; newlines within a value are "\n"
 *
 * The time is that of one run, on a monotonic clock, from holding the text to holding the number. A
 * question that takes less than a millisecond is repeated for 20, and the time divided.
 */
#ifndef GY_BENCH_ANSWER_LINES_H
#define GY_BENCH_ANSWER_LINES_H

#include "base/buf.h"

enum {
    LINE_ARGUMENTS = 3
};

struct question {
    const char *verb;
    const char *arguments[LINE_ARGUMENTS]; /* "" where there is none */
};

/* One run: fills `value`, the same every time; false where it failed, with why in `value`. */
typedef bool (*line_run_fn)(void *engine, const struct question *question, struct gy_buf *value);

/* What a verb does. With `repeats` it may be run more than once, to be timed. */
struct line_verb {
    const char *name;
    line_run_fn run;
    bool repeats;
};

/* Answers the lines of standard input on standard output until it ends. */
void lines_serve(void *engine, const struct line_verb *verbs, size_t n_verbs);

#endif
