/* id_cache.c - see id_cache.h. The table doubles until it is as large as it may be. */
#include "store/id_cache.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/status.h"

enum {
    FIRST_SETS = 64,
    MOST_SETS = 1 << 20 /* 64 MiB, for some three million ids */
};

void gy_id_cache_release(struct gy_id_cache *cache)
{
    free(cache->slots);
    *cache = (struct gy_id_cache){0};
}

/* The place for a key: an empty one, or one of those that are taken, by the key's own bits. */
static struct gy_id_cache_slot *place_for(const struct gy_id_cache *cache, struct gy_short_key key)
{
    struct gy_id_cache_slot *set = gy_id_cache_set(cache, key);
    for (int i = 0; i < GY_ID_CACHE_WAYS; i++) {
        if (set[i].tail == 0)
            return &set[i];
    }
    return &set[gy_short_key_hash(key, cache->seed) >> 62];
}

static void grow(struct gy_id_cache *cache)
{
    struct gy_id_cache old = *cache;
    if (old.n_sets == 0)
        gy_random_bytes(&cache->seed, sizeof cache->seed);
    cache->n_sets = old.n_sets == 0 ? FIRST_SETS : old.n_sets * 2;
    size_t bytes = (size_t)cache->n_sets * GY_ID_CACHE_WAYS * sizeof *cache->slots;
    cache->slots = gy_alloc_aligned(64, bytes);
    memset(cache->slots, 0, bytes);
    for (size_t i = 0; i < (size_t)old.n_sets * GY_ID_CACHE_WAYS; i++) {
        struct gy_short_key key = {old.slots[i].head, old.slots[i].tail};
        if (key.tail != 0)
            *place_for(cache, key) = old.slots[i];
    }
    free(old.slots);
}

void gy_id_cache_put(struct gy_id_cache *cache, bool is_external, struct gy_str id,
                     uint32_t ordinal)
{
    GY_ASSERT(id.len > 0 && gy_is_short(id));
    if (cache->n >= cache->n_sets * 2 && cache->n_sets < MOST_SETS)
        grow(cache);
    struct gy_short_key key = gy_id_cache_key(is_external, id);
    *place_for(cache, key) = (struct gy_id_cache_slot){key.head, key.tail, ordinal};
    cache->n += cache->n < UINT32_MAX;
}
