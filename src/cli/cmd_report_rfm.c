/* cmd_report_rfm.c - buyers by recency, frequency and revenue: the map, and its groups. */
#include "base/text.h"
#include "insight/excel_file.h"
#include "cli/output.h"
#include "cli/report_page.h"
#include "insight/rfm.h"
#include "insight/rfm_excel.h"

/* The map. A cell is three lines: the group's name in one or two, and how many.
 *
 *     ┌────────────┬────────────┐
 *   5 │ Cannot     │ Champions  │
 *     │ Lose       │            │
 *     │         12 │         34 │
 *     └────────────┴────────────┘
 *       1            2            recency
 */
enum {
    CELL_WIDTH = 12,
    CELL_LINES = 3
};

static void put_rule(struct gy_buf *out, const char *left, const char *middle, const char *right)
{
    gy_buf_text(out, "    ");
    for (int r = 0; r < GY_RFM_SCORES; r++) {
        gy_buf_text(out, r == 0 ? left : middle);
        for (int i = 0; i < CELL_WIDTH + 2; i++) {
            gy_buf_text(out, "─");
        }
    }
    gy_buf_text(out, right);
    gy_buf_char(out, '\n');
}

/* Line 0 or 1 of a name that is broken at blanks to the width of a cell. */
static struct gy_str name_line(const char *name, int line)
{
    struct gy_str all = gy_str_of(name);
    if (gy_text_width(all) <= CELL_WIDTH) {
        return line == 0 ? all : GY_STR("");
    }
    size_t cut = 0;
    for (size_t i = 0; i < all.len; i++) {
        if (all.ptr[i] == ' ' && gy_text_width((struct gy_str){all.ptr, i}) <= CELL_WIDTH) {
            cut = i;
        }
    }
    return line == 0 ? (struct gy_str){all.ptr, cut}
                     : (struct gy_str){all.ptr + cut + 1, all.len - cut - 1};
}

/* Backgrounds of the 256 colours, from nothing to a deep green; text stays readable on each. */
static void begin_shade(struct gy_buf *out, double share)
{
    static const int greens[] = {236, 22, 28, 34, 40};
    size_t level = share >= 0.15 ? 4 : share >= 0.08 ? 3 : share >= 0.04 ? 2 : share > 0 ? 1 : 0;
    gy_buf_printf(out, "\033[48;5;%dm\033[38;5;%dm", greens[level], level >= 3 ? 16 : 255);
}

static void put_cell_line(struct gy_buf *out, const struct gy_ask *ask, const struct gy_rfm *rfm,
                          int r, int f, int line)
{
    uint64_t n = rfm->cells[r - 1][f - 1];
    const char *name =
        gy_rfm_group_name(gy_rfm_group_of(r, f), gy_snapshot_language(ask->snapshot));
    struct gy_buf text = {0};
    if (line < CELL_LINES - 1) {
        gy_buf_str(&text, name_line(name, line));
    } else {
        gy_put_count(&text, n);
    }
    gy_buf_text(out, "│");
    if (gy_cli_of(ask)->color) {
        begin_shade(out, n == 0 ? 0 : (double)n / (double)rfm->all.n_customers);
    }
    gy_buf_char(out, ' ');
    gy_put_padded(out, gy_buf_view(&text), CELL_WIDTH, line == CELL_LINES - 1);
    gy_buf_char(out, ' ');
    gy_buf_text(out, gy_cli_of(ask)->color ? "\033[0m" : "");
    gy_buf_release(&text);
}

static void print_map(const struct gy_ask *ask, const struct gy_rfm *rfm)
{
    struct gy_buf out = {0};
    gy_buf_printf(&out, "  %s\n", gy_report_word(ask, GY_WORD_FREQUENCY));
    put_rule(&out, "┌", "┬", "┐");
    for (int f = GY_RFM_SCORES; f >= 1; f--) {
        for (int line = 0; line < CELL_LINES; line++) {
            gy_buf_printf(&out, line == 0 ? "  %d " : "    ", f);
            for (int r = 1; r <= GY_RFM_SCORES; r++) {
                put_cell_line(&out, ask, rfm, r, f, line);
            }
            gy_buf_text(&out, "│\n");
        }
        if (f > 1) {
            put_rule(&out, "├", "┼", "┤");
        }
    }
    put_rule(&out, "└", "┴", "┘");
    gy_buf_text(&out, "    ");
    for (int r = 1; r <= GY_RFM_SCORES; r++) {
        gy_buf_printf(&out, "  %-*d", CELL_WIDTH + 1, r);
    }
    gy_buf_printf(&out, " %s\n\n", gy_report_word(ask, GY_WORD_RECENCY));
    (void)fwrite(out.ptr, 1, out.len, stdout);
    gy_buf_release(&out);
}

static void add_row(struct gy_listing *t, const char *name, const struct gy_rfm_row *row,
                    const struct gy_rfm_row *all, const char *currency)
{
    gy_listing_text(t, name);
    gy_listing_count(t, row->n_customers);
    gy_listing_share(t, (double)row->n_customers, (double)all->n_customers);
    gy_listing_money(t, row->revenue, currency);
    gy_listing_share(t, row->revenue, all->revenue);
    gy_listing_decimal(t, row->mean_recency_days, 1);
    gy_listing_decimal(t, row->mean_frequency, 1);
    gy_listing_money(t, row->mean_monetary, currency);
}

static void print_groups(const struct gy_ask *ask, const struct gy_rfm *rfm)
{
    static const enum gy_word heads[] = {
        GY_WORD_GROUP,         GY_WORD_CUSTOMERS,    GY_WORD_SHARE,          GY_WORD_REVENUE,
        GY_WORD_REVENUE_SHARE, GY_WORD_MEAN_RECENCY, GY_WORD_MEAN_FREQUENCY, GY_WORD_MEAN_MONETARY};
    const char *currency = gy_snapshot_currency(ask->snapshot);
    const char *language = gy_snapshot_language(ask->snapshot);
    struct gy_listing t;
    gy_listing_init(&t, "lrrrrrrr");
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        gy_listing_text(&t, gy_report_word(ask, heads[i]));
    }
    for (int g = 0; g < GY_RFM_GROUPS; g++) {
        add_row(&t, gy_rfm_group_name((enum gy_rfm_group)g, language), &rfm->groups[g], &rfm->all,
                currency);
    }
    add_row(&t, gy_report_word(ask, GY_WORD_ALL), &rfm->all, &rfm->all, currency);
    gy_listing_print(&t, gy_cli_of(ask)->color, stdout);
    gy_listing_release(&t);
    printf("\n%s\n", gy_report_word(ask, GY_WORD_SCHEME_NOTE));
}

static enum gy_status write_rfm(const struct gy_ask *ask, const struct gy_args *args,
                                const struct gy_rfm *rfm, struct gy_error *err)
{
    if (gy_cli_of(ask)->json) {
        struct gy_json_writer w = {0};
        gy_rfm_json(ask, rfm, &w);
        gy_json_finish(&w);
    } else {
        gy_report_title(ask, GY_WORD_RFM_TITLE);
        print_map(ask, rfm);
        print_groups(ask, rfm);
    }
    if (args->output == NULL) {
        return GY_OK;
    }
    gy_excel_file_hush();
    return gy_rfm_excel(ask->snapshot, rfm, ask->now_ms, args->output, err);
}

static enum gy_status report(struct gy_ask *ask, const struct gy_args *args, struct gy_error *err)
{
    struct gy_rfm rfm = {0};
    roaring_bitmap_t *audience = NULL;
    GY_TRY(gy_report_audience(ask, args, &audience, err));
    enum gy_status status = gy_rfm_make(ask->snapshot, audience, ask->now_ms, &ask->run, &rfm, err);
    if (status == GY_OK) {
        status = write_rfm(ask, args, &rfm, err);
    }
    gy_rfm_release(&rfm);
    if (audience != NULL) {
        roaring_bitmap_free(audience);
    }
    return status;
}

static enum gy_status run_rfm(struct gy_cli *cli, const struct gy_args *args, struct gy_error *err)
{
    return gy_ask_run(cli, args, report, err);
}

static const struct gy_option options_rfm[] = {
    GY_OPTION_SEGMENT,
    GY_OPTION_AS_OF,
    GY_OPTION_ALLOW_UNKNOWN,
    {"output", 'o', GY_OPTION_TEXT, offsetof(struct gy_args, output), "FILE.xlsx",
     "also an Excel file: the groups with charts, the map, the members"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_report_rfm = {
    .name = "report rfm",
    .operands = "",
    .about = "Buyers by recency, frequency and revenue: the map and its eleven groups",
    .example = "  gyeol report rfm\n"
               "  gyeol report rfm --as-of 2011-12-10 -o rfm.xlsx\n",
    .options = options_rfm,
    .run = run_rfm,
};
