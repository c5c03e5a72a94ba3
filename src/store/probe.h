/* probe.h - single looks at stored rows: is there one like this? */
#ifndef GY_STORE_PROBE_H
#define GY_STORE_PROBE_H

#include "store/live.h"

/* What identifies a call at its customer. */
struct gy_probe {
    uint32_t stream;
    uint64_t fingerprint; /* whole */
    int64_t written_ms;   /* GY_TIME_ALWAYS_MS: it has no time */
};

/* What tells a stored call of a stream from others of its customer: its fingerprint as a number (part.h), and
 * its time where that was cut. A call has one for each way in which it may be stored. */
uint64_t gy_stored_key(uint32_t stream, uint64_t fingerprint, int64_t time_ms);
enum {
    GY_STORED_KEYS = 4
};
void gy_probe_keys(const struct gy_probe *probe, uint64_t keys[GY_STORED_KEYS]);

/* Calls that a commit replaces, so that they do not count as stored: sorted keys. NULL or n 0: none. */
struct gy_replaced {
    uint64_t *keys;
    size_t n;
    size_t capacity;
};
bool gy_replaced_has(const struct gy_replaced *replaced, const struct gy_probe *probe);

/* Looks for the call under each of `ordinals`. */
GY_CHECKED enum gy_status gy_probe_call(const struct gy_live *live, const uint32_t *ordinals,
                                        size_t n, const struct gy_probe *probe,
                                        const struct gy_replaced *replaced, bool *is_stored,
                                        struct gy_error *err);

/* True if one of the ordinals has a row in the stream that has always been there. */
GY_CHECKED enum gy_status gy_probe_always(const struct gy_live *live, const uint32_t *ordinals,
                                          size_t n, uint32_t stream, bool *is_stored,
                                          struct gy_error *err);

/* ---- many calls of one customer against its rows in one slice ---- */

/* A slice opened for that. */
struct gy_probed_slice {
    const struct gy_slice *slice;
    struct gy_runs runs;
    struct gy_times times;
    struct gy_fingerprints fingerprints; /* without data: it keeps none */
};

GY_CHECKED enum gy_status gy_probed_slice_open(struct gy_probed_slice *out,
                                               const struct gy_part *part,
                                               const struct gy_slice *slice, struct gy_error *err);

/* True if the row is that call. */
static inline bool gy_probed_slice_is(const struct gy_probed_slice *s, uint32_t row,
                                      const struct gy_probe *probe)
{
    uint64_t stored = gy_fingerprint_at(&s->fingerprints, row);
    bool is_its_time =
        stored < GY_FINGERPRINT_WHOLE && gy_times_ms(&s->times, row) == probe->written_ms;
    return gy_fingerprint_is(stored, probe->fingerprint, is_its_time);
}

/* The first row of [first, end) whose time is not before (code, millis). */
uint32_t gy_times_first_at(const struct gy_times *t, uint32_t first, uint32_t end, uint32_t code,
                           uint32_t millis);

/* True if one of the rows [first, end) is that call. */
bool gy_probed_slice_has(const struct gy_probed_slice *s, uint32_t first, uint32_t end,
                         const struct gy_probe *probe);

#endif
