/* id_cache.h - ordinals of ids that came lately, found with one look at memory.
 *
 * A table of short ids (short_key.h) in sets of four, each set one line of the processor's caches. It may
 * forget: an id that comes into a full set takes the place of another. So it stays within bounds whatever the
 * number of customers, and what it does not know is to be looked for where all ids are.
 *
 * All zero is empty. One owner.
 */
#ifndef GY_STORE_ID_CACHE_H
#define GY_STORE_ID_CACHE_H

#include "base/short_key.h"

enum {
    GY_ID_CACHE_WAYS = 4
};

struct gy_id_cache_slot {
    uint64_t head;
    uint32_t tail; /* of the key, its highest bit set for an external id; 0: empty, no id is */
    uint32_t ordinal;
};

struct gy_id_cache {
    struct gy_id_cache_slot *slots; /* NULL: none yet */
    uint32_t n_sets;                /* a power of two */
    uint32_t n;                     /* how many came in, those that were forgotten too */
    uint64_t seed;
};

#define GY_ID_CACHE_NONE UINT32_MAX

void gy_id_cache_release(struct gy_id_cache *cache);

/* A short id that is not there. */
void gy_id_cache_put(struct gy_id_cache *cache, bool is_external, struct gy_str id,
                     uint32_t ordinal);

static inline struct gy_short_key gy_id_cache_key(bool is_external, struct gy_str id)
{
    struct gy_short_key key = gy_short_key_of(id);
    key.tail |= (uint32_t)is_external << 31;
    return key;
}

static inline struct gy_id_cache_slot *gy_id_cache_set(const struct gy_id_cache *cache,
                                                       struct gy_short_key key)
{
    uint64_t set = gy_short_key_hash(key, cache->seed) & (cache->n_sets - 1);
    return cache->slots + set * GY_ID_CACHE_WAYS;
}

/* A short id's ordinal, or GY_ID_CACHE_NONE. */
static inline uint32_t gy_id_cache_find(const struct gy_id_cache *cache, bool is_external,
                                        struct gy_str id)
{
    if (cache->slots == NULL)
        return GY_ID_CACHE_NONE;
    struct gy_short_key key = gy_id_cache_key(is_external, id);
    const struct gy_id_cache_slot *set = gy_id_cache_set(cache, key);
    uint32_t ordinal = GY_ID_CACHE_NONE;
    for (int i = 0; i < GY_ID_CACHE_WAYS; i++) {
        bool is_it = set[i].head == key.head && set[i].tail == key.tail;
        ordinal = is_it ? set[i].ordinal : ordinal;
    }
    return ordinal;
}

/* It will be asked for soon. */
static inline void gy_id_cache_expect(const struct gy_id_cache *cache, bool is_external,
                                      struct gy_str id)
{
    if (cache->slots != NULL)
        __builtin_prefetch(gy_id_cache_set(cache, gy_id_cache_key(is_external, id)));
}

#endif
