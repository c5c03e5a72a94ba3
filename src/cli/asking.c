/* asking.c - see asking.h. */
#include "cli/asking.h"

#include "base/number.h"
#include "base/zone.h"
#include "cli/output.h"

enum gy_status gy_ask_run(struct gy_cli *cli, const struct gy_args *args,
                          enum gy_status (*body)(struct gy_ask *, const struct gy_args *,
                                                 struct gy_error *),
                          struct gy_error *err)
{
    struct gy_ask ask = {0};
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = body(&ask, args, err);
    }
    gy_ask_close(&ask);
    return status;
}

static void say_closed(const struct gy_ask *ask)
{
    char time[GY_TIME_TEXT];
    struct gy_buf name = {0};
    if (ask->closed == GY_ID_NONE) {
        return;
    }
    (void)gy_time_print_local(gy_snapshot_zone(ask->snapshot), ask->now_ms, time);
    gy_put_safe(&name, gy_snapshot_segment(ask->snapshot, ask->closed)->name);
    (void)fprintf(stderr, "segment \"%s\" is closed: as of %s, until when it was valid\n", name.ptr,
                  time);
    gy_buf_release(&name);
}

enum gy_status gy_ask_define_said(struct gy_ask *ask, const char *text, bool allow_unknown,
                                  struct gy_definition *out, struct gy_error *err)
{
    GY_TRY(gy_ask_define(ask, text, allow_unknown, out, err));
    say_closed(ask);
    return GY_OK;
}

enum gy_status gy_ask_define_operand(struct gy_ask *ask, const struct gy_args *args,
                                     struct gy_definition *out, struct gy_error *err)
{
    const char *text = args->operands.words[args->operands.n - 1];
    if (args->version == NULL) {
        return gy_ask_define_said(ask, text, args->allow_unknown, out, err);
    }
    GY_TRY(gy_ask_define_version(ask, text, args->version, out, err));
    say_closed(ask);
    return GY_OK;
}

enum {
    MAX_EVENTS = 100000
};

enum gy_status gy_ask_max_events(const char *text, uint32_t *out, struct gy_error *err)
{
    double n;
    if (text == NULL) {
        return GY_OK;
    }
    if (!gy_number_read(gy_str_of(text), &n) || n < 0 || n > MAX_EVENTS ||
        n != (double)(uint32_t)n) {
        return gy_error_set(err, GY_INVALID,
                            "\"%s\" of option \"--events\" is no whole number up to %d", text,
                            MAX_EVENTS);
    }
    *out = (uint32_t)n;
    return GY_OK;
}
