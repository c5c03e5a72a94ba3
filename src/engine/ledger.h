/* ledger.h - what happens to the customers of a block between one instant and the next.
 *
 * An entry says that something changes for a customer at an instant: how many rows come in (or, below
 * 0, go out) and what they add up to. Entries are posted in any order, and read instant by instant.
 */
#ifndef GY_ENGINE_LEDGER_H
#define GY_ENGINE_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

enum {
    GY_LEDGER_INSTANTS = 4096 /* at most so many */
};

struct gy_ledger_entry {
    int64_t amount;
    int32_t n_rows;
    uint16_t customer;
    uint16_t instant;
};

/* All zero is empty; one owner. */
struct gy_ledger {
    struct gy_ledger_entry *entries; /* once it is closed: by instant */
    size_t n;
    size_t capacity;
    uint32_t n_instants;
    size_t *starts; /* of each instant's entries, and their end */
};

void gy_ledger_release(struct gy_ledger *ledger);

static inline void gy_ledger_post(struct gy_ledger *ledger, struct gy_ledger_entry entry)
{
    GY_GROW(ledger->entries, ledger->capacity, ledger->n + 1);
    ledger->entries[ledger->n++] = entry;
}

/* Once all is posted: orders the entries by instant. */
void gy_ledger_close(struct gy_ledger *ledger, uint32_t n_instants);

/* The entries of an instant: views into the ledger. */
static inline const struct gy_ledger_entry *gy_ledger_at(const struct gy_ledger *ledger,
                                                         uint32_t instant, size_t *n)
{
    *n = ledger->starts[instant + 1] - ledger->starts[instant];
    return ledger->entries + ledger->starts[instant];
}

#endif
