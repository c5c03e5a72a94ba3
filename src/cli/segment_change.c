/* segment_change.c - see segment_change.h. */
#include "cli/segment_change.h"

#include "cli/asking.h"
#include "cli/authorship.h"
#include "cli/output.h"
#include "cli/writing.h"
#include "store/writer.h"
#include "workspace/preview.h"

/* ---- saying who comes and goes ---- */

static void print_json(const struct gy_segment_change *change, const struct gy_preview *preview)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '{');
    gy_json_key(&w, "segment");
    gy_json_str(&w, change->name);
    if (change->shows_text) {
        gy_json_key(&w, "where");
        gy_json_str(&w, change->text);
    }
    gy_preview_json(preview, &w);
    gy_json_close(&w, '}');
    gy_json_finish(&w);
}

static void print_preview(const struct gy_ask *ask, const struct gy_segment_change *change,
                          const struct gy_preview *preview)
{
    struct gy_buf text = {0};
    if (gy_cli_of(ask)->json) {
        print_json(change, preview);
        return;
    }
    gy_buf_text(&text, "segment \"");
    gy_put_safe(&text, change->name);
    gy_buf_text(&text, "\": ");
    if (change->shows_text) {
        gy_put_safe(&text, change->text);
        gy_buf_char(&text, '\n');
    }
    gy_preview_put(preview, gy_snapshot_currency(ask->snapshot), &text);
    (void)fprintf(stderr, "%s\n", text.ptr);
    gy_buf_release(&text);
}

/* ---- checking ---- */

/* What the segment carried, with what is said now on top. */
static enum gy_status make_attributes(const struct gy_ask *ask,
                                      const struct gy_segment_change *change, struct gy_buf *out,
                                      struct gy_error *err)
{
    uint32_t stored = gy_snapshot_find_segment(ask->snapshot, change->name);
    json_t *attributes = gy_attributes_of(
        stored == GY_ID_NONE ? GY_STR("") : gy_snapshot_segment(ask->snapshot, stored)->json);
    enum gy_status status = change->describe(change->context, ask, attributes, err);
    gy_attributes_text(attributes, out);
    json_decref(attributes);
    if (status == GY_OK) {
        struct gy_span span = gy_span_of(gy_buf_view(out), gy_snapshot_zone(ask->snapshot));
        status = gy_span_check(&span, err);
    }
    return status;
}

static enum gy_status check(struct gy_ask *ask, const struct gy_args *args,
                            const struct gy_segment_change *change, struct gy_buf *attributes,
                            struct gy_error *err)
{
    struct gy_draft draft = {0};
    struct gy_preview preview;
    GY_TRY(make_attributes(ask, change, attributes, err));
    gy_draft_init(&draft, ask);
    gy_draft_put_segment(&draft, change->name, change->text, gy_buf_view(attributes),
                         args->allow_unknown);
    enum gy_status status = gy_draft_check(&draft, err);
    if (status == GY_OK) {
        status = gy_preview_make(&draft, 0, &preview, err);
    }
    if (status == GY_OK) {
        print_preview(ask, change, &preview);
    }
    gy_draft_release(&draft);
    return status;
}

/* ---- all of it ---- */

static enum gy_status check_and_put(struct gy_cli *cli, const struct gy_args *args,
                                    const struct gy_segment_change *change,
                                    struct gy_writer *writer, struct gy_error *err)
{
    struct gy_ask ask = {0};
    struct gy_buf attributes = {0};
    struct gy_authorship by = {0};
    enum gy_status status = gy_ask_open(&cli->asker, args->as_of, &ask, err);
    if (status == GY_OK) {
        status = gy_authorship_read(args, &ask.arena, &by, err);
    }
    if (status == GY_OK) {
        status = check(&ask, args, change, &attributes, err);
    }
    if (status == GY_OK && writer != NULL) {
        status = gy_writer_put_segment(writer, change->name, change->text, gy_buf_view(&attributes),
                                       by.author, by.reason, err);
    }
    gy_buf_release(&attributes);
    gy_ask_close(&ask);
    return status;
}

enum gy_status gy_segment_change(struct gy_cli *cli, const struct gy_args *args,
                                 const struct gy_segment_change *change, struct gy_error *err)
{
    struct gy_writer *writer = NULL; /* from here on nobody else changes what is checked */
    if (!args->dry_run) {
        GY_TRY(gy_writing_open(cli, args, cli->asker.dir, &writer, err));
    }
    enum gy_status status = check_and_put(cli, args, change, writer, err);
    gy_writer_close(writer);
    return status;
}
