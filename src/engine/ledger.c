/* ledger.c - a list, then a counting sort. */
#include "engine/ledger.h"

#include <stdlib.h>

void gy_ledger_release(struct gy_ledger *ledger)
{
    free(ledger->entries);
    free(ledger->starts);
    *ledger = (struct gy_ledger){0};
}

void gy_ledger_close(struct gy_ledger *ledger, uint32_t n_instants)
{
    GY_ASSERT(n_instants <= GY_LEDGER_INSTANTS);
    size_t *starts = gy_alloc_zero((size_t)n_instants + 2, sizeof *starts);
    struct gy_ledger_entry *sorted = gy_alloc(ledger->n * sizeof *sorted);
    for (size_t i = 0; i < ledger->n; i++)
        starts[ledger->entries[i].instant + 2]++;
    for (uint32_t i = 2; i <= n_instants; i++)
        starts[i] += starts[i - 1];
    for (size_t i = 0; i < ledger->n; i++) /* starts[i + 1] moves from the start of i to its end */
        sorted[starts[ledger->entries[i].instant + 1]++] = ledger->entries[i];
    free(ledger->entries);
    ledger->entries = sorted;
    ledger->capacity = ledger->n;
    ledger->n_instants = n_instants;
    ledger->starts = starts;
}
