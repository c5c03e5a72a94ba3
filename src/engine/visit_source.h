/* visit_source.h - where a visit came from, said by its first page and what led there.
 *
 * In this order:
 *   1. the address says it: utm_source, utm_medium, utm_campaign, utm_term, utm_content
 *   2. an advertisement marked the address: gclid, msclkid, NaPm, …
 *   3. the page before was of another site: a search engine (medium "organic") or not ("referral")
 *   4. nothing says it: "(direct)" and "(none)"
 *
 * The channel follows from source, medium and campaign by the rules that Google Analytics 4 has published for its
 * default channel group (support.google.com/analytics/answer/9756891); its lists of sites are not published:
 * visit_sites.def has ours.
 */
#ifndef GY_ENGINE_VISIT_SOURCE_H
#define GY_ENGINE_VISIT_SOURCE_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/str.h"

/* What a page call says; what it does not is empty. */
struct gy_page {
    struct gy_str url;
    struct gy_str path;
    struct gy_str search; /* the query, with or without its "?" */
    struct gy_str referrer;
};

/* Empty: not known. Views, or allocated in the arena. */
struct gy_visit_source {
    struct gy_str source;
    struct gy_str medium;
    struct gy_str campaign;
    struct gy_str term;
    struct gy_str content;
};

/* What was found out about sites, which are few: all zero at first, one owner. */
struct gy_known_sites {
    struct gy_intern names;
    struct gy_known_site *sites; /* by the name's number */
    uint32_t capacity;
};

void gy_known_sites_release(struct gy_known_sites *known);

void gy_visit_source_of(const struct gy_page *first, struct gy_known_sites *known,
                        struct gy_arena *arena, struct gy_visit_source *out);
struct gy_str gy_visit_channel(const struct gy_visit_source *source, struct gy_known_sites *known,
                               struct gy_arena *arena);

/* The page's own path, else that of its address. */
struct gy_str gy_page_path(const struct gy_page *page);
/* The site that led to it, if it is another one. */
struct gy_str gy_page_referrer_host(const struct gy_page *page, struct gy_arena *arena);
struct gy_str gy_page_referrer(const struct gy_page *page);
/* What was looked for on the site itself. */
struct gy_str gy_page_search_term(const struct gy_page *page, struct gy_arena *arena);

#endif
