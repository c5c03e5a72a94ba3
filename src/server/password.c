/* password.c - see password.h. */
#include "server/password.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    AT_ONCE = 2,
    WAITING_MAX = 4
};

_Static_assert((int)GY_PASSWORD_HASH_SIZE >= (int)crypto_pwhash_STRBYTES, "a hash has room");

struct gy_password_gate {
    pthread_mutex_t lock;
    pthread_cond_t wakes;
    unsigned n_hashing;
    unsigned n_waiting;
};

struct gy_password_gate *gy_password_gate_new(void)
{
    struct gy_password_gate *gate = gy_alloc_zero(1, sizeof *gate);
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->wakes, NULL);
    GY_ASSERT(sodium_init() >= 0);
    return gate;
}

void gy_password_gate_free(struct gy_password_gate *gate)
{
    if (gate == NULL) {
        return;
    }
    pthread_cond_destroy(&gate->wakes);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

static enum gy_status enter(struct gy_password_gate *gate, struct gy_error *err)
{
    enum gy_status status = GY_OK;
    pthread_mutex_lock(&gate->lock);
    if (gate->n_waiting == WAITING_MAX) {
        status = gy_error_set(err, GY_TOO_MANY, "too many passwords are being looked at");
    } else {
        gate->n_waiting++;
        while (gate->n_hashing == AT_ONCE) {
            pthread_cond_wait(&gate->wakes, &gate->lock);
        }
        gate->n_waiting--;
        gate->n_hashing++;
    }
    pthread_mutex_unlock(&gate->lock);
    return status;
}

static void leave(struct gy_password_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->n_hashing--;
    pthread_cond_signal(&gate->wakes);
    pthread_mutex_unlock(&gate->lock);
}

enum gy_status gy_password_check(struct gy_str password, struct gy_str name, struct gy_error *err)
{
    if (!gy_text_is_utf8(password) || gy_text_length(password) < GY_PASSWORD_MIN ||
        password.len > GY_PASSWORD_MAX) {
        return gy_error_set(err, GY_INVALID, "a password has at least %d characters",
                            GY_PASSWORD_MIN);
    }
    return password.len != name.len || strncasecmp(password.ptr, name.ptr, name.len) != 0
               ? GY_OK
               : gy_error_set(err, GY_INVALID, "the password is the name");
}

enum gy_status gy_password_hash(struct gy_password_gate *gate, struct gy_str password,
                                char out[GY_PASSWORD_HASH_SIZE], struct gy_error *err)
{
    GY_TRY(enter(gate, err));
    int code =
        crypto_pwhash_str(out, password.ptr, password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE);
    leave(gate);
    return code == 0 ? GY_OK : gy_error_set(err, GY_BUSY, "there is no memory for a password");
}

enum gy_status gy_password_is(struct gy_password_gate *gate, const char *hash,
                              struct gy_str password, bool *is, struct gy_error *err)
{
    char unused[GY_PASSWORD_HASH_SIZE];
    *is = false;
    if (password.len > GY_PASSWORD_MAX) {
        return GY_OK;
    }
    if (hash[0] == '\0') {
        return gy_password_hash(gate, password, unused, err);
    }
    GY_TRY(enter(gate, err));
    *is = crypto_pwhash_str_verify(hash, password.ptr, password.len) == 0;
    leave(gate);
    return GY_OK;
}
