/* secret.c - see secret.h. */
#include "base/secret.h"

#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "base/status.h"

enum {
    LETTERS = 32
};

/* A byte past the largest multiple of 62 is drawn again, so that all letters are as likely. */
void gy_secret_make(const char *prefix, char out[GY_SECRET_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t len = strlen(prefix);
    GY_ASSERT(len + LETTERS < GY_SECRET_SIZE);
    memcpy(out, prefix, len);
    for (int n = 0; n < LETTERS;) {
        uint8_t byte;
        gy_random_bytes(&byte, 1);
        if (byte < 4 * 62) {
            out[len++] = letters[byte % 62];
            n++;
        }
    }
    out[len] = '\0';
}
