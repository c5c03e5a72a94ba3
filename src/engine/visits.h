/* visits.h - visits, made of page calls as they are asked for.
 *
 * A customer's pages, in the order of events, fall into visits: a page that comes more than 30 minutes after the one
 * before begins a new one. A visit is a row at the place of its first page, with what all of its pages up to the
 * instant say:
 *
 *     pages   10:00  10:02        10:31 | 11:02 |          silence of 31 minutes
 *     visits  10:00 {3 pages, 1,860 s}  | 11:02 {1 page: a bounce}
 *
 * Nothing of it is stored: a page that comes late may join two visits. The rows of a block are laid out as a
 * part's slices are, one for each slice of pages that a visit begins in, so that the order of arrival stays; their
 * columns are filled when they are first asked for. A customer asked for alone, or whose pages lie under several
 * ordinals, gets slices of its own.
 */
#ifndef GY_ENGINE_VISITS_H
#define GY_ENGINE_VISITS_H

#include "engine/customer_rows.h"

#define GY_VISIT_SILENCE_MS INT64_C(1800000)

/* The visits of a derived stream (derived.h) of the reader's plan; views, valid until the reader is reset or
 * forgets them. */
const struct gy_stream_view *gy_visits_of_block(struct gy_reader *reader, uint32_t block_no,
                                                uint32_t stream);
/* Until another customer is asked for. */
const struct gy_stream_view *gy_visits_of_subject(struct gy_reader *reader,
                                                  const struct gy_subject *subject,
                                                  uint32_t stream);

/* A column of such a slice. */
const struct gy_view_column *gy_visit_column(struct gy_reader *reader, struct gy_slice_view *view,
                                             uint32_t property);

/* Gives back what was made so far. */
void gy_visits_forget(struct gy_reader *reader);

#endif
