/* probe.c - a run of a customer is searched by time where the slice's times are as their senders
 * wrote them, else looked through: fingerprints of one customer lie side by side. */
#include "store/probe.h"

#include <stdlib.h>

/* ---- replaced calls ---- */

uint64_t gy_stored_key(uint32_t stream, uint64_t fingerprint, int64_t time_ms)
{
    uint64_t key = fingerprint ^ (stream * UINT64_C(0x9E3779B97F4A7C15));
    bool is_cut = fingerprint < GY_FINGERPRINT_WHOLE;
    return is_cut ? key ^ (uint64_t)time_ms * UINT64_C(0xD6E8FEB86659FD93) : key;
}

void gy_probe_keys(const struct gy_probe *probe, uint64_t keys[GY_STORED_KEYS])
{
    keys[0] = gy_stored_key(probe->stream, probe->fingerprint, probe->written_ms);
    for (unsigned i = 1; i < GY_STORED_KEYS; i++) {
        uint64_t cut = gy_fingerprint_cut(probe->fingerprint, GY_FINGERPRINT_LEAST + i - 1);
        keys[i] = gy_stored_key(probe->stream, cut, probe->written_ms);
    }
}

static bool has_key(const struct gy_replaced *replaced, uint64_t key)
{
    size_t low = 0;
    size_t high = replaced->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (replaced->keys[middle] < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < replaced->n && replaced->keys[low] == key;
}

bool gy_replaced_has(const struct gy_replaced *replaced, const struct gy_probe *probe)
{
    uint64_t keys[GY_STORED_KEYS];
    bool found = false;
    if (replaced == NULL || replaced->n == 0)
        return false;
    gy_probe_keys(probe, keys);
    for (unsigned i = 0; i < GY_STORED_KEYS; i++)
        found |= has_key(replaced, keys[i]);
    return found;
}

/* ---- one slice ---- */

enum gy_status gy_probed_slice_open(struct gy_probed_slice *out, const struct gy_part *part,
                                    const struct gy_slice *slice, struct gy_error *err)
{
    *out = (struct gy_probed_slice){.slice = slice};
    GY_TRY(gy_part_fingerprints(part, slice, &out->fingerprints, err));
    if (out->fingerprints.data == NULL)
        return GY_OK;
    GY_TRY(gy_part_runs(part, slice, &out->runs, err));
    return gy_part_times(part, slice, &out->times, err);
}

uint32_t gy_times_first_at(const struct gy_times *t, uint32_t first, uint32_t end, uint32_t code,
                           uint32_t millis)
{
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        uint32_t m = gy_times_millis(t, middle);
        if (t->codes[middle] < code || (t->codes[middle] == code && m < millis)) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

static bool has_at_time(const struct gy_probed_slice *s, uint32_t first, uint32_t end,
                        const struct gy_probe *probe)
{
    bool is_timed = probe->written_ms != GY_TIME_ALWAYS_MS;
    if (is_timed && (probe->written_ms > GY_TIME_MAX_MS || probe->written_ms < GY_TIME_MIN_MS))
        return false;
    uint32_t millis;
    uint32_t code = gy_code_of(probe->written_ms, &millis);
    uint32_t row = gy_times_first_at(&s->times, first, end, code, millis);
    for (; row < end && s->times.codes[row] == code; row++) {
        if (gy_times_millis(&s->times, row) != millis)
            return false;
        if (gy_probed_slice_is(s, row, probe))
            return true;
    }
    return false;
}

bool gy_probed_slice_has(const struct gy_probed_slice *s, uint32_t first, uint32_t end,
                         const struct gy_probe *probe)
{
    if (s->slice->is_as_written)
        return has_at_time(s, first, end, probe);
    bool found = false;
    for (uint32_t row = first; row < end; row++)
        found |= gy_probed_slice_is(s, row, probe);
    return found;
}

/* ---- all parts ---- */

static enum gy_status probe_part(const struct gy_part *part, uint32_t ordinal,
                                 const struct gy_probe *probe, bool *is_stored,
                                 struct gy_error *err)
{
    const struct gy_slice *slice = gy_part_find(part, ordinal >> 16, probe->stream);
    if (slice == NULL || probe->written_ms < slice->min_written_ms ||
        probe->written_ms > slice->max_written_ms)
        return GY_OK;
    struct gy_probed_slice opened;
    uint32_t first;
    uint32_t end;
    GY_TRY(gy_probed_slice_open(&opened, part, slice, err));
    if (opened.fingerprints.data != NULL &&
        gy_runs_find(&opened.runs, (uint16_t)(ordinal & 0xffff), &first, &end))
        *is_stored |= gy_probed_slice_has(&opened, first, end, probe);
    return GY_OK;
}

enum gy_status gy_probe_call(const struct gy_live *live, const uint32_t *ordinals, size_t n,
                             const struct gy_probe *probe, const struct gy_replaced *replaced,
                             bool *is_stored, struct gy_error *err)
{
    *is_stored = false;
    if (gy_replaced_has(replaced, probe))
        return GY_OK;
    for (size_t p = gy_live_n_parts(live); p-- > 0 && !*is_stored;) {
        for (size_t i = 0; i < n && !*is_stored; i++)
            GY_TRY(probe_part(gy_live_part(live, p)->part, ordinals[i], probe, is_stored, err));
    }
    return GY_OK;
}

static enum gy_status has_always(const struct gy_part *part, uint32_t ordinal, uint32_t stream,
                                 bool *is_stored, struct gy_error *err)
{
    const struct gy_slice *slice = gy_part_find(part, ordinal >> 16, stream);
    if (slice == NULL || slice->min_code != GY_CODE_ALWAYS)
        return GY_OK;
    struct gy_runs runs;
    struct gy_times times;
    uint32_t first;
    uint32_t end;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    GY_TRY(gy_part_times(part, slice, &times, err));
    if (gy_runs_find(&runs, (uint16_t)(ordinal & 0xffff), &first, &end))
        *is_stored |= times.codes[first] == GY_CODE_ALWAYS;
    return GY_OK;
}

enum gy_status gy_probe_always(const struct gy_live *live, const uint32_t *ordinals, size_t n,
                               uint32_t stream, bool *is_stored, struct gy_error *err)
{
    *is_stored = false;
    for (size_t p = gy_live_n_parts(live); p-- > 0 && !*is_stored;) {
        for (size_t i = 0; i < n && !*is_stored; i++)
            GY_TRY(has_always(gy_live_part(live, p)->part, ordinals[i], stream, is_stored, err));
    }
    return GY_OK;
}
