/* erasure_contacts.c - the texts by which a dead letter may name somebody without an id: of their traits those that
 * look like an address or a telephone number. */
#include "base/number.h"
#include "store/call_content.h"
#include "store/json_words.h"
#include "store/writer_internal.h"

static bool is_contact(struct gy_str text)
{
    size_t n_digits = 0;
    bool has_at = false;
    for (size_t i = 0; i < text.len; i++) {
        n_digits += text.ptr[i] >= '0' && text.ptr[i] <= '9';
        has_at |= text.ptr[i] == '@';
    }
    return has_at || n_digits >= 7;
}

static bool take_text(void *contacts, struct gy_str text)
{
    if (is_contact(text))
        gy_intern_add(contacts, text);
    return false;
}

/* A number as its shortest decimal; of a list each of its texts. */
static void take_value(const struct gy_value *value, struct gy_intern *contacts)
{
    char number[GY_NUMBER_TEXT];
    if (value->type == GY_VALUE_STRING) {
        take_text(contacts, value->string);
    } else if (value->type == GY_VALUE_NUMBER) {
        size_t len = gy_number_print(value->number, number);
        take_text(contacts, (struct gy_str){number, len});
    } else if (value->type == GY_VALUE_LIST) {
        for (uint32_t i = 0; i < value->list.n; i++)
            take_text(contacts, value->list.strings[i]);
    }
}

static void take_row(const struct gy_column *column, const struct gy_dictionary *dictionary,
                     uint32_t row, struct gy_intern *contacts)
{
    struct gy_value value;
    struct gy_arena arena = {0};
    uint32_t misfit = gy_column_misfit(column, row);
    if (misfit != GY_ID_NONE)
        gy_json_any_word(gy_column_misfit_text(column, misfit), take_text, contacts);
    gy_column_value(column, dictionary, row, &arena, &value);
    take_value(&value, contacts);
    gy_arena_release(&arena);
}

static enum gy_status take_slice(const struct gy_part *part, const struct gy_slice *slice,
                                 uint32_t ordinal, struct gy_intern *contacts, struct gy_error *err)
{
    struct gy_runs runs;
    struct gy_column column;
    struct gy_dictionary dictionary = {0};
    uint32_t first;
    uint32_t end;
    GY_TRY(gy_part_runs(part, slice, &runs, err));
    if (!gy_runs_find(&runs, (uint16_t)(ordinal % GY_BLOCK_SIZE), &first, &end))
        return GY_OK;
    GY_TRY(gy_part_column(part, slice, GY_PROPERTY_VALUE, &column, err));
    if (column.encoding == GY_ENCODING_CODE || column.encoding == GY_ENCODING_LIST)
        GY_TRY(gy_part_dictionary(part, slice->stream, GY_PROPERTY_VALUE, &dictionary, err));
    for (uint32_t row = first; row < end; row++)
        take_row(&column, &dictionary, row, contacts);
    return GY_OK;
}

enum gy_status gy_writer_list_contacts(const struct gy_writer *w, const roaring_bitmap_t *ordinals,
                                       struct gy_intern *contacts, struct gy_error *err)
{
    roaring_uint32_iterator_t at;
    for (roaring_init_iterator(ordinals, &at); at.has_value; roaring_advance_uint32_iterator(&at)) {
        for (size_t p = 0; p < gy_live_n_parts(&w->live); p++) {
            const struct gy_part *part = gy_live_part(&w->live, p)->part;
            for (uint32_t s = 0; s < w->live.schema.n_streams; s++) {
                const struct gy_stream *stream = &w->live.schema.streams[s];
                const struct gy_slice *slice =
                    gy_part_find(part, at.current_value / GY_BLOCK_SIZE, stream->id);
                if (slice != NULL && stream->kind == GY_STREAM_TRAIT)
                    GY_TRY(take_slice(part, slice, at.current_value, contacts, err));
            }
        }
    }
    return GY_OK;
}
