/* part_places.c - whose rows a slice has, as bits, worked out when it is first asked for. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/part_internal.h"

static struct gy_places *make_places(const struct gy_runs *runs)
{
    struct gy_places *places = gy_alloc_zero(1, sizeof *places);
    uint32_t n = 0;
    for (uint32_t run = 0; run < runs->n; run++) {
        uint32_t customer = gy_runs_customer(runs, run);
        places->there[customer >> 6] |= UINT64_C(1) << (customer & 63);
    }
    for (uint32_t w = 0; w < GY_BLOCK_SIZE / 64; w++) {
        places->runs_before[w] = (uint16_t)n;
        n += (uint32_t)__builtin_popcountll(places->there[w]);
    }
    return places;
}

/* Two threads that meet here both make them, and one keeps its own. */
const struct gy_places *gy_part_places(const struct gy_part *part, const struct gy_slice *slice,
                                       const struct gy_runs *runs)
{
    struct gy_places *_Atomic *kept = &part->places[slice - part->slices];
    struct gy_places *places = atomic_load_explicit(kept, memory_order_acquire);
    if (places != NULL)
        return places;
    struct gy_places *made = make_places(runs);
    if (atomic_compare_exchange_strong_explicit(kept, &places, made, memory_order_acq_rel,
                                                memory_order_acquire))
        return made;
    free(made);
    return places;
}

void gy_part_forget_places(struct gy_part *part)
{
    for (uint32_t i = 0; part->places != NULL && i < part->n_slices; i++)
        free(atomic_load_explicit(&part->places[i], memory_order_relaxed));
    free((void *)(uintptr_t)part->places);
    part->places = NULL;
}
