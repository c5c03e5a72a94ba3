/* code_map.c - a merge of two sorted dictionaries. */
#include "engine/code_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A string and its first eight bytes as a number in the order of the bytes, zeros behind its end. Short
 * strings mostly differ there. */
struct head {
    struct gy_str str;
    uint64_t bytes;
};

/* Eight bytes may be read of any string: a part goes on behind its dictionaries (docs/format.md). */
static struct head head_of(const struct gy_dictionary *dictionary, uint32_t code)
{
    struct head head = {gy_dictionary_str(dictionary, code), 0};
    size_t n = head.str.len;
    memcpy(&head.bytes, head.str.ptr, sizeof head.bytes);
    head.bytes = __builtin_bswap64(head.bytes);
    if (n < sizeof head.bytes)
        head.bytes = n == 0 ? 0 : head.bytes >> (64 - 8 * n) << (64 - 8 * n);
    return head;
}

static int compare_heads(const struct head *a, const struct head *b)
{
    if (a->bytes != b->bytes)
        return a->bytes < b->bytes ? -1 : 1;
    return gy_str_compare(a->str, b->str);
}

static void merge(const struct gy_dictionary *from, const struct gy_dictionary *to, uint32_t *codes)
{
    uint32_t at = 0;
    struct head other = to->n > 0 ? head_of(to, 0) : (struct head){0};
    for (uint32_t code = 0; code < from->n; code++) {
        struct head head = head_of(from, code);
        int order = 1;
        while (at < to->n && (order = compare_heads(&other, &head)) < 0) {
            if (++at < to->n)
                other = head_of(to, at);
        }
        codes[code] = at < to->n && order == 0 ? at : GY_NO_CODE;
    }
}

const uint32_t *gy_code_map_get(struct gy_code_map *map, const struct gy_dictionary *from,
                                const struct gy_dictionary *to)
{
    if (map->from == from->starts && map->to == to->starts)
        return map->codes;
    GY_GROW(map->codes, map->capacity, from->n);
    merge(from, to, map->codes);
    map->from = from->starts;
    map->to = to->starts;
    return map->codes;
}

void gy_code_map_release(struct gy_code_map *map)
{
    free(map->codes);
    *map = (struct gy_code_map){0};
}
