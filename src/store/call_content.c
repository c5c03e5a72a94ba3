/* call_content.c - see call_content.h. */
#include "store/call_content.h"

#include <strings.h>

#include "base/hash.h"
#include "base/number.h"

/* ---- hashing content ---- */

uint64_t gy_content_field(struct gy_content *c, char mark, struct gy_str name)
{
    uint64_t len = name.len;
    gy_buf_char(&c->text, mark);
    gy_buf_str(&c->text, name);
    gy_buf_append(&c->text, &len, sizeof len);
    uint64_t hash = gy_hash(c->text.ptr, c->text.len, 0);
    gy_buf_reset(&c->text);
    return hash;
}

static uint64_t hash_value(struct gy_content *c, struct gy_str name, const struct gy_value *value)
{
    struct gy_value plain = *value;
    if (plain.type == GY_VALUE_NUMBER && plain.number == 0)
        plain.number = 0; /* -0 is stored as 0 */
    gy_value_json(&plain, &c->text);
    return gy_content_field(c, 'v', name);
}

static uint64_t hash_misfit(struct gy_content *c, struct gy_str name, struct gy_str json)
{
    gy_buf_str(&c->text, json);
    return gy_content_field(c, 'm', name);
}

static bool read_bool(struct gy_str s, bool *out)
{
    *out = s.len == 4 && strncasecmp(s.ptr, "true", 4) == 0;
    return *out || (s.len == 5 && strncasecmp(s.ptr, "false", 5) == 0);
}

/* As batch_types.c reads a value of a name whose type is known. */
static bool read_as(const struct gy_value *v, enum gy_value_type type, const struct gy_zone *zone,
                    struct gy_value *out)
{
    bool is_cell = v->type == GY_VALUE_CELL;
    bool is_text = is_cell || v->type == GY_VALUE_STRING;
    *out = *v;
    out->type = type;
    if (v->type == type)
        return true;
    switch (type) {
    case GY_VALUE_NUMBER:
        return is_cell && gy_number_read(v->string, &out->number);
    case GY_VALUE_BOOL:
        return is_cell && read_bool(v->string, &out->boolean);
    case GY_VALUE_TIME:
        return is_text && gy_time_read(v->string, zone, &out->time_ms, NULL);
    case GY_VALUE_STRING:
        return is_text;
    case GY_VALUE_MISSING:
    case GY_VALUE_LIST:
    case GY_VALUE_CELL:
        break;
    }
    return false;
}

uint64_t gy_content_given(struct gy_content *c, const struct gy_live *live, uint32_t stream,
                          const struct gy_field *field)
{
    const struct gy_schema *schema = &live->schema;
    uint32_t id =
        stream == GY_ID_NONE ? stream : gy_schema_find_property(schema, stream, field->name);
    struct gy_value value;
    if (field->value.type == GY_VALUE_MISSING || field->value.type == GY_VALUE_LIST)
        return 0;
    if (id != GY_ID_NONE &&
        read_as(&field->value, gy_schema_property(schema, id)->type, live->zone, &value))
        return hash_value(c, field->name, &value);
    struct gy_buf json = {0};
    gy_value_json(&field->value, &json);
    uint64_t hash = hash_misfit(c, field->name, gy_buf_view(&json));
    gy_buf_release(&json);
    return hash;
}

uint32_t gy_column_misfit(const struct gy_column *c, uint32_t row)
{
    uint32_t low = 0;
    uint32_t high = c->n_misfits;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->misfit_rows[middle] < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < c->n_misfits && c->misfit_rows[low] == row ? low : GY_ID_NONE;
}

struct gy_str gy_column_misfit_text(const struct gy_column *c, uint32_t i)
{
    return (struct gy_str){c->misfit_bytes + c->misfit_starts[i],
                           c->misfit_starts[i + 1] - c->misfit_starts[i]};
}

enum gy_status gy_content_stored(struct gy_content *c, const struct gy_schema *schema,
                                 const struct gy_row_at *at, uint64_t *sum, struct gy_error *err)
{
    for (uint32_t i = 0; i < gy_part_n_properties(at->part, at->slice); i++) {
        uint32_t id = gy_part_property(at->part, at->slice, i);
        struct gy_column column;
        struct gy_dictionary dictionary;
        struct gy_value value;
        if (id == GY_PROPERTY_VALUE || id > schema->n_properties) {
            return gy_error_set(err, GY_CORRUPT,
                                "part \"%s\" holds a property that the catalog does not know",
                                gy_part_label(at->part));
        }
        GY_TRY(gy_part_column(at->part, at->slice, id, &column, err));
        GY_TRY(gy_part_dictionary(at->part, at->slice->stream, id, &dictionary, err));
        struct gy_str name = gy_schema_property(schema, id)->name;
        uint32_t misfit = gy_column_misfit(&column, at->row);
        if (misfit != GY_ID_NONE) {
            *sum += hash_misfit(c, name, gy_column_misfit_text(&column, misfit));
        } else if (gy_column_is_present(&column, at->row)) {
            gy_column_value(&column, &dictionary, at->row, NULL, &value);
            *sum += hash_value(c, name, &value);
        }
    }
    return GY_OK;
}
