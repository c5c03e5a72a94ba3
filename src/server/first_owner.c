/* first_owner.c - see first_owner.h. */
#include "server/first_owner.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/zone.h"
#include "server/log_line.h"
#include "store/writer.h"

struct first {
    const char *url;
    bool is_wanted;
    uint8_t hash[32];
};

static enum gy_status put(struct gy_writer *writer, void *context, struct gy_error *err)
{
    const struct first *first = context;
    GY_TRY(gy_writer_put_server_url(writer, gy_str_of(first->url), err));
    return first->is_wanted ? gy_writer_invite(writer, 0, first->hash,
                                               gy_now_ms() + GY_LINK_HOURS * INT64_C(3600000), err)
                            : GY_OK;
}

void gy_first_owner_invite(struct gy_access *access, struct gy_write_queue *queue, const char *url)
{
    struct gy_error err = {0};
    struct gy_log_line line;
    char secret[GY_SECRET_SIZE];
    char link[GY_URL_SIZE + GY_SECRET_SIZE + 8];
    struct first first = {.url = url, .is_wanted = gy_access_n_users(access) == 0};
    gy_secret_make(GY_SECRET_INVITATION, secret);
    gy_hash_secret(gy_str_of(secret), first.hash);
    if (gy_write_queue_record(queue, put, &first, &err) != GY_OK) {
        gy_log_error("the first owner's link could not be made", &err);
    } else if (first.is_wanted) {
        gy_access_reload(access);
        snprintf(link, sizeof link, "%s/setup#%s", url, secret);
        gy_log_begin(&line, "warning", "nobody can log in: there is no user");
        gy_log_text(&line, "link", link);
        gy_log_text(&line, "hint", "The link makes the first owner, once, within 24 hours.");
        gy_log_end(&line);
    }
}
