/* random_names.c - what a vocabulary knows, listed with its types. */
#include "random/random_definition.h"

static struct random_named *list_names(struct gy_arena *arena, const struct gy_vocabulary *v,
                                       enum gy_name_kind kind, uint32_t scope, size_t *n)
{
    struct gy_str name;
    *n = 0;
    while (v->name_at(v->context, kind, scope, (uint32_t)*n, &name)) {
        (*n)++;
    }
    struct random_named *all = GY_NEW_ARRAY(arena, struct random_named, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        v->name_at(v->context, kind, scope, (uint32_t)i, &all[i].name);
        uint32_t id = v->find(v->context, kind, scope, all[i].name);
        bool has_type = kind == GY_NAME_PROPERTY || kind == GY_NAME_TRAIT;
        if (has_type && id != GY_NAME_UNKNOWN) {
            all[i].type = v->type(v->context, kind, scope, id);
        }
    }
    return all;
}

/* A metric has the type of its value. */
static void find_metric_types(struct random_names *names, const struct gy_vocabulary *v)
{
    struct gy_check_options options = {.allow_unknown = true};
    for (size_t i = 0; i < names->n_metrics; i++) {
        struct gy_definition definition = {0};
        struct gy_error err;
        uint32_t id = v->find(v->context, GY_NAME_METRIC, 0, names->metrics[i].name);
        struct gy_str text = v->text(v->context, GY_NAME_METRIC, id);
        if (gy_define_value(text, v, &options, &definition, &err) == GY_OK) {
            names->metrics[i].type = definition.term->type;
        }
        gy_definition_release(&definition);
    }
}

void random_names_init(struct random_names *names, const struct gy_vocabulary *v)
{
    *names = (struct random_names){0};
    size_t n;
    struct random_named *events = list_names(&names->arena, v, GY_NAME_EVENT, 0, &n);
    names->n_events = n;
    names->events = GY_NEW_ARRAY(&names->arena, struct random_event, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct random_event *e = &names->events[i];
        e->name = events[i].name;
        uint32_t id = v->find(v->context, GY_NAME_EVENT, 0, e->name);
        e->properties = list_names(&names->arena, v, GY_NAME_PROPERTY, id, &e->n_properties);
    }
    names->traits = list_names(&names->arena, v, GY_NAME_TRAIT, 0, &names->n_traits);
    names->segments = list_names(&names->arena, v, GY_NAME_SEGMENT, 0, &names->n_segments);
    names->lists = list_names(&names->arena, v, GY_NAME_LIST, 0, &names->n_lists);
    names->metrics = list_names(&names->arena, v, GY_NAME_METRIC, 0, &names->n_metrics);
    find_metric_types(names, v);
}

void random_names_release(struct random_names *names)
{
    gy_arena_release(&names->arena);
    *names = (struct random_names){0};
}
