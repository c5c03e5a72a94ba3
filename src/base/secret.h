/* secret.h - secrets that the program makes: keys, tokens, sessions, links.
 *
 * A prefix that says what it is, and letters and digits, so that it survives being copied and is known for what it is
 * where it should not stand: "gyk_" and 32 of 62 letters, 190 bits. It is shown once; what is stored is
 * gy_hash_secret of it.
 */
#ifndef GY_BASE_SECRET_H
#define GY_BASE_SECRET_H

enum {
    GY_SECRET_SIZE = 48 /* with the NUL */
};

#define GY_SECRET_WRITE_KEY  "gyk_"
#define GY_SECRET_TOKEN      "gyt_"
#define GY_SECRET_SESSION    "gys_"
#define GY_SECRET_INVITATION "gyi_"
#define GY_SECRET_WEBHOOK    "gyw_"

void gy_secret_make(const char *prefix, char out[GY_SECRET_SIZE]);

#endif
