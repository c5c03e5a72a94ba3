/* customer_search.c - see customer_search.h. Ids are looked through one after the other: two million of them take some tens
 * of milliseconds, and nothing has to be kept for it. */
#include "workspace/customer_search.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "lang/quote.h"
#include "store/personal.h"

enum {
    TRAITS_MAX = 60 /* conditions of one definition */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* `text` is in small letters. */
static bool has_text(struct gy_str id, struct gy_str text)
{
    for (size_t at = 0; at + text.len <= id.len; at++) {
        size_t k = 0;
        while (k < text.len && lower(id.ptr[at + k]) == text.ptr[k]) {
            k++;
        }
        if (k == text.len) {
            return true;
        }
    }
    return false;
}

/* Adds the roots of ids that have the text in them, until there are `max`. */
static void search_ids(const struct gy_ask *ask, struct gy_str text, uint32_t max,
                       roaring_bitmap_t *found)
{
    const struct gy_snapshot *s = ask->snapshot;
    uint32_t n_found = 0;
    bool is_external;
    for (uint32_t i = 0; i < gy_snapshot_n_ordinals(s) && n_found < max; i++) {
        struct gy_str id = gy_snapshot_id(s, i, &is_external);
        uint32_t root = gy_snapshot_root(s, i);
        if (root != GY_ID_NONE && has_text(id, text)) {
            n_found += roaring_bitmap_add_checked(found, root);
        }
    }
}

/* "trait.email contains \"text\" or …" of the personal traits that are strings. */
static void put_definition(const struct gy_ask *ask, struct gy_str text, struct gy_buf *out)
{
    const struct gy_schema *schema = gy_snapshot_schema(ask->snapshot);
    unsigned n = 0;
    for (uint32_t i = 0; i < schema->n_streams && n < TRAITS_MAX; i++) {
        const struct gy_stream *stream = &schema->streams[i];
        if (stream->kind == GY_STREAM_TRAIT && stream->type == GY_VALUE_STRING &&
            gy_snapshot_is_personal(ask->snapshot, (struct gy_str){0}, stream->name)) {
            gy_buf_text(out, n++ == 0 ? "trait." : " or trait.");
            gy_quote_name(stream->name, GY_NAME_AFTER_DOT, out);
            gy_buf_text(out, " contains ");
            gy_quote(text, out);
        }
    }
}

static enum gy_status search_traits(struct gy_ask *ask, struct gy_str text, roaring_bitmap_t *found,
                                    struct gy_error *err)
{
    struct gy_buf source = {0};
    struct gy_definition definition = {0};
    struct gy_check_options options = {0};
    roaring_bitmap_t *audience = NULL;
    put_definition(ask, text, &source);
    enum gy_status status = GY_OK;
    if (source.len > 0) {
        status = gy_ask_define_text(ask->asker, gy_buf_view(&source), &ask->vocabulary, &options,
                                    &definition, err);
        if (status == GY_OK) {
            status =
                gy_audience(ask->snapshot, definition.expr, ask->now_ms, &ask->run, &audience, err);
        }
    }
    if (audience != NULL) {
        roaring_bitmap_or_inplace(found, audience);
        roaring_bitmap_free(audience);
    }
    gy_definition_release(&definition);
    gy_buf_release(&source);
    return status;
}

static void give(struct gy_ask *ask, roaring_bitmap_t *found, uint32_t exact, uint32_t max,
                 uint32_t **roots, size_t *n)
{
    uint64_t n_found = roaring_bitmap_get_cardinality(found);
    *roots =
        gy_arena_zero(&ask->arena, (size_t)(n_found < max ? n_found : max) + 1, sizeof **roots);
    *n = 0;
    if (exact != GY_ID_NONE && max > 0) {
        (*roots)[(*n)++] = exact;
    }
    roaring_uint32_iterator_t *at = roaring_create_iterator(found);
    for (; at->has_value && *n < max; (void)roaring_advance_uint32_iterator(at)) {
        if (at->current_value != exact) {
            (*roots)[(*n)++] = at->current_value;
        }
    }
    roaring_free_uint32_iterator(at);
}

enum gy_status gy_customer_search(struct gy_ask *ask, const char *text, bool in_traits,
                                  uint32_t max, uint32_t **roots, size_t *n, struct gy_error *err)
{
    struct gy_str id;
    GY_TRY(gy_ask_customer_id(text, &ask->arena, &id, err));
    struct gy_str small = gy_arena_str(&ask->arena, id);
    for (size_t i = 0; i < small.len; i++) {
        ((char *)(uintptr_t)small.ptr)[i] = lower(small.ptr[i]);
    }
    roaring_bitmap_t *found = roaring_bitmap_create();
    uint32_t exact = gy_snapshot_find(ask->snapshot, id);
    search_ids(ask, small, max, found);
    enum gy_status status = in_traits && id.len > 0 ? search_traits(ask, id, found, err) : GY_OK;
    if (exact != GY_ID_NONE) {
        roaring_bitmap_add(found, exact);
    }
    if (status == GY_OK) {
        give(ask, found, exact, max, roots, n);
    }
    roaring_bitmap_free(found);
    return status;
}
