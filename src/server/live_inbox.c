/* live_inbox.c - see live_inbox.h. */
#include "server/live_inbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
    NOTES_MAX = 100000
};

struct gy_live_inbox {
    atomic_bool is_used; /* somebody reads something: the lock is worth taking */
    pthread_mutex_t lock;
    struct gy_intern known;
    struct gy_intern read;
    struct gy_live_notes notes;
    struct gy_buf key;
};

struct gy_live_inbox *gy_live_inbox_new(void)
{
    struct gy_live_inbox *inbox = gy_alloc_zero(1, sizeof *inbox);
    pthread_mutex_init(&inbox->lock, NULL);
    return inbox;
}

void gy_live_notes_release(struct gy_live_notes *notes)
{
    free(notes->notes);
    gy_arena_release(&notes->arena);
    *notes = (struct gy_live_notes){0};
}

void gy_live_inbox_free(struct gy_live_inbox *inbox)
{
    if (inbox == NULL) {
        return;
    }
    gy_intern_release(&inbox->known);
    gy_intern_release(&inbox->read);
    gy_live_notes_release(&inbox->notes);
    gy_buf_release(&inbox->key);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox);
}

void gy_live_inbox_expect(struct gy_live_inbox *inbox, bool is_used, struct gy_intern *known,
                          struct gy_intern *read)
{
    pthread_mutex_lock(&inbox->lock);
    gy_intern_release(&inbox->known);
    gy_intern_release(&inbox->read);
    inbox->known = *known;
    inbox->read = *read;
    atomic_store(&inbox->is_used, is_used);
    pthread_mutex_unlock(&inbox->lock);
    *known = (struct gy_intern){0};
    *read = (struct gy_intern){0};
}

static bool is_wanted(struct gy_live_inbox *inbox, char kind, struct gy_str name)
{
    gy_buf_reset(&inbox->key);
    gy_buf_char(&inbox->key, kind);
    gy_buf_str(&inbox->key, name);
    struct gy_str key = gy_buf_view(&inbox->key);
    return gy_intern_find(&inbox->read, key) != GY_INTERN_NONE ||
           gy_intern_find(&inbox->known, key) == GY_INTERN_NONE;
}

/* Takes a copy of the note's texts. */
static void add_note(struct gy_live_notes *notes, struct gy_live_note note)
{
    if (notes->n == NOTES_MAX) {
        notes->are_too_many = true;
        return;
    }
    note.id = gy_arena_str(&notes->arena, note.id);
    note.name = gy_arena_str(&notes->arena, note.name);
    GY_GROW(notes->notes, notes->capacity, notes->n + 1);
    notes->notes[notes->n++] = note;
}

static bool keep(struct gy_live_inbox *inbox, const struct gy_call *call, bool is_trait,
                 struct gy_str name)
{
    bool is_external = call->user_id.len > 0;
    if (!is_wanted(inbox, is_trait ? 't' : 'e', name)) {
        return false;
    }
    add_note(&inbox->notes,
             (struct gy_live_note){is_external ? call->user_id : call->anonymous_id, is_external,
                                   is_trait, name, call->has_time ? call->time_ms : INT64_MIN});
    return true;
}

static bool keep_call(struct gy_live_inbox *inbox, const struct gy_call *call)
{
    bool is_kept = false;
    if (call->type != GY_CALL_IDENTIFY && call->type != GY_CALL_ALIAS) {
        return keep(inbox, call, false, call->event);
    }
    for (uint32_t i = 0; call->type == GY_CALL_IDENTIFY && i < call->n_fields; i++) {
        is_kept |= keep(inbox, call, true, call->fields[i].name);
    }
    return is_kept;
}

bool gy_live_inbox_put(struct gy_live_inbox *inbox, const struct gy_call *calls, size_t n)
{
    bool is_kept = false;
    if (!atomic_load_explicit(&inbox->is_used, memory_order_relaxed)) {
        return false;
    }
    pthread_mutex_lock(&inbox->lock);
    for (size_t i = 0; i < n; i++) {
        is_kept |= keep_call(inbox, &calls[i]);
    }
    pthread_mutex_unlock(&inbox->lock);
    return is_kept;
}

/* Moves those that are a little ahead back into the inbox. */
static void leave_later(struct gy_live_inbox *inbox, int64_t now_ms, struct gy_live_notes *out)
{
    size_t n = 0;
    out->next_ms = INT64_MAX;
    for (size_t i = 0; i < out->n; i++) {
        const struct gy_live_note *note = &out->notes[i];
        if (note->time_ms <= now_ms || note->time_ms > now_ms + GY_LIVE_AHEAD_MS) {
            out->notes[n++] = *note;
            continue;
        }
        add_note(&inbox->notes, *note);
        out->next_ms = note->time_ms < out->next_ms ? note->time_ms : out->next_ms;
    }
    out->n = n;
}

void gy_live_inbox_take(struct gy_live_inbox *inbox, int64_t now_ms, struct gy_live_notes *out)
{
    pthread_mutex_lock(&inbox->lock);
    *out = inbox->notes;
    inbox->notes = (struct gy_live_notes){0};
    leave_later(inbox, now_ms, out);
    pthread_mutex_unlock(&inbox->lock);
}
