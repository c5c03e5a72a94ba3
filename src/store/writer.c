/* writer.c - the writer's life, and how a call is taken.
 *
 * The lock is flock on the data directory itself: it needs no file, and goes with the process.
 *
 * A call takes effect (its ids, links, names, rows) only when it is known to be no duplicate. Within
 * the batch that is a look into a table. Against what is stored it is found out at the commit, for all
 * calls at once; only a call that would make an id of a known customer or link two is looked up at
 * once, for that cannot be taken back.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "store/lease.h"
#include "store/writer_internal.h"

/* ---- open and close ---- */

static enum gy_status take_lock(struct gy_writer *w, const char *dir, bool may_ask,
                                struct gy_error *err)
{
    w->lock_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->lock_fd < 0)
        return gy_error_sys(err, errno, "could not open the folder \"%s\"", dir);
    if (flock(w->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return GY_OK;
    if (errno != EWOULDBLOCK)
        return gy_error_sys(err, errno, "could not lock the data directory \"%s\"", dir);
    if (may_ask)
        GY_TRY(gy_lease_borrow(dir, &w->lease_fd, err));
    if (w->lease_fd >= 0 && flock(w->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return GY_OK;
    gy_error_set(err, GY_BUSY, "another process writes to the data directory \"%s\"", dir);
    gy_error_hint(err, "Wait until it is done, or end it.");
    return GY_BUSY;
}

static enum gy_status read_key(struct gy_writer *w, struct gy_error *err)
{
    sqlite3_stmt *stmt;
    bool has_row;
    GY_TRY(gy_catalog_select(&w->catalog, &stmt, err,
                             "SELECT value FROM meta WHERE key = 'fingerprint_key'", ""));
    enum gy_status status = gy_catalog_next(&w->catalog, stmt, &has_row, err);
    struct gy_str key = has_row ? gy_catalog_str(stmt, 0) : (struct gy_str){0};
    if (key.len == sizeof w->fingerprint_key) {
        memcpy(w->fingerprint_key, key.ptr, key.len);
    } else if (status == GY_OK) {
        status = gy_error_set(err, GY_CORRUPT, "the catalog \"%s\" has no fingerprint key",
                              w->catalog.path);
    }
    sqlite3_finalize(stmt);
    return status;
}

static enum gy_status read_counter(struct gy_writer *w, const char *key, int64_t *out,
                                   struct gy_error *err)
{
    GY_TRY(gy_catalog_number(&w->catalog, out, err, "SELECT value FROM meta WHERE key = ?", "s",
                             gy_str_of(key)));
    if (*out > 0 && *out < INT64_MAX / 2) /* so that counting on cannot overflow */
        return GY_OK;
    return gy_error_set(err, GY_CORRUPT, "the catalog \"%s\" has no counter %s", w->catalog.path,
                        key);
}

static enum gy_status load(struct gy_writer *w, const char *dir, struct gy_error *err)
{
    GY_TRY(gy_catalog_open(&w->catalog, dir, err));
    GY_TRY(gy_catalog_upgrade(&w->catalog, err));
    GY_TRY(gy_catalog_begin(&w->catalog, false, err));
    GY_TRY(read_key(w, err));
    GY_TRY(read_counter(w, "next_file", &w->next_file, err));
    GY_TRY(read_counter(w, "next_sequence", &w->next_sequence, err));
    GY_TRY(read_counter(w, "next_link", &w->next_link, err));
    GY_TRY(gy_live_load(&w->live, &w->catalog, dir, NULL, NULL, err));
    GY_TRY(gy_erased_load(&w->live.erased, &w->catalog, err)); /* with what it is to refuse */
    return gy_catalog_commit(&w->catalog, err);
}

/* "%016x.part" or "%016x.ids", perhaps with ".tmp" behind it: names that only we give. */
static bool is_our_file(const char *name, uint64_t *number)
{
    char *end;
    if (strspn(name, "0123456789abcdef") != 16)
        return false;
    *number = strtoull(name, &end, 16);
    return strcmp(end, ".part") == 0 || strcmp(end, ".ids") == 0 || strcmp(end, ".part.tmp") == 0 ||
           strcmp(end, ".ids.tmp") == 0;
}

static bool is_listed(const struct gy_live *live, const char *name, uint64_t number)
{
    bool found = false;
    bool is_part = strcmp(name + 16, ".part") == 0;
    for (size_t i = 0; i < live->n_files && is_part; i++)
        found |= live->files[i].file == number;
    for (size_t i = 0; i < live->ids.n_files && strcmp(name + 16, ".ids") == 0; i++)
        found |= live->id_file_numbers[i] == number;
    return found;
}

/* What a crash left in `parts`. A number is not given again while its file is there. */
static void remove_garbage(struct gy_writer *w)
{
    char path[GY_PATH_SIZE];
    char file[GY_PATH_SIZE + 300];
    snprintf(path, sizeof path, "%.*s/parts", GY_DIR_MAX, w->live.dir);
    DIR *dir = opendir(path);
    if (dir == NULL)
        return;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else reads this stream */
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        uint64_t number;
        if (!is_our_file(e->d_name, &number) || is_listed(&w->live, e->d_name, number))
            continue;
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        if (unlink(file) != 0 && number < INT64_MAX / 4 && (int64_t)number >= w->next_file)
            w->next_file = (int64_t)number + 1;
    }
    closedir(dir);
}

static enum gy_status open_writer(const char *dir, bool may_ask, struct gy_writer **out,
                                  struct gy_error *err)
{
    *out = NULL;
    struct gy_writer *w = gy_alloc_zero(1, sizeof *w);
    w->lock_fd = -1;
    w->lease_fd = -1;
    enum gy_status status = GY_OK;
    if (gy_workspace_exists(dir))
        status = take_lock(w, dir, may_ask, err);
    if (status == GY_OK)
        status = load(w, dir, err);
    if (status == GY_OK && w->lock_fd < 0) /* it was made between the two looks */
        status = gy_error_set(err, GY_BUSY, "another process has just made \"%s\"", dir);
    gy_catalog_rollback(&w->catalog);
    w->same_rows.fingerprint_key = w->fingerprint_key;
    gy_identity_init(&w->identity, &w->live);
    gy_batch_init(&w->batch, &w->live.schema);
    if (status != GY_OK) {
        gy_writer_close(w);
        return status;
    }
    remove_garbage(w);
    w->catalog.context = w;
    w->catalog.before_commit = gy_writer_put_audit;
    status = gy_writer_sync_ledger(w, err);
    if (status != GY_OK) {
        gy_writer_close(w);
        return status;
    }
    *out = w;
    return GY_OK;
}

enum gy_status gy_writer_open(const char *dir, struct gy_writer **out, struct gy_error *err)
{
    return open_writer(dir, true, out, err);
}

enum gy_status gy_writer_open_own(const char *dir, struct gy_writer **out, struct gy_error *err)
{
    return open_writer(dir, false, out, err);
}

void gy_writer_close(struct gy_writer *w)
{
    if (w == NULL)
        return;
    GY_ASSERT(w->background == NULL);
    (void)!gy_writer_wait(w, NULL, NULL);
    gy_writer_forget_replacements(w);
    gy_writer_forget_dead_letters(w);
    gy_arena_release(&w->letter_arena);
    gy_arena_release(&w->audit_arena);
    free(w->letters);
    free(w->replacements);
    free(w->replaced_rows);
    free(w->replaced.keys);
    gy_batch_release(&w->batch);
    gy_identity_release(&w->identity);
    gy_live_release(&w->live);
    gy_catalog_close(&w->catalog);
    gy_key_counts_release(&w->seen);
    gy_key_counts_release(&w->occurrences);
    gy_same_rows_release(&w->same_rows);
    gy_customer_calls_release(&w->many);
    gy_buf_release(&w->scratch);
    free(w->import.name);
    if (w->lock_fd >= 0)
        close(w->lock_fd);
    gy_lease_return(w->lease_fd);
    free(w);
}

/* ---- the batch ---- */

uint64_t gy_writer_batch_calls(const struct gy_writer *w)
{
    return w->batch.n_calls;
}

uint64_t gy_writer_batch_bytes(const struct gy_writer *w)
{
    return gy_batch_bytes(&w->batch);
}

/* Never before an instant taken earlier, whatever the clock does: what comes later does not hold
 * earlier. Of equal instants arrival decides. */
static void take_instant(struct gy_writer *w)
{
    int64_t now = gy_now_ms();
    w->import_ms = now > w->import_ms ? now : w->import_ms;
}

static bool has_fingerprints(const struct gy_part *part)
{
    bool found = false;
    for (size_t i = 0; i < gy_part_n_slices(part) && !found; i++) {
        const struct gy_slice *slice = gy_part_slice(part, i);
        found = slice->stream != GY_STREAM_CALLS && gy_part_has_fingerprints(part, slice);
    }
    return found;
}

static bool are_events_numbered(const struct gy_live *live)
{
    bool found = false;
    for (size_t p = 0; p < gy_live_n_parts(live) && !found; p++)
        found = has_fingerprints(gy_live_part(live, p)->part);
    return found;
}

void gy_writer_begin_file(struct gy_writer *w, const char *name)
{
    GY_ASSERT(w->ahead == NULL);
    gy_batch_forget_names(&w->batch);
    free(w->import.name);
    w->import = (struct gy_import){.name = name == NULL ? NULL : gy_strndup(name, strlen(name))};
    take_instant(w);
    w->import.started_ms = w->import_ms;
    w->import.wants_contents = are_events_numbered(&w->live);
    gy_key_counts_reset(&w->occurrences);
    gy_same_rows_begin(&w->same_rows, (uint64_t)w->next_sequence);
}

void gy_writer_discard(struct gy_writer *w)
{
    (void)!gy_writer_wait(w, NULL, NULL);
    gy_batch_reset(&w->batch, &w->live.schema);
    gy_identity_reset(&w->identity);
    gy_key_counts_reset(&w->seen);
    gy_customer_calls_reset(&w->many);
    gy_writer_forget_replacements(w);
    gy_writer_forget_dead_letters(w);
    w->n_duplicates = 0;
    w->n_duplicate_lines = 0;
}

const char *gy_writer_time_zone(const struct gy_writer *w)
{
    return gy_zone_name(w->live.zone);
}

const struct gy_schema *gy_writer_schema(const struct gy_writer *w)
{
    return &w->live.schema;
}

/* ---- fingerprints ---- */

static void put_str(struct gy_buf *buf, struct gy_str s)
{
    uint64_t len = s.len;
    gy_buf_append(buf, &len, sizeof len);
    gy_buf_str(buf, s);
}

/* How often the file had this call before. A content need not tell the customer and the time (traits of
 * an order do not), and the order of others' lines must not count: so all that tells calls apart does. */
static uint32_t count_occurrence(struct gy_writer *w, const struct gy_call *call,
                                 const struct gy_batch_call *entry)
{
    struct gy_buf *buf = &w->scratch;
    uint64_t first = gy_content_fingerprint(buf, w->fingerprint_key, entry, call->event, 0);
    gy_buf_reset(buf);
    gy_buf_append(buf, &first, sizeof first);
    put_str(buf, call->user_id);
    put_str(buf, call->anonymous_id);
    return gy_key_counts_add(&w->occurrences,
                             gy_hash_keyed(buf->ptr, buf->len, w->fingerprint_key));
}

static bool is_known_without(const struct gy_writer *w, const struct gy_call *call)
{
    return w->import.name != NULL && gy_same_rows_takes(call);
}

bool gy_writer_wants_content(const struct gy_writer *w, const struct gy_call *call)
{
    return call->message_id.len == 0 && (w->import.wants_contents || !is_known_without(w, call));
}

/* Of a call without a messageId, but for those that are known without. */
static uint64_t fingerprint_of_content(struct gy_writer *w, const struct gy_call *call,
                                       const struct gy_batch_call *entry)
{
    if (is_known_without(w, call))
        return 0;
    uint32_t occurrence = count_occurrence(w, call, entry);
    return gy_content_fingerprint(&w->scratch, w->fingerprint_key, entry, call->event, occurrence);
}

/* Type, name, messageId, time as written. */
static uint64_t fingerprint_of(struct gy_writer *w, const struct gy_call *call, int64_t written_ms)
{
    struct gy_buf *buf = &w->scratch;
    gy_buf_reset(buf);
    gy_buf_char(buf, (char)call->type);
    gy_buf_char(buf, 1);
    put_str(buf, call->event);
    gy_buf_append(buf, &written_ms, sizeof written_ms);
    put_str(buf, call->message_id);
    return gy_fingerprint_of_hash(gy_hash_keyed(buf->ptr, buf->len, w->fingerprint_key));
}

static uint64_t seen_key(uint32_t customer, uint64_t fingerprint)
{
    return fingerprint ^ ((customer + UINT64_C(1)) * UINT64_C(0xD6E8FEB86659FD93));
}

/* ---- whose call it is ---- */

/* What a call says of its customer, before it has had any effect. */
struct who {
    uint32_t user; /* ordinals; GY_ID_NONE: no such id, or not there yet */
    uint32_t anonymous;
    uint32_t previous;
    bool is_previous_external;
    uint32_t root; /* of the customer, if it is there */
    bool claims;   /* the anonymous id becomes the user's */
    bool merges;   /* an alias that changes something */
};

static bool is_erased_id(struct gy_writer *w, bool is_external, struct gy_str id)
{
    const struct gy_erased *erased = &w->live.erased;
    if ((erased->all == NULL && erased->n_hashes == 0) || id.len == 0)
        return false;
    uint32_t ordinal = gy_identity_find(&w->identity, is_external, id);
    return ordinal != GY_ID_NONE ? gy_erased_has(erased, ordinal)
                                 : gy_erased_has_id(erased, is_external, id);
}

/* By the id that the call belongs to. An anonymous id that comes beside another's user id (a device that has
 * changed hands) does not make the call the erased customer's: it is left out (look). */
static enum gy_status check_erased(struct gy_writer *w, const struct gy_call *call,
                                   struct gy_error *err)
{
    bool has_user = call->user_id.len > 0;
    bool is_erased = is_erased_id(w, has_user, has_user ? call->user_id : call->anonymous_id);
    if (call->type == GY_CALL_ALIAS)
        is_erased |=
            is_erased_id(w, true, call->previous_id) || is_erased_id(w, false, call->previous_id);
    return is_erased ? gy_error_set(err, GY_ERASED, "the customer was erased") : GY_OK;
}

static bool is_claimable(struct gy_writer *w, uint32_t anonymous)
{
    return anonymous == GY_ID_NONE || !gy_identity_is_child(&w->identity, anonymous);
}

static void look_at_previous(struct gy_writer *w, const struct gy_call *call, struct who *who)
{
    who->is_previous_external = true;
    who->previous = gy_identity_find(&w->identity, true, call->previous_id);
    if (who->previous != GY_ID_NONE) {
        who->merges = gy_identity_root(&w->identity, who->previous) != who->root;
        return;
    }
    who->previous = gy_identity_find(&w->identity, false, call->previous_id);
    who->is_previous_external = who->previous == GY_ID_NONE;
    bool is_itself = gy_str_equal(call->previous_id, call->user_id);
    who->merges = !is_itself && (who->is_previous_external || is_claimable(w, who->previous));
}

static struct who look(struct gy_writer *w, const struct gy_call *call)
{
    struct who who = {GY_ID_NONE, GY_ID_NONE, GY_ID_NONE, false, GY_ID_NONE, false, false};
    bool has_user = call->user_id.len > 0;
    bool has_anonymous =
        call->anonymous_id.len > 0 && (!has_user || !is_erased_id(w, false, call->anonymous_id));
    if (has_user)
        who.user = gy_identity_find(&w->identity, true, call->user_id);
    if (has_anonymous)
        who.anonymous = gy_identity_find(&w->identity, false, call->anonymous_id);
    uint32_t customer = has_user ? who.user : who.anonymous;
    if (customer != GY_ID_NONE)
        who.root = gy_identity_root(&w->identity, customer);
    who.claims = has_user && has_anonymous && is_claimable(w, who.anonymous);
    if (call->type == GY_CALL_ALIAS)
        look_at_previous(w, call, &who);
    return who;
}

/* A call has at most three ids. */
static enum gy_status check_room(const struct gy_writer *w, uint32_t n_calls, struct gy_error *err)
{
    uint64_t most = (uint64_t)w->live.ids.n + w->identity.n_fresh + 3 * (uint64_t)n_calls;
    return most < GY_ID_NONE ? GY_OK
                             : gy_error_set(err, GY_LIMIT, "there are as many customers as can be");
}

static void link_ids(struct gy_writer *w, uint32_t child, uint32_t parent)
{
    gy_identity_link(&w->identity, child, parent);
    gy_customer_calls_join(&w->many, &w->identity, child, parent);
}

/* The customer's ordinal; ids are made and linked. */
static uint32_t settle_who(struct gy_writer *w, const struct gy_call *call, const struct who *who)
{
    struct gy_identity *identity = &w->identity;
    bool has_user = call->user_id.len > 0;
    uint32_t customer = has_user ? who->user : who->anonymous;
    if (customer == GY_ID_NONE) {
        customer =
            gy_identity_take(identity, has_user, has_user ? call->user_id : call->anonymous_id);
    }
    if (who->claims) {
        uint32_t anonymous = gy_identity_take(identity, false, call->anonymous_id);
        link_ids(w, anonymous, gy_identity_root(identity, customer));
    }
    if (who->merges) {
        uint32_t previous =
            gy_identity_take(identity, who->is_previous_external, call->previous_id);
        uint32_t child = gy_identity_root(identity, previous);
        uint32_t parent = gy_identity_root(identity, customer);
        if (child != parent)
            link_ids(w, child, parent);
    }
    return customer;
}

/* ---- adding ---- */

static uint32_t stored_stream(const struct gy_writer *w, const struct gy_call *call)
{
    return call->type == GY_CALL_IDENTIFY || call->type == GY_CALL_ALIAS
               ? GY_STREAM_CALLS
               : gy_schema_find_event(&w->live.schema, call->event);
}

static enum gy_status probe_stored(struct gy_writer *w, const struct gy_call *call, uint32_t root,
                                   const struct gy_batch_call *entry, bool *is_stored,
                                   struct gy_error *err)
{
    struct gy_probe probe = {stored_stream(w, call), entry->fingerprint, entry->written_ms};
    *is_stored = false;
    if (probe.stream == GY_ID_NONE)
        return GY_OK;
    GY_TRY(gy_writer_find_replaced(w, err));
    return gy_customer_calls_probe(&w->many, &w->identity, root, &probe, &w->replaced, is_stored,
                                   err);
}

static void count_duplicate(struct gy_writer *w, const struct gy_call *call)
{
    w->n_duplicates++;
    w->n_duplicate_lines += call->n_lines;
}

static struct gy_batch_call entry_of(struct gy_writer *w, const struct gy_call *call)
{
    struct gy_batch_call entry = {.n_lines = call->n_lines,
                                  .time_ms = call->has_time ? call->time_ms : GY_TIME_ALWAYS_MS,
                                  .written_ms =
                                      call->has_time ? call->written_ms : GY_TIME_ALWAYS_MS,
                                  .content = call->content,
                                  .type = (uint8_t)call->type};
    entry.fingerprint = call->message_id.len > 0 ? fingerprint_of(w, call, entry.written_ms)
                                                 : fingerprint_of_content(w, call, &entry);
    return entry;
}

static enum gy_status is_duplicate(struct gy_writer *w, const struct gy_call *call,
                                   const struct who *who, const struct gy_batch_call *entry,
                                   bool *out, struct gy_error *err)
{
    *out = false;
    if (who->root == GY_ID_NONE || entry->fingerprint == 0)
        return GY_OK;
    *out = gy_key_counts_get(&w->seen, seen_key(who->root, entry->fingerprint)) > 0;
    if (*out || (!who->claims && !who->merges))
        return GY_OK;
    return probe_stored(w, call, who->root, entry, out, err);
}

/* What the chunk before fails with is no fault of the call that waits for it. */
static enum gy_status wait_for_ahead(struct gy_writer *w, struct gy_error *err)
{
    enum gy_status status = gy_writer_wait(w, NULL, err);
    if (status != GY_INVALID && status != GY_LIMIT)
        return status;
    err->status = GY_IO;
    return GY_IO;
}

/* A batch that does not know yet which names the one before it has brought counts some twice. */
static bool may_be_too_strict(const struct gy_writer *w, enum gy_status status)
{
    return status == GY_LIMIT && w->ahead != NULL;
}

enum gy_status gy_writer_check(struct gy_writer *w, const struct gy_call *calls, uint32_t n,
                               struct gy_error *err)
{
    enum gy_status status = gy_batch_check(&w->batch, calls, n, err);
    if (may_be_too_strict(w, status)) {
        GY_TRY(wait_for_ahead(w, err));
        status = gy_batch_check(&w->batch, calls, n, err);
    }
    GY_TRY(status);
    for (uint32_t i = 0; i < n; i++)
        GY_TRY(check_erased(w, &calls[i], err));
    return check_room(w, n, err);
}

void gy_writer_expect(const struct gy_writer *w, const struct gy_call *call)
{
    gy_identity_expect(&w->identity, call->user_id.len > 0,
                       call->user_id.len > 0 ? call->user_id : call->anonymous_id);
}

static enum gy_status resolve(struct gy_writer *w, const struct gy_call *call, struct gy_error *err)
{
    enum gy_status status = gy_batch_resolve(&w->batch, call, err);
    if (!may_be_too_strict(w, status))
        return status;
    GY_TRY(wait_for_ahead(w, err));
    return gy_batch_resolve(&w->batch, call, err);
}

enum gy_status gy_writer_add(struct gy_writer *w, const struct gy_call *call, struct gy_error *err)
{
    bool is_known;
    struct gy_batch_call entry = entry_of(w, call);
    GY_TRY(resolve(w, call, err));
    GY_TRY(check_erased(w, call, err));
    GY_TRY(check_room(w, 1, err));
    struct who who = look(w, call);
    if (who.claims || who.merges)
        GY_TRY(wait_for_ahead(w, err)); /* it stands on the links, and on what is stored */
    GY_TRY(is_duplicate(w, call, &who, &entry, &is_known, err));
    if (is_known) {
        count_duplicate(w, call);
        return GY_OK;
    }
    if (w->batch.n_calls == 0 && w->import.name == NULL)
        take_instant(w);
    entry.customer = settle_who(w, call, &who);
    uint32_t root = who.root != GY_ID_NONE ? who.root : entry.customer;
    if (entry.fingerprint != 0)
        gy_key_counts_add(&w->seen, seen_key(root, entry.fingerprint));
    gy_batch_append(&w->batch, call, &entry);
    return GY_OK;
}
