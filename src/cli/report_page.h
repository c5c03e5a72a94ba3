/* report_page.h - what all reports have: an audience, a title, figures as JSON, and words in the
 * workspace's language.
 */
#ifndef GY_CLI_REPORT_PAGE_H
#define GY_CLI_REPORT_PAGE_H

#include "cli/asking.h"
#include "insight/words.h"
#include "workspace/report_json.h"

#define GY_OPTION_SEGMENT                                                          \
    {                                                                              \
        "segment", 0, GY_OPTION_TEXT, offsetof(struct gy_args, segment), "S",      \
            "only of this segment's customers, or of those a definition holds for" \
    }

/* The audience of --segment, a definition or a segment's name; NULL where none is given. Of a closed
 * segment it is the last one, and the report still is as of now: what became of them. `*out` is owned by
 * the caller (roaring_bitmap_free). */
GY_CHECKED enum gy_status gy_report_audience(struct gy_ask *ask, const struct gy_args *args,
                                             roaring_bitmap_t **out, struct gy_error *err);

const char *gy_report_word(const struct gy_ask *ask, enum gy_word word);

/* "RFM, as of 2011-12-10 00:00:00", and an empty line. */
void gy_report_title(const struct gy_ask *ask, enum gy_word title);

#endif
