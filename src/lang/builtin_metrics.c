/* builtin_metrics.c - the table of builtin_metrics.def, looked up by name. */
#include "lang/builtin_metrics.h"

static const struct gy_builtin_metric metrics[] = {
#define GY_BUILTIN_METRIC(n, u, t, en, ko) \
    {.name = #n, .text = (t), .unit = GY_METRIC_##u, .title = {(en), (ko)}},
#include "lang/builtin_metrics.def"
#undef GY_BUILTIN_METRIC
};

enum {
    N_METRICS = sizeof metrics / sizeof metrics[0]
};

const char *gy_metric_unit_word(enum gy_metric_unit unit, enum gy_template_language language)
{
    static const char *const words[][GY_TEMPLATE_LANGUAGES] = {
        [GY_METRIC_COUNT] = {"count", "개수"},   [GY_METRIC_MONEY] = {"money", "금액"},
        [GY_METRIC_SHARE] = {"share", "비율"},   [GY_METRIC_DAYS] = {"days", "일"},
        [GY_METRIC_SECONDS] = {"seconds", "초"}, [GY_METRIC_YEARS] = {"years", "세"},
        [GY_METRIC_RATIO] = {"ratio", "배율"},   [GY_METRIC_SCORE] = {"score", "점수"},
        [GY_METRIC_TIME] = {"time", "시각"},     [GY_METRIC_TEXT] = {"text", "텍스트"},
    };
    return words[unit][language];
}

const struct gy_builtin_metric *gy_builtin_metric_at(uint32_t i)
{
    return i < N_METRICS ? &metrics[i] : NULL;
}

uint32_t gy_builtin_metric_find(struct gy_str name)
{
    for (uint32_t i = 0; i < N_METRICS; i++) {
        if (gy_str_equal(gy_str_of(metrics[i].name), name)) {
            return i;
        }
    }
    return GY_NAME_UNKNOWN;
}

bool gy_builtin_metric_is_there(uint32_t i, const struct gy_vocabulary *vocabulary,
                                struct gy_error *err)
{
    struct gy_definition definition = {0};
    enum gy_status status =
        gy_define_value(gy_str_of(metrics[i].text), vocabulary, NULL, &definition, err);
    gy_definition_release(&definition);
    return status == GY_OK;
}
