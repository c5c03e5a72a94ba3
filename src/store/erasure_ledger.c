/* erasure_ledger.c - DIR/erasures: the hashes of erased ids outside of the catalog.
 *
 *   "HASH\n" …     32 hexadecimal digits each; ascending as it is written, in any order as it is read: ledgers of
 *                  several backups may have been put one behind the other
 *
 * A backup knows only the erasures that were made before it. Whoever restores one puts the newest ledger beside
 * it; the first writer then erases from it who is named there. The hashes are under the workspace's key, which
 * the backup has: so the ledger tells nothing to anybody who has only that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/writer_internal.h"

enum {
    LINE_BYTES = 2 * GY_ERASED_HASH + 1
};

static void ledger_path(const struct gy_writer *w, char out[GY_PATH_SIZE])
{
    snprintf(out, GY_PATH_SIZE, "%.*s/erasures", GY_DIR_MAX, w->live.dir);
}

/* ---- writing ---- */

static bool is_among(const uint8_t hash[GY_ERASED_HASH], const uint8_t (*hashes)[GY_ERASED_HASH],
                     size_t n)
{
    bool found = false;
    for (size_t i = 0; i < n; i++)
        found |= memcmp(hash, hashes[i], GY_ERASED_HASH) == 0;
    return found;
}

enum gy_status gy_writer_write_ledger(struct gy_writer *w,
                                      const uint8_t (*left_out)[GY_ERASED_HASH], size_t n_left_out,
                                      struct gy_error *err)
{
    const struct gy_erased *erased = &w->live.erased;
    char path[GY_PATH_SIZE];
    struct gy_buf text = {0};
    for (size_t i = 0; i < erased->n_hashes; i++) {
        if (is_among(erased->hashes[i], left_out, n_left_out))
            continue;
        for (int k = 0; k < GY_ERASED_HASH; k++)
            gy_buf_printf(&text, "%02x", erased->hashes[i][k]);
        gy_buf_char(&text, '\n');
    }
    ledger_path(w, path);
    enum gy_status status = gy_file_write_private(path, gy_buf_view(&text), err);
    gy_buf_release(&text);
    return status;
}

/* ---- reading ---- */

static bool read_line(const char *line, uint8_t hash[GY_ERASED_HASH])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 2 * GY_ERASED_HASH; i++) {
        const char *digit = line[i] == '\0' ? NULL : strchr(digits, line[i]);
        if (digit == NULL)
            return false;
        uint8_t value = (uint8_t)(digit - digits);
        hash[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : hash[i / 2] | value);
    }
    return line[2 * GY_ERASED_HASH] == '\n';
}

struct ledger {
    size_t n;                           /* lines */
    uint8_t (*unknown)[GY_ERASED_HASH]; /* that the catalog does not have; ascending, distinct */
    size_t n_unknown;
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, GY_ERASED_HASH);
}

static void sort_unknown(struct ledger *ledger)
{
    size_t n = 0;
    if (ledger->n_unknown > 1)
        qsort(ledger->unknown, ledger->n_unknown, sizeof *ledger->unknown, by_bytes);
    for (size_t i = 0; i < ledger->n_unknown; i++) {
        if (n == 0 || by_bytes(ledger->unknown[n - 1], ledger->unknown[i]) != 0)
            memmove(ledger->unknown[n++], ledger->unknown[i], sizeof *ledger->unknown);
    }
    ledger->n_unknown = n;
}

static enum gy_status read_lines(const struct gy_writer *w, struct gy_str text, struct ledger *out,
                                 struct gy_error *err)
{
    size_t capacity = 0;
    bool is_sound = text.len % LINE_BYTES == 0;
    for (size_t at = 0; at < text.len && is_sound; at += LINE_BYTES) {
        uint8_t hash[GY_ERASED_HASH];
        is_sound = read_line(text.ptr + at, hash);
        out->n++;
        if (!is_sound || gy_erased_has_hash(&w->live.erased, hash))
            continue;
        GY_GROW(out->unknown, capacity, out->n_unknown + 1);
        memcpy(out->unknown[out->n_unknown++], hash, sizeof hash);
    }
    sort_unknown(out);
    if (is_sound)
        return GY_OK;
    gy_error_set(err, GY_CORRUPT, "the list of erasures \"%s/erasures\" is damaged", w->live.dir);
    gy_error_hint(err, "Put a whole one there, or remove it: then only what the catalog knows to be"
                       " erased is.");
    return GY_CORRUPT;
}

static enum gy_status read_ledger(const struct gy_writer *w, struct ledger *out,
                                  struct gy_error *err)
{
    char path[GY_PATH_SIZE];
    struct gy_buf text = {0};
    ledger_path(w, path);
    if (access(path, F_OK) != 0)
        return GY_OK;
    enum gy_status status = gy_file_read(path, &text, err);
    if (status == GY_OK)
        status = read_lines(w, gy_buf_view(&text), out, err);
    gy_buf_release(&text);
    return status;
}

/* ---- bringing together ---- */

/* Whoever is named in it is erased with all their ids, also those that came since. */
static enum gy_status apply(struct gy_writer *w, const struct ledger *ledger, struct gy_error *err)
{
    roaring_bitmap_t *found = roaring_bitmap_create();
    for (uint32_t ordinal = 0; ordinal < w->live.ids.n; ordinal++) {
        bool is_external;
        uint8_t hash[GY_ERASED_HASH];
        struct gy_str id = gy_ids_get(&w->live.ids, ordinal, &is_external);
        gy_erased_hash(&w->live.erased, is_external, id, hash);
        if (!gy_erased_has(&w->live.erased, ordinal) &&
            bsearch(hash, ledger->unknown, ledger->n_unknown, sizeof *ledger->unknown, by_bytes) !=
                NULL)
            roaring_bitmap_add(found, ordinal);
    }
    enum gy_status status =
        gy_writer_erase_found(w, found, ledger->unknown, ledger->n_unknown, err);
    roaring_bitmap_free(found);
    return status;
}

enum gy_status gy_writer_sync_ledger(struct gy_writer *w, struct gy_error *err)
{
    struct ledger ledger = {0};
    enum gy_status status = read_ledger(w, &ledger, err);
    if (status == GY_OK && ledger.n_unknown > 0)
        status = apply(w, &ledger, err);
    else if (status == GY_OK && ledger.n != w->live.erased.n_hashes)
        status = gy_writer_write_ledger(w, NULL, 0, err);
    free(ledger.unknown);
    return status;
}
