/* segment_spec.h - a line of JSON as a call of the Segment spec.
 *
 *   {"type": "track", "userId": "c01", "event": "Order Completed", "timestamp": "2025-01-02T03:04:05Z",
 *    "properties": {"revenue": 100, "products": [{"sku": "a"}]}, "messageId": "m1"}
 *
 * What is read:
 *   - `type`: track, identify, page, screen, group or alias; `userId`, `anonymousId` (alias: `previousId`),
 *     strings or whole numbers; one of the two must be there; `messageId`
 *   - `timestamp`, else `originalTimestamp`: as the segment language writes times; only identify and alias may
 *     go without
 *   - properties (of identify and group `traits`, of an identify without them `context.traits`): numbers, strings, booleans; an array of objects makes
 *     items, in a trait an array of strings a list; null removes a trait, is a missing field of an item,
 *     and nothing elsewhere; other arrays and objects are not read
 *   - of an identify, and of the event `Segment Consent Preference Updated`, which becomes one:
 *     `context.consent.categoryPreferences` makes a trait `consent.CATEGORY` of each true or false
 *   - page and screen: `name` and `category` are properties; group: `groupId` is the property `group_id`
 *
 * Of a name that occurs twice in an object the last one counts. All strings become NFC.
 */
#ifndef GY_INGEST_SEGMENT_SPEC_H
#define GY_INGEST_SEGMENT_SPEC_H

#include "base/arena.h"
#include "base/status.h"
#include "base/zone.h"
#include "store/call.h"

struct gy_spec_parser; /* one owner; not for several threads at once */

struct gy_spec_parser *gy_spec_parser_new(
    void); /* owned by the caller (free with gy_spec_parser_free) */
void gy_spec_parser_free(struct gy_spec_parser *parser);

/* Reads one call. `zone` is that of times without an offset. Everything in `call` is a view, valid until the
 * next call of this function. Fails with INVALID, and with LIMIT for more than 1,024 fields: the message
 * says what kind of fault it is, the same for every such line; the column says where, if it is known. */
GY_CHECKED enum gy_status gy_spec_parse(struct gy_spec_parser *parser, struct gy_str line,
                                        const struct gy_zone *zone, struct gy_call *call,
                                        struct gy_error *err);

/* A call that was sent while it happened. Then
 *   - an event without a time is of now, so is an identify: its time is `received_ms`
 *   - what the sender's clock is off by is added to its times: `received_ms` less the instant it says to have sent at (of the
 *     batch, else the call's own `sentAt`), where that is a second or more; less is the way it took.
 *     `written_ms` stays as it was written, and is 0 where nothing was
 *   - a call without a messageId is none that was sent before: it gets one
 */
struct gy_spec_live {
    struct gy_arena *arena; /* of everything in the call: it outlives the parser's next one */
    bool has_type;          /* where it was sent says its type, whatever the call says */
    enum gy_call_type type;
    int64_t received_ms;
    bool has_sent_at;
    int64_t sent_at_ms;
};
GY_CHECKED enum gy_status gy_spec_parse_live(struct gy_spec_parser *parser, struct gy_str text,
                                             const struct gy_spec_live *live,
                                             const struct gy_zone *zone, struct gy_call *call,
                                             struct gy_error *err);

/* The same, but everything in `call` is in `arena`, and lives as long as that. */
GY_CHECKED enum gy_status gy_spec_parse_into(struct gy_spec_parser *parser, struct gy_str line,
                                             const struct gy_zone *zone, struct gy_arena *arena,
                                             struct gy_call *call, struct gy_error *err);

#endif
