/* first_owner.h - the link by which the first owner comes in.
 *
 * As long as there is no user, each start of the server makes a link that holds for a day and once, in place of the
 * one before, and logs it: whoever can read the log of a server that nobody owns yet may own it.
 *
 *     https://crm.example.com/setup#gyi_…      behind the #, so that it is in no log of a proxy
 */
#ifndef GY_SERVER_FIRST_OWNER_H
#define GY_SERVER_FIRST_OWNER_H

#include "server/access.h"

enum {
    GY_URL_SIZE = 256,
    GY_LINK_HOURS = 24 /* that a link holds */
};

/* Stores `url`, where people reach the server, and makes the link where there is no user. What fails is logged: events
 * can be taken without. */
void gy_first_owner_invite(struct gy_access *access, struct gy_write_queue *queue, const char *url);

#endif
