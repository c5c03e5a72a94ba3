/* settings.h - what a workspace is set to: its time zone, currency and language. */
#ifndef GY_STORE_SETTINGS_H
#define GY_STORE_SETTINGS_H

#include "base/zone.h"
#include "store/catalog.h"

struct gy_settings {
    char currency[8]; /* "KRW"; "" where none was set */
    char language[8]; /* "en" or "ko" */
};

/* Whether such a setting can be: three capital letters or nothing, resp. en or ko. INVALID. */
GY_CHECKED enum gy_status gy_currency_check(const char *currency, struct gy_error *err);
GY_CHECKED enum gy_status gy_language_check(const char *language, struct gy_error *err);

/* Reads those of a catalog, and opens its zone, which is owned by the caller (gy_zone_close). One that
 * cannot be is CORRUPT: nobody could have set it. */
GY_CHECKED enum gy_status gy_settings_load(struct gy_catalog *c, struct gy_settings *out,
                                           struct gy_zone **zone, struct gy_error *err);

#endif
