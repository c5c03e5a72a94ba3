/* customer_calls.c - see customer_calls.h. */
#include "store/customer_calls.h"

#include <stdlib.h>

enum {
    FEW_ORDINALS = 16
};

void gy_customer_calls_release(struct gy_customer_calls *c)
{
    gy_key_counts_release(&c->roots);
    gy_key_counts_release(&c->calls);
    free(c->members);
    *c = (struct gy_customer_calls){0};
}

void gy_customer_calls_reset(struct gy_customer_calls *c)
{
    gy_key_counts_reset(&c->roots);
    gy_key_counts_reset(&c->calls);
}

static uint64_t key_of(uint32_t root, uint64_t stored_key)
{
    return stored_key ^ (root + UINT64_C(1)) * UINT64_C(0xC2B2AE3D27D4EB4F);
}

/* ---- gathering ---- */

static enum gy_status gather_slice(struct gy_customer_calls *c, const struct gy_part *part,
                                   const struct gy_slice *slice, uint32_t ordinal, uint32_t root,
                                   struct gy_error *err)
{
    struct gy_probed_slice s;
    uint32_t first;
    uint32_t end;
    GY_TRY(gy_probed_slice_open(&s, part, slice, err));
    if (s.fingerprints.data == NULL ||
        !gy_runs_find(&s.runs, (uint16_t)(ordinal & 0xffff), &first, &end))
        return GY_OK;
    for (uint32_t row = first; row < end; row++) {
        uint64_t key = gy_stored_key(slice->stream, gy_fingerprint_at(&s.fingerprints, row),
                                     gy_times_ms(&s.times, row));
        gy_key_counts_add(&c->calls, key_of(root, key));
    }
    return GY_OK;
}

/* The slices of a block stand together, and the stream of existence comes first. */
static enum gy_status gather_part(struct gy_customer_calls *c, const struct gy_part *part,
                                  uint32_t ordinal, uint32_t root, struct gy_error *err)
{
    const struct gy_slice *slice = gy_part_find(part, ordinal >> 16, GY_STREAM_EXISTENCE);
    if (slice == NULL)
        return GY_OK;
    const struct gy_slice *end = gy_part_slice(part, 0) + gy_part_n_slices(part);
    for (; slice < end && slice->block_no == ordinal >> 16; slice++)
        GY_TRY(gather_slice(c, part, slice, ordinal, root, err));
    return GY_OK;
}

static enum gy_status gather(struct gy_customer_calls *c, const struct gy_identity *identity,
                             size_t n_members, uint32_t root, struct gy_error *err)
{
    const struct gy_live *live = identity->live;
    for (size_t i = 0; i < n_members; i++) {
        for (size_t p = 0; p < gy_live_n_parts(live); p++)
            GY_TRY(gather_part(c, gy_live_part(live, p)->part, c->members[i], root, err));
    }
    return GY_OK;
}

/* ---- asking ---- */

static bool was_gathered(const struct gy_customer_calls *c, uint32_t root,
                         const struct gy_probe *probe)
{
    uint64_t keys[GY_STORED_KEYS];
    bool found = false;
    gy_probe_keys(probe, keys);
    for (unsigned i = 0; i < GY_STORED_KEYS; i++)
        found |= gy_key_counts_get(&c->calls, key_of(root, keys[i])) > 0;
    return found;
}

enum gy_status gy_customer_calls_probe(struct gy_customer_calls *c,
                                       const struct gy_identity *identity, uint32_t root,
                                       const struct gy_probe *probe,
                                       const struct gy_replaced *replaced, bool *is_stored,
                                       struct gy_error *err)
{
    if (gy_key_counts_get(&c->roots, root) == 0) {
        size_t n = gy_identity_members(identity, root, &c->members, &c->members_capacity);
        if (n <= FEW_ORDINALS)
            return gy_probe_call(identity->live, c->members, n, probe, replaced, is_stored, err);
        GY_TRY(gather(c, identity, n, root, err));
        gy_key_counts_add(&c->roots, root);
    }
    *is_stored = !gy_replaced_has(replaced, probe) && was_gathered(c, root, probe);
    return GY_OK;
}

/* Where the rows cannot be read, everything is forgotten: the next one who asks is told why. */
void gy_customer_calls_join(struct gy_customer_calls *c, const struct gy_identity *identity,
                            uint32_t child, uint32_t root)
{
    if (gy_key_counts_get(&c->roots, root) == 0)
        return;
    size_t n = gy_identity_members(identity, child, &c->members, &c->members_capacity);
    if (gather(c, identity, n, root, NULL) != GY_OK)
        gy_customer_calls_reset(c);
}
