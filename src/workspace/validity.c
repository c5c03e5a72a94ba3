/* validity.c - see validity.h. */
#include "workspace/validity.h"

#include "workspace/attributes.h"

static int64_t read_bound(const json_t *attributes, const char *name, const struct gy_zone *zone,
                          int64_t otherwise_ms)
{
    int64_t ms;
    struct gy_str text = gy_attributes_string(attributes, name, "en");
    return gy_time_read(text, zone, &ms, NULL) ? ms : otherwise_ms;
}

struct gy_span gy_span_of(struct gy_str attributes, const struct gy_zone *zone)
{
    json_t *object = gy_attributes_of(attributes);
    struct gy_span span = {
        .from_ms = read_bound(object, "valid_from", zone, INT64_MIN),
        .until_ms = read_bound(object, "valid_until", zone, INT64_MAX),
    };
    json_decref(object);
    return span;
}

enum gy_status gy_span_check(const struct gy_span *span, struct gy_error *err)
{
    return span->from_ms <= span->until_ms
               ? GY_OK
               : gy_error_set(err, GY_INVALID,
                              "a segment cannot be valid until before it is valid from");
}

enum gy_validity gy_span_validity(const struct gy_span *span, int64_t now_ms)
{
    return now_ms < span->from_ms ? GY_PLANNED : now_ms > span->until_ms ? GY_CLOSED : GY_OPEN;
}

const char *gy_validity_word(enum gy_validity validity)
{
    static const char *const words[] = {"planned", "open", "closed"};
    return words[validity];
}

int64_t gy_span_instant(const struct gy_span *span, int64_t now_ms)
{
    return now_ms < span->until_ms ? now_ms : span->until_ms;
}
