/* personal.h - which fields say who somebody is: e-mail addresses, names, numbers to call.
 *
 * A field is a trait, or a property of an event. Its name tells: "email", "billing_address", "firstName", "생년월일"; of a
 * trait also "name", which in an event is a product's. A workspace can say otherwise of each (`gyeol schema set NAME
 * --personal yes|no`). Whoever may not see them gets GY_MASKED in place of their values.
 */
#ifndef GY_STORE_PERSONAL_H
#define GY_STORE_PERSONAL_H

#include "base/status.h"
#include "base/str.h"

struct gy_snapshot;
struct gy_writer;

#define GY_MASKED "•••"

/* By the name alone. */
bool gy_is_personal_name(bool is_trait, struct gy_str name);

/* As the workspace has it; `event` is empty of a trait. */
bool gy_snapshot_is_personal(const struct gy_snapshot *s, struct gy_str event, struct gy_str name);

/* Whether or not the name says so. */
GY_CHECKED enum gy_status gy_writer_set_personal(struct gy_writer *w, struct gy_str event,
                                                 struct gy_str name, bool is_personal,
                                                 struct gy_error *err);

#endif
