/* report_page.c - see report_page.h. */
#include "cli/report_page.h"

enum gy_status gy_report_audience(struct gy_ask *ask, const struct gy_args *args,
                                  roaring_bitmap_t **out, struct gy_error *err)
{
    struct gy_definition definition = {0};
    int64_t now_ms = ask->now_ms; /* a closed segment takes the ask back to its end */
    *out = NULL;
    if (args->segment == NULL) {
        return GY_OK;
    }
    enum gy_status status =
        gy_ask_define_said(ask, args->segment, args->allow_unknown, &definition, err);
    if (status == GY_OK) {
        status = gy_audience(ask->snapshot, definition.expr, ask->now_ms, &ask->run, out, err);
    }
    gy_definition_release(&definition);
    ask->now_ms = now_ms;
    return status;
}

const char *gy_report_word(const struct gy_ask *ask, enum gy_word word)
{
    return gy_word(word, gy_snapshot_language(ask->snapshot));
}

void gy_report_title(const struct gy_ask *ask, enum gy_word title)
{
    char time[GY_TIME_TEXT];
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), ask->now_ms, time);
    printf("%s%s%s, %s %s\n\n", gy_cli_of(ask)->color ? "\033[1m" : "", gy_report_word(ask, title),
           gy_cli_of(ask)->color ? "\033[0m" : "", gy_report_word(ask, GY_WORD_AS_OF), time);
}
