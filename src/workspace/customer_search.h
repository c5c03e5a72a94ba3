/* customer_search.h - customers by what somebody remembers of them: an id, an e-mail address, a name, a number to call. */
#ifndef GY_WORKSPACE_CUSTOMER_SEARCH_H
#define GY_WORKSPACE_CUSTOMER_SEARCH_H

#include "workspace/ask.h"

/* The customers one of whose ids is `text`, or has it in it, whatever the case of ASCII letters; with `in_traits` also those
 * one of whose personal traits (store/personal.h) has it in it as it stands. Whoever has exactly that id comes first, the
 * others in the order in which they first came. At most `max`; `*roots` is allocated in the ask's arena. An empty text finds
 * everyone. */
GY_CHECKED enum gy_status gy_customer_search(struct gy_ask *ask, const char *text, bool in_traits,
                                             uint32_t max, uint32_t **roots, size_t *n,
                                             struct gy_error *err);

#endif
