/* throttle.c - see throttle.h.
 *
 * A table of hashes under a key of this process, so that nobody can aim at another's place; where all places that a hash
 * may have are taken, the one that tried least lately makes room. */
#include "server/throttle.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

enum {
    PLACES = 4096,
    PROBES = 16, /* places that one hash may have */
    WAIT_MAX_MS = 15 * 60000,
    FORGOTTEN_MS = 60 * 60000
};

struct tried {
    uint64_t hash; /* 0: a free place */
    unsigned n;
    int64_t last_ms;
    int64_t until_ms;
};

struct gy_throttle {
    pthread_mutex_t lock;
    uint8_t key[16];
    unsigned n_free;
    struct tried places[PLACES];
};

struct gy_throttle *gy_throttle_new(unsigned n_free)
{
    struct gy_throttle *throttle = gy_alloc_zero(1, sizeof *throttle);
    pthread_mutex_init(&throttle->lock, NULL);
    gy_random_bytes(throttle->key, sizeof throttle->key);
    throttle->n_free = n_free;
    return throttle;
}

void gy_throttle_free(struct gy_throttle *throttle)
{
    if (throttle != NULL) {
        pthread_mutex_destroy(&throttle->lock);
        free(throttle);
    }
}

/* The place of `who`; or the one that it is to have, which is another's or free. */
static struct tried *find(struct gy_throttle *throttle, struct gy_str who, uint64_t *hash)
{
    *hash = gy_hash_keyed(who.ptr, who.len, throttle->key) | 1;
    struct tried *oldest = &throttle->places[(*hash >> 1) % PLACES];
    for (size_t i = 0; i < PROBES; i++) {
        struct tried *place = &throttle->places[((*hash >> 1) + i) % PLACES];
        if (place->hash == *hash) {
            return place;
        }
        oldest = place->last_ms < oldest->last_ms ? place : oldest;
    }
    return oldest;
}

static int64_t wait_after(const struct gy_throttle *throttle, unsigned n)
{
    if (n <= throttle->n_free) {
        return 0;
    }
    unsigned doublings = n - throttle->n_free - 1;
    return doublings >= 10 || (INT64_C(1000) << doublings) > WAIT_MAX_MS
               ? WAIT_MAX_MS
               : INT64_C(1000) << doublings;
}

int64_t gy_throttle_try(struct gy_throttle *throttle, struct gy_str who, int64_t now_ms)
{
    uint64_t hash;
    pthread_mutex_lock(&throttle->lock);
    struct tried *place = find(throttle, who, &hash);
    if (place->hash != hash || now_ms - place->last_ms >= FORGOTTEN_MS) {
        *place = (struct tried){.hash = hash};
    }
    int64_t wait_ms = place->until_ms > now_ms ? place->until_ms - now_ms : 0;
    if (wait_ms == 0) {
        place->n++;
        place->last_ms = now_ms;
        place->until_ms = now_ms + wait_after(throttle, place->n);
    }
    pthread_mutex_unlock(&throttle->lock);
    return wait_ms;
}

void gy_throttle_forget(struct gy_throttle *throttle, struct gy_str who)
{
    uint64_t hash;
    pthread_mutex_lock(&throttle->lock);
    struct tried *place = find(throttle, who, &hash);
    if (place->hash == hash) {
        *place = (struct tried){0};
    }
    pthread_mutex_unlock(&throttle->lock);
}

void gy_throttle_undo(struct gy_throttle *throttle, struct gy_str who)
{
    uint64_t hash;
    pthread_mutex_lock(&throttle->lock);
    struct tried *place = find(throttle, who, &hash);
    if (place->hash == hash && place->n > 0) {
        place->n--;
        place->until_ms = 0;
    }
    pthread_mutex_unlock(&throttle->lock);
}
