/* settings.c - see settings.h. */
#include "store/settings.h"

#include <string.h>

enum gy_status gy_currency_check(const char *currency, struct gy_error *err)
{
    size_t len = strlen(currency);
    if (len == 0 || (len == 3 && strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3))
        return GY_OK;
    gy_error_set(err, GY_INVALID, "unrecognized currency \"%s\"", currency);
    gy_error_hint(err, "A currency is an ISO 4217 code of three capital letters, like EUR or KRW.");
    return GY_INVALID;
}

enum gy_status gy_language_check(const char *language, struct gy_error *err)
{
    if (strcmp(language, "en") == 0 || strcmp(language, "ko") == 0)
        return GY_OK;
    gy_error_set(err, GY_INVALID, "unrecognized language \"%s\"", language);
    gy_error_hint(err, "The languages are en and ko.");
    return GY_INVALID;
}

static enum gy_status load(struct gy_catalog *c, struct gy_settings *out, struct gy_zone **zone,
                           struct gy_error *err)
{
    char zone_name[128];
    GY_TRY(gy_catalog_setting(c, "time_zone", zone_name, sizeof zone_name, err));
    GY_TRY(gy_catalog_setting(c, "currency", out->currency, sizeof out->currency, err));
    GY_TRY(gy_catalog_setting(c, "language", out->language, sizeof out->language, err));
    GY_TRY(gy_currency_check(out->currency, err));
    GY_TRY(gy_language_check(out->language, err));
    return gy_zone_open(zone_name, zone, err);
}

enum gy_status gy_settings_load(struct gy_catalog *c, struct gy_settings *out,
                                struct gy_zone **zone, struct gy_error *err)
{
    struct gy_error ours = {0};
    enum gy_status status = load(c, out, zone, &ours);
    if (status == GY_INVALID) {
        return gy_error_set(err, GY_CORRUPT, "the catalog \"%s\" holds a damaged setting: %s",
                            c->path, ours.message);
    }
    if (status != GY_OK && err != NULL)
        *err = ours;
    return status;
}
