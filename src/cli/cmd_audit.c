/* cmd_audit.c - who changed what. */
#include <stdlib.h>

#include "cli/command.h"
#include "cli/output.h"
#include "store/audit.h"
#include "store/json_writer.h"
#include "store/snapshot.h"

enum {
    SHOWN = 100,
    SHOWN_MAX = 100000
};

static void print_json(const struct gy_audit_page *page)
{
    struct gy_json_writer w = {0};
    gy_json_open(&w, '[');
    for (size_t i = 0; i < page->n; i++) {
        const struct gy_audit_entry *e = &page->entries[i];
        gy_json_open(&w, '{');
        gy_json_key(&w, "at");
        gy_json_time(&w, e->at_ms);
        gy_json_key(&w, "who");
        gy_json_str(&w, e->who);
        gy_json_key(&w, "address");
        gy_json_str(&w, e->address);
        gy_json_key(&w, "action");
        gy_json_str(&w, e->action);
        gy_json_key(&w, "object");
        gy_json_str(&w, e->object);
        gy_json_key(&w, "detail");
        gy_json_str(&w, e->detail);
        gy_json_close(&w, '}');
    }
    gy_json_close(&w, ']');
    gy_json_finish(&w);
}

static enum gy_status print_table(const struct gy_cli *cli, const struct gy_audit_page *page,
                                  struct gy_error *err)
{
    char at[GY_TIME_TEXT];
    struct gy_listing table;
    struct gy_snapshot *snapshot;
    static const char *const head[] = {"at", "who", "from", "action", "object", "detail"};
    GY_TRY(gy_snapshot_open(cli->asker.dir, &snapshot, err));
    gy_listing_init(&table, "llllll");
    table.has_head = true;
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        gy_listing_text(&table, head[i]);
    }
    for (size_t i = 0; i < page->n; i++) {
        const struct gy_audit_entry *e = &page->entries[i];
        gy_time_print_local(gy_snapshot_zone(snapshot), e->at_ms, at);
        gy_listing_text(&table, at);
        gy_listing_str(&table, e->who);
        gy_listing_str(&table, e->address);
        gy_listing_str(&table, e->action);
        gy_listing_str(&table, e->object);
        gy_listing_str(&table, e->detail);
    }
    gy_listing_print(&table, cli->color, stdout);
    gy_listing_release(&table);
    gy_snapshot_close(snapshot);
    return GY_OK;
}

static enum gy_status read_limit(const char *text, size_t *out, struct gy_error *err)
{
    char *end;
    *out = SHOWN;
    if (text == NULL) {
        return GY_OK;
    }
    *out = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *out > 0 && *out <= SHOWN_MAX
               ? GY_OK
               : gy_error_set(err, GY_INVALID, "--limit is a number from 1 to %d", SHOWN_MAX);
}

static enum gy_status run_audit(struct gy_cli *cli, const struct gy_args *args,
                                struct gy_error *err)
{
    struct gy_audit_page page;
    size_t limit;
    enum gy_status status = GY_OK;
    GY_TRY(read_limit(args->limit, &limit, err));
    GY_TRY(gy_audit_read(cli->asker.dir, INT64_MAX, limit, &page, err));
    if (cli->json) {
        print_json(&page);
    } else {
        status = print_table(cli, &page, err);
    }
    gy_audit_page_release(&page);
    return status;
}

static const struct gy_option options_audit[] = {
    {"limit", 0, GY_OPTION_TEXT, offsetof(struct gy_args, limit), "N", "the newest N (100)"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_audit = {
    .name = "audit",
    .operands = "",
    .about = "Who changed what, the newest first",
    .example = "  gyeol audit --limit 20\n",
    .options = options_audit,
    .run = run_audit,
};
