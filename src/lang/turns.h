/* turns.h - when, as time goes by, an event leaves a window, an age grows, an anniversary comes near.
 *
 * A *turn* is an instant as of which the answer is another than one millisecond before. Fixed lengths
 * turn once for each end. The calendar does not run evenly, though: 28 to 31 March all reach back
 * `1 month` to 28 February, each at its own hour, and clocks are set back. So an event may leave a
 * window, come back and leave again. Turns are therefore not solved for: every instant is looked at
 * at which the local date or hour in question can come, or clocks change near it; between two of
 * these the answer cannot change, and those where it does are the turns.
 */
#ifndef GY_LANG_TURNS_H
#define GY_LANG_TURNS_H

#include <stddef.h>

#include "lang/window.h"

/* Instants that grow in number. All zero is empty. */
struct gy_instants {
    int64_t *ms;
    size_t n;
    size_t capacity;
};

void gy_instants_release(struct gy_instants *instants);
void gy_instants_add(struct gy_instants *instants, int64_t ms);
void gy_instants_sort(struct gy_instants *instants); /* ascending, each once */

/* Each of these appends the turns after `after_ms` up to the end of the calendar, in no order, some
 * of them perhaps twice. */

/* Of whether an event of `time_ms` is in the window. */
void gy_window_turns(const struct gy_window *window, int64_t time_ms, const struct gy_zone *zone,
                     int64_t after_ms, struct gy_instants *out);

/* Of whether that long ago (gy_duration_before) is at `time_ms` or later. */
void gy_ago_turns(const struct gy_duration *ago, int64_t time_ms, const struct gy_zone *zone,
                  int64_t after_ms, struct gy_instants *out);

/* Of the age of who was born then (gy_age_at). */
void gy_age_turns(int64_t birth_ms, const struct gy_zone *zone, int64_t after_ms,
                  struct gy_instants *out);

/* Of whether an anniversary is within the next days (gy_anniversary_within). */
void gy_anniversary_turns(int64_t date_ms, uint64_t next_days, const struct gy_zone *zone,
                          int64_t after_ms, struct gy_instants *out);

#endif
