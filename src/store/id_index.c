/* id_index.c - id files: an open-addressing table of ordinals over the ids' own bytes.
 *
 * A slot is an ordinal (relative to the file, plus one) or 0; its place is XXH3 of the id under a
 * seed drawn for each file, so nobody can aim ids at one place. At most three quarters of the slots
 * are taken. The whole file is checked once, when it is opened: at some ten bytes a ns that costs less
 * than one look at the parts, and then no reader has to fail.
 */
#include "store/id_index.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

enum {
    VERSION = 1,
    ALIGN = 64,
    MAX_SLOTS_LOG2 = 32
};

static const char magic[8] = {'G', 'Y', 'E', 'O', 'L', 'I', 'D', 'S'};

struct header {
    char magic[8];
    uint32_t version;
    uint32_t entity; /* 0: customers */
    uint32_t first;
    uint32_t n;
    uint32_t n_children;
    uint32_t slots_log2;
    uint64_t seed;
    uint64_t n_bytes; /* of all ids together */
    uint8_t reserved[16];
};

struct footer {
    uint64_t checksum; /* XXH3-64 of all bytes before the footer */
    uint64_t size;     /* of the whole file */
    uint8_t reserved[40];
    char magic[8];
};

_Static_assert(sizeof(struct header) == 64, "the format says so");
_Static_assert(sizeof(struct footer) == 64, "the format says so");

/* Where the sections lie. */
struct layout {
    uint64_t kinds;
    uint64_t parents;
    uint64_t starts;
    uint64_t slots;
    uint64_t bytes;
    uint64_t footer;
};

struct gy_id_file {
    struct gy_map map;
    uint8_t *owned; /* in place of the map */
    atomic_uint n_more_owners;
    uint64_t size;
    uint32_t first;
    uint32_t n;
    uint32_t n_children;
    uint32_t slot_mask;
    uint64_t seed;
    const uint64_t *kinds;
    const uint32_t *parents; /* NULL where no id has one */
    const uint32_t *starts;
    const uint32_t *slots;
    const char *bytes;
};

/* ---- layout ---- */

static uint64_t aligned(uint64_t at)
{
    return (at + ALIGN - 1) / ALIGN * ALIGN;
}

/* No sum here can overflow: n and slots are below 2^33, and n_bytes below 2^32. */
static struct layout layout_of(const struct header *h)
{
    struct layout l;
    l.kinds = sizeof *h;
    l.parents = aligned(l.kinds + ((uint64_t)h->n + 63) / 64 * 8);
    l.starts = aligned(l.parents + (h->n_children > 0 ? (uint64_t)h->n * 4 : 0));
    l.slots = aligned(l.starts + ((uint64_t)h->n + 1) * 4);
    l.bytes = aligned(l.slots + ((uint64_t)4 << h->slots_log2));
    l.footer = aligned(l.bytes + h->n_bytes);
    return l;
}

static uint64_t hash_of(uint64_t seed, bool is_external, struct gy_str id)
{
    return gy_hash(id.ptr, id.len, seed + (is_external ? 1 : 0));
}

/* ---- opening ---- */

static enum gy_status damaged(const char *label, const char *what, struct gy_error *err)
{
    return gy_error_set(err, GY_CORRUPT, "id file \"%s\" is damaged: %s", label, what);
}

static enum gy_status check_header(const struct header *h, uint64_t size, const char *label,
                                   struct gy_error *err)
{
    if (memcmp(h->magic, magic, sizeof magic) != 0)
        return damaged(label, "it does not begin like one", err);
    if (h->version != VERSION) {
        return gy_error_set(err, GY_UNSUPPORTED, "id file \"%s\" has format version %u", label,
                            h->version);
    }
    if (h->entity != 0 || h->slots_log2 >= MAX_SLOTS_LOG2 || h->n_bytes > UINT32_MAX ||
        h->n_children > h->n || (uint64_t)h->n >= (uint64_t)1 << h->slots_log2 ||
        (uint64_t)h->first + h->n > GY_ID_NONE)
        return damaged(label, "its header cannot be", err);
    if (layout_of(h).footer + sizeof(struct footer) != size)
        return damaged(label, "its size is not what its header says", err);
    return GY_OK;
}

static enum gy_status check_footer(const uint8_t *data, uint64_t size, const char *label,
                                   struct gy_error *err)
{
    static const uint8_t zero[sizeof(((struct footer *)0)->reserved)];
    struct footer f;
    memcpy(&f, data + size - sizeof f, sizeof f);
    if (memcmp(f.magic, magic, sizeof magic) != 0 || f.size != size ||
        memcmp(f.reserved, zero, sizeof zero) != 0)
        return damaged(label, "it does not end like one", err);
    if (f.checksum != gy_hash(data, size - sizeof f, 0))
        return damaged(label, "its checksum does not match", err);
    return GY_OK;
}

static void set_sections(struct gy_id_file *f, const uint8_t *data, const struct header *h)
{
    struct layout l = layout_of(h);
    f->first = h->first;
    f->n = h->n;
    f->n_children = h->n_children;
    f->slot_mask = (uint32_t)(((uint64_t)1 << h->slots_log2) - 1);
    f->seed = h->seed;
    f->kinds = (const void *)(data + l.kinds);
    f->parents = h->n_children > 0 ? (const void *)(data + l.parents) : NULL;
    f->starts = (const void *)(data + l.starts);
    f->slots = (const void *)(data + l.slots);
    f->bytes = (const char *)data + l.bytes;
}

static bool are_starts_sound(const struct gy_id_file *f, uint64_t n_bytes)
{
    bool sound = f->starts[0] == 0 && f->starts[f->n] == n_bytes;
    for (uint32_t i = 0; i < f->n; i++)
        sound &= f->starts[i] < f->starts[i + 1];
    return sound;
}

static bool are_slots_sound(const struct gy_id_file *f)
{
    uint64_t n_taken = 0;
    bool sound = true;
    for (uint64_t i = 0; i <= f->slot_mask; i++) {
        sound &= f->slots[i] <= f->n;
        n_taken += f->slots[i] != 0;
    }
    return sound && n_taken == f->n;
}

static bool are_parents_sound(const struct gy_id_file *f)
{
    uint32_t n_children = 0;
    for (uint32_t i = 0; f->parents != NULL && i < f->n; i++) {
        uint32_t parent = f->parents[i];
        if (parent == f->first + i || (parent != GY_ID_NONE && parent >= f->first + f->n))
            return false;
        n_children += parent != GY_ID_NONE;
    }
    return n_children == f->n_children;
}

static enum gy_status read_file(struct gy_id_file *f, const uint8_t *data, uint64_t size,
                                const char *label, struct gy_error *err)
{
    struct header h;
    if (size < sizeof h + sizeof(struct footer))
        return damaged(label, "it is too short", err);
    memcpy(&h, data, sizeof h);
    GY_TRY(check_header(&h, size, label, err));
    GY_TRY(check_footer(data, size, label, err));
    f->size = size;
    set_sections(f, data, &h);
    if (!are_starts_sound(f, h.n_bytes) || !are_slots_sound(f) || !are_parents_sound(f))
        return damaged(label, "its content cannot be", err);
    return GY_OK;
}

static enum gy_status give(struct gy_id_file *f, enum gy_status status, struct gy_id_file **out)
{
    if (status == GY_OK) {
        *out = f;
    } else {
        gy_id_file_close(f);
    }
    return status;
}

enum gy_status gy_id_file_open(const char *path, struct gy_id_file **out, struct gy_error *err)
{
    struct gy_map map;
    *out = NULL;
    GY_TRY(gy_map_open(path, &map, err));
    struct gy_id_file *f = gy_alloc_zero(1, sizeof *f);
    f->map = map;
    return give(f, read_file(f, map.ptr, map.size, path, err), out);
}

enum gy_status gy_id_file_open_memory(struct gy_str bytes, const char *label,
                                      struct gy_id_file **out, struct gy_error *err)
{
    *out = NULL;
    struct gy_id_file *f = gy_alloc_zero(1, sizeof *f);
    f->owned = gy_alloc(bytes.len);
    if (bytes.len > 0)
        memcpy(f->owned, bytes.ptr, bytes.len);
    return give(f, read_file(f, f->owned, bytes.len, label, err), out);
}

struct gy_id_file *gy_id_file_share(struct gy_id_file *file)
{
    atomic_fetch_add(&file->n_more_owners, 1);
    return file;
}

void gy_id_file_close(struct gy_id_file *file)
{
    if (file == NULL || atomic_fetch_sub(&file->n_more_owners, 1) > 0)
        return;
    gy_map_close(&file->map);
    free(file->owned);
    free(file);
}

uint32_t gy_id_file_first(const struct gy_id_file *file)
{
    return file->first;
}

uint32_t gy_id_file_n(const struct gy_id_file *file)
{
    return file->n;
}

uint32_t gy_id_file_n_children(const struct gy_id_file *file)
{
    return file->n_children;
}

uint64_t gy_id_file_size(const struct gy_id_file *file)
{
    return file->size;
}

/* ---- reading ---- */

static bool is_external_at(const struct gy_id_file *f, uint32_t i)
{
    return (f->kinds[i >> 6] >> (i & 63) & 1) != 0;
}

static struct gy_str id_at(const struct gy_id_file *f, uint32_t i)
{
    return (struct gy_str){f->bytes + f->starts[i], f->starts[i + 1] - f->starts[i]};
}

static uint32_t find_in(const struct gy_id_file *f, bool is_external, struct gy_str id)
{
    uint32_t slot = (uint32_t)hash_of(f->seed, is_external, id) & f->slot_mask;
    while (f->slots[slot] != 0) {
        uint32_t i = f->slots[slot] - 1;
        if (is_external_at(f, i) == is_external && gy_str_equal(id_at(f, i), id))
            return f->first + i;
        slot = (slot + 1) & f->slot_mask;
    }
    return GY_ID_NONE;
}

void gy_ids_release(struct gy_ids *ids)
{
    for (size_t i = 0; i < ids->n_files; i++)
        gy_id_file_close(ids->files[i]);
    free(ids->files);
    *ids = (struct gy_ids){0};
}

enum gy_status gy_ids_add(struct gy_ids *ids, struct gy_id_file *file, struct gy_error *err)
{
    if (file->first != ids->n) {
        return gy_error_set(err, GY_CORRUPT,
                            "the ids from ordinal %u on are not there: the next file begins at %u",
                            ids->n, file->first);
    }
    GY_GROW(ids->files, ids->capacity, ids->n_files + 1);
    ids->files[ids->n_files++] = file;
    ids->n += file->n;
    return GY_OK;
}

uint32_t gy_ids_find(const struct gy_ids *ids, bool is_external, struct gy_str id)
{
    uint32_t found = GY_ID_NONE;
    for (size_t i = ids->n_files; i-- > 0 && found == GY_ID_NONE;)
        found = find_in(ids->files[i], is_external, id);
    return found;
}

static const struct gy_id_file *file_of(const struct gy_ids *ids, uint32_t ordinal)
{
    GY_ASSERT(ordinal < ids->n);
    size_t i = ids->n_files - 1;
    while (ids->files[i]->first > ordinal)
        i--;
    return ids->files[i];
}

struct gy_str gy_ids_get(const struct gy_ids *ids, uint32_t ordinal, bool *is_external)
{
    const struct gy_id_file *f = file_of(ids, ordinal);
    if (is_external != NULL)
        *is_external = is_external_at(f, ordinal - f->first);
    return id_at(f, ordinal - f->first);
}

uint32_t gy_ids_parent(const struct gy_ids *ids, uint32_t ordinal)
{
    const struct gy_id_file *f = file_of(ids, ordinal);
    return f->parents == NULL ? GY_ID_NONE : f->parents[ordinal - f->first];
}

/* ---- making a file ---- */

void gy_id_builder_release(struct gy_id_builder *b)
{
    free(b->external);
    free(b->parents);
    free(b->starts);
    gy_buf_release(&b->bytes);
    *b = (struct gy_id_builder){0};
}

static void grow_builder(struct gy_id_builder *b)
{
    size_t old = b->capacity;
    if (b->n + (size_t)1 < old)
        return;
    b->capacity = old == 0 ? 64 : old * 2;
    b->external = gy_realloc(b->external, b->capacity / 64, sizeof *b->external);
    memset(b->external + old / 64, 0, (b->capacity - old) / 8);
    b->parents = gy_realloc(b->parents, b->capacity, sizeof *b->parents);
    b->starts = gy_realloc(b->starts, b->capacity, sizeof *b->starts);
}

bool gy_id_builder_add(struct gy_id_builder *b, bool is_external, struct gy_str id, uint32_t parent)
{
    GY_ASSERT(id.len > 0 && parent != b->first + b->n);
    if (b->bytes.len + id.len > UINT32_MAX || b->n >= (UINT32_C(1) << 31))
        return false;
    grow_builder(b);
    b->external[b->n >> 6] |= (uint64_t)is_external << (b->n & 63);
    b->parents[b->n] = parent;
    b->n_children += parent != GY_ID_NONE;
    b->starts[b->n] = (uint32_t)b->bytes.len;
    gy_buf_str(&b->bytes, id);
    b->n++;
    b->starts[b->n] = (uint32_t)b->bytes.len;
    return true;
}

static uint32_t slots_log2_for(uint32_t n)
{
    uint32_t log2 = 4;
    while ((uint64_t)n * 4 > ((uint64_t)3 << log2))
        log2++;
    return log2;
}

static struct header header_of(const struct gy_id_builder *b)
{
    struct header h = {.version = VERSION,
                       .first = b->first,
                       .n = b->n,
                       .n_children = b->n_children,
                       .slots_log2 = slots_log2_for(b->n),
                       .n_bytes = b->bytes.len};
    memcpy(h.magic, magic, sizeof magic);
    gy_random_bytes(&h.seed, sizeof h.seed);
    return h;
}

static void fill_slots(const struct gy_id_builder *b, const struct header *h, uint32_t *slots)
{
    uint32_t mask = (uint32_t)(((uint64_t)1 << h->slots_log2) - 1);
    for (uint32_t i = 0; i < b->n; i++) {
        bool is_external = (b->external[i >> 6] >> (i & 63) & 1) != 0;
        struct gy_str id = {b->bytes.ptr + b->starts[i], b->starts[i + 1] - b->starts[i]};
        uint32_t slot = (uint32_t)hash_of(h->seed, is_external, id) & mask;
        while (slots[slot] != 0)
            slot = (slot + 1) & mask;
        slots[slot] = i + 1;
    }
}

static void append_aligned(struct gy_buf *out, size_t begin, const void *bytes, size_t len)
{
    gy_buf_append(out, bytes, len);
    gy_buf_zero(out, aligned(out->len - begin) - (out->len - begin));
}

static void append_footer(struct gy_buf *out, size_t begin)
{
    struct footer f = {.checksum = gy_hash(out->ptr + begin, out->len - begin, 0),
                       .size = out->len - begin + sizeof f};
    memcpy(f.magic, magic, sizeof magic);
    gy_buf_append(out, &f, sizeof f);
}

void gy_id_builder_finish(const struct gy_id_builder *b, struct gy_buf *out)
{
    size_t begin = out->len;
    uint32_t zero = 0;
    struct header h = header_of(b);
    uint32_t *slots = gy_alloc_zero((size_t)1 << h.slots_log2, sizeof *slots);
    fill_slots(b, &h, slots);
    append_aligned(out, begin, &h, sizeof h);
    append_aligned(out, begin, b->external, ((size_t)b->n + 63) / 64 * 8);
    append_aligned(out, begin, b->parents, b->n_children > 0 ? (size_t)b->n * 4 : 0);
    append_aligned(out, begin, b->n > 0 ? b->starts : &zero, ((size_t)b->n + 1) * 4);
    append_aligned(out, begin, slots, (size_t)4 << h.slots_log2);
    append_aligned(out, begin, b->bytes.ptr, b->bytes.len);
    append_footer(out, begin);
    free(slots);
}
