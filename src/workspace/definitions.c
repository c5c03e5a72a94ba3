/* definitions.c - see definitions.h.
 *
 * Ids: a name that the snapshot knows keeps its place there, also with a new text, so that recorded
 * changes and list members are found; a new name gets the next id behind the snapshot's.
 */
#include "workspace/definitions.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/writer.h"
#include "workspace/names.h"

/* ---- the vocabulary ---- */

static const struct gy_draft_item *find_item(const struct gy_draft *draft, enum gy_name_kind kind,
                                             struct gy_str name)
{
    for (size_t i = 0; i < draft->n_items; i++) {
        if (draft->items[i].kind == kind && gy_str_equal(draft->items[i].name, name)) {
            return &draft->items[i];
        }
    }
    return NULL;
}

static uint32_t find_name(void *context, enum gy_name_kind kind, uint32_t scope, struct gy_str name)
{
    const struct gy_draft *draft = context;
    const struct gy_vocabulary *below = &draft->ask->vocabulary;
    const struct gy_draft_item *item = find_item(draft, kind, name);
    if (item != NULL) {
        return item->is_removed ? GY_NAME_UNKNOWN : item->id;
    }
    return below->find(below->context, kind, scope, name);
}

static enum gy_type type_of(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t id)
{
    const struct gy_draft *draft = context;
    return draft->ask->vocabulary.type(draft->ask->vocabulary.context, kind, scope, id);
}

static struct gy_str text_of(void *context, enum gy_name_kind kind, uint32_t id)
{
    const struct gy_draft *draft = context;
    for (size_t i = 0; i < draft->n_items; i++) {
        const struct gy_draft_item *item = &draft->items[i];
        if (item->kind == kind && item->id == id && !item->is_removed) {
            return item->text;
        }
    }
    return draft->ask->vocabulary.text(draft->ask->vocabulary.context, kind, id);
}

/* The workspace's names, then the new ones; only for suggestions. */
static bool name_at(void *context, enum gy_name_kind kind, uint32_t scope, uint32_t i,
                    struct gy_str *name)
{
    const struct gy_draft *draft = context;
    const struct gy_vocabulary *below = &draft->ask->vocabulary;
    uint32_t n_below = 0;
    struct gy_str unused;
    if (below->name_at(below->context, kind, scope, i, name)) {
        return true;
    }
    while (below->name_at(below->context, kind, scope, n_below, &unused)) {
        n_below++;
    }
    for (size_t k = 0; k < draft->n_items; k++) {
        const struct gy_draft_item *item = &draft->items[k];
        if (item->kind == kind && !item->is_removed && n_below++ == i) {
            *name = item->name;
            return true;
        }
    }
    return false;
}

/* ---- changes ---- */

void gy_draft_init(struct gy_draft *draft, struct gy_ask *ask)
{
    *draft = (struct gy_draft){.ask = ask};
    draft->vocabulary = (struct gy_vocabulary){
        .context = draft,
        .zone = ask->vocabulary.zone,
        .find = find_name,
        .type = type_of,
        .text = text_of,
        .name_at = name_at,
    };
}

void gy_draft_release(struct gy_draft *draft)
{
    free(draft->items);
    *draft = (struct gy_draft){0};
}

static struct gy_draft_item *add_item(struct gy_draft *draft, enum gy_name_kind kind,
                                      struct gy_str name)
{
    const struct gy_vocabulary *below = &draft->ask->vocabulary;
    uint32_t id = below->find(below->context, kind, 0, name);
    if (id == GY_NAME_UNKNOWN) {
        id = gy_names_count(draft->ask->snapshot, kind) + draft->n_new[kind]++;
    }
    GY_GROW(draft->items, draft->capacity, draft->n_items + 1);
    struct gy_draft_item *item = &draft->items[draft->n_items++];
    *item = (struct gy_draft_item){.kind = kind, .name = name, .id = id};
    return item;
}

void gy_draft_put_metric(struct gy_draft *draft, struct gy_str name, struct gy_str text,
                         bool allow_unknown)
{
    struct gy_draft_item *item = add_item(draft, GY_NAME_METRIC, name);
    item->text = text;
    item->allow_unknown = allow_unknown;
}

void gy_draft_put_segment(struct gy_draft *draft, struct gy_str name, struct gy_str text,
                          struct gy_str attributes, bool allow_unknown)
{
    struct gy_draft_item *item = add_item(draft, GY_NAME_SEGMENT, name);
    item->text = text;
    item->attributes = attributes;
    item->allow_unknown = allow_unknown;
}

void gy_draft_remove(struct gy_draft *draft, enum gy_name_kind kind, struct gy_str name)
{
    add_item(draft, kind, name)->is_removed = true;
}

/* ---- checking ---- */

static enum gy_status check_text(const struct gy_draft *draft, enum gy_name_kind kind,
                                 struct gy_str name, struct gy_str text, bool allow_unknown,
                                 struct gy_error *err)
{
    struct gy_definition definition = {0};
    struct gy_check_options options = {
        .allow_unknown = allow_unknown, .self = name, .self_kind = kind};
    enum gy_status status = kind == GY_NAME_SEGMENT
                                ? gy_ask_define_text(draft->ask->asker, text, &draft->vocabulary,
                                                     &options, &definition, err)
                                : gy_ask_define_value(draft->ask->asker, text, &draft->vocabulary,
                                                      &options, &definition, err);
    gy_definition_release(&definition);
    return status;
}

enum gy_status gy_draft_check_item(const struct gy_draft *draft, size_t i, struct gy_error *err)
{
    const struct gy_draft_item *item = &draft->items[i];
    if (item->is_removed || item->kind == GY_NAME_LIST) {
        return GY_OK;
    }
    return check_text(draft, item->kind, item->name, item->text, item->allow_unknown, err);
}

static enum gy_status check_stored(const struct gy_draft *draft, enum gy_name_kind kind,
                                   struct gy_str name, struct gy_str text, struct gy_error *err)
{
    struct gy_error why = {0};
    if (find_item(draft, kind, name) != NULL ||
        check_text(draft, kind, name, text, true, &why) == GY_OK) {
        return GY_OK;
    }
    gy_buf_release(&draft->ask->asker->text);
    return gy_error_set(err, GY_CONFLICT, "%s \"%.*s\" would be broken: %u:%u: %s",
                        gy_name_kind_word(kind), GY_STR_ARG(name), why.line, why.column,
                        why.message);
}

enum gy_status gy_draft_check(const struct gy_draft *draft, struct gy_error *err)
{
    const struct gy_snapshot *snapshot = draft->ask->snapshot;
    for (size_t i = 0; i < draft->n_items; i++) {
        GY_TRY(gy_draft_check_item(draft, i, err));
    }
    for (uint32_t i = 0; i < gy_snapshot_n_metrics(snapshot); i++) {
        const struct gy_metric_info *metric = gy_snapshot_metric(snapshot, i);
        GY_TRY(check_stored(draft, GY_NAME_METRIC, metric->name, metric->text, err));
    }
    for (uint32_t i = 0; i < gy_snapshot_n_segments(snapshot); i++) {
        const struct gy_segment_info *segment = gy_snapshot_segment(snapshot, i);
        GY_TRY(check_stored(draft, GY_NAME_SEGMENT, segment->name, segment->text, err));
    }
    return GY_OK;
}

/* ---- removing ---- */

static enum gy_status check_removal(struct gy_ask *ask, enum gy_name_kind kind, struct gy_str name,
                                    struct gy_error *err)
{
    struct gy_draft draft;
    gy_draft_init(&draft, ask);
    gy_draft_remove(&draft, kind, name);
    enum gy_status status = gy_draft_check(&draft, err);
    gy_draft_release(&draft);
    return status;
}

static enum gy_status remove_it(struct gy_writer *writer, enum gy_name_kind kind,
                                struct gy_str name, struct gy_error *err)
{
    return kind == GY_NAME_SEGMENT  ? gy_writer_remove_segment(writer, name, err)
           : kind == GY_NAME_METRIC ? gy_writer_remove_metric(writer, name, err)
                                    : gy_writer_remove_list(writer, name, err);
}

enum gy_status gy_definition_remove(struct gy_ask *ask, struct gy_writer *writer,
                                    enum gy_name_kind kind, const char *typed, struct gy_str *name,
                                    struct gy_error *err)
{
    uint32_t place;
    GY_TRY(gy_name_find(ask->snapshot, kind, typed, &place, err));
    struct gy_str found = gy_name_at(ask->snapshot, kind, place);
    if (name != NULL) {
        *name = found;
    }
    GY_TRY(check_removal(ask, kind, found, err));
    return remove_it(writer, kind, found, err);
}
