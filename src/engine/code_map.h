/* code_map.h - the codes of one dictionary in those of another.
 *
 * Two properties that hold the same things, as the product of a cart and that of an order, have a dictionary
 * each. Both are in order, so one merge tells which code of the one is which of the other, and rows of the
 * two compare as whole numbers from then on.
 */
#ifndef GY_ENGINE_CODE_MAP_H
#define GY_ENGINE_CODE_MAP_H

#include "store/part.h"

#define GY_NO_CODE UINT32_MAX

/* The last map that was asked for; all zero at first. One owner. */
struct gy_code_map {
    const uint32_t *from; /* the dictionaries' starts, by which they are known again */
    const uint32_t *to;
    uint32_t *codes;
    size_t capacity;
};

/* By code of `from` that of the same string in `to`, or GY_NO_CODE. A view, valid until the next one is
 * asked for. */
const uint32_t *gy_code_map_get(struct gy_code_map *map, const struct gy_dictionary *from,
                                const struct gy_dictionary *to);

void gy_code_map_release(struct gy_code_map *map);

#endif
