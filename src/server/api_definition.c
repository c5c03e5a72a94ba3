/* api_definition.c - see api_definition.h. */
#include "server/api_definition.h"

static enum gy_status define_body(struct gy_api_call *call, struct gy_ask *ask,
                                  struct gy_definition *out, struct gy_error *err)
{
    const char *text;
    const char *segment;
    bool allow_unknown;
    uint32_t found;
    static const char *const keys[] = {"definition",    "segment", "as_of",
                                       "allow_unknown", "columns", "customer"};
    GY_TRY(gy_api_only(call, keys, sizeof keys / sizeof *keys, err));
    GY_TRY(gy_api_text(call, "definition", "", &text, err));
    GY_TRY(gy_api_text(call, "segment", "", &segment, err));
    GY_TRY(gy_api_flag(call, "allow_unknown", &allow_unknown, err));
    if ((text[0] == '\0') == (segment[0] == '\0')) {
        return gy_error_set(err, GY_INVALID, "the body has either \"definition\" or \"segment\"");
    }
    if (segment[0] != '\0') {
        GY_TRY(gy_ask_find_segment(ask, segment, &found, err));
        return gy_ask_define_segment(ask, found, out, err);
    }
    struct gy_check_options options = {.allow_unknown = allow_unknown};
    return gy_ask_define_text(&call->asker, gy_str_of(text), &ask->vocabulary, &options, out, err);
}

static enum gy_status define_path(struct gy_api_call *call, struct gy_ask *ask,
                                  struct gy_definition *out, struct gy_error *err)
{
    uint32_t segment;
    GY_TRY(gy_ask_find_segment(ask, gy_api_piece(call, 0).ptr, &segment, err));
    return gy_ask_define_segment(ask, segment, out, err);
}

static enum gy_status with(struct gy_api_call *call,
                           enum gy_status (*define)(struct gy_api_call *call, struct gy_ask *ask,
                                                    struct gy_definition *out,
                                                    struct gy_error *err),
                           gy_api_defined_fn run, struct gy_error *err)
{
    struct gy_ask ask;
    struct gy_definition definition = {0};
    enum gy_status status = gy_api_ask(call, &ask, err);
    if (status == GY_OK) {
        status = define(call, &ask, &definition, err);
    }
    if (status == GY_OK) {
        status = run(call, &ask, definition.expr, err);
    }
    gy_definition_release(&definition);
    gy_ask_close(&ask);
    return status;
}

enum gy_status gy_api_with_definition(struct gy_api_call *call, gy_api_defined_fn run,
                                      struct gy_error *err)
{
    return with(call, define_body, run, err);
}

enum gy_status gy_api_with_segment(struct gy_api_call *call, gy_api_defined_fn run,
                                   struct gy_error *err)
{
    return with(call, define_path, run, err);
}
