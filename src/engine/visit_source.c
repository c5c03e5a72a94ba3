/* visit_source.c - see visit_source.h. */
#include "engine/visit_source.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/url.h"

/* ---- sites ---- */

enum kind {
    SHOPPING,
    SEARCH_ENGINE,
    SOCIAL,
    VIDEO,
    OTHER
};

static struct gy_str behind_dot(struct gy_str host)
{
    const char *dot = host.len == 0 ? NULL : memchr(host.ptr, '.', host.len);
    if (dot == NULL) {
        return GY_STR("");
    }
    size_t at = (size_t)(dot - host.ptr) + 1;
    return (struct gy_str){host.ptr + at, host.len - at};
}

static bool is_top_level(struct gy_str s)
{
    struct gy_str country = behind_dot(s);
    return s.len > 0 && (country.len == 0 || (s.len <= 6 && behind_dot(country).len == 0));
}

/* "google.com", "google.co.kr", and "google" itself. */
static bool is_named(struct gy_str host, struct gy_str name)
{
    if (!gy_str_starts_with(host, name)) {
        return false;
    }
    struct gy_str rest = {host.ptr + name.len, host.len - name.len};
    return rest.len == 0 || (rest.ptr[0] == '.' && is_top_level(behind_dot(rest)));
}

static bool has_dot(struct gy_str name)
{
    return behind_dot(name).len > 0;
}

/* The host itself, or one below it. */
static bool is_of_site(struct gy_str host, struct gy_str site)
{
    for (; host.len >= site.len && host.len > 0; host = behind_dot(host)) {
        if (has_dot(site) ? gy_str_equal(host, site) : is_named(host, site)) {
            return true;
        }
    }
    return false;
}

struct engine {
    const char *host;
    const char *source;
    const char *parameter;
};

static const struct engine engines[] = {
#define SEARCH(host, source, parameter) {host, source, parameter},
#include "engine/visit_sites.def"
#undef SEARCH
};

static const struct {
    const char *name;
    enum kind kind;
} sites[] = {
#define SITE(name, kind) {name, kind},
#include "engine/visit_sites.def"
#undef SITE
};

static const struct engine *find_engine(struct gy_str host)
{
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        struct gy_str name = gy_str_of(engines[i].host);
        if (has_dot(name) ? is_of_site(host, name) : is_named(host, name)) {
            return &engines[i];
        }
    }
    return NULL;
}

/* Of a source in small letters. */
static enum kind find_kind(struct gy_str source)
{
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        if (is_of_site(source, gy_str_of(sites[i].name))) {
            return sites[i].kind;
        }
    }
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        if (gy_str_equal(source, gy_str_of(engines[i].source))) {
            return SEARCH_ENGINE;
        }
    }
    return find_engine(source) != NULL ? SEARCH_ENGINE : OTHER;
}

/* ---- what was found out ---- */

struct gy_known_site {
    enum kind kind;
    const struct engine *engine; /* or NULL */
};

enum {
    KNOWN_MAX = 65536
};

void gy_known_sites_release(struct gy_known_sites *known)
{
    gy_intern_release(&known->names);
    free(known->sites);
    *known = (struct gy_known_sites){0};
}

static struct gy_known_site know(struct gy_known_sites *known, struct gy_str name)
{
    if (known->names.n == KNOWN_MAX) {
        gy_intern_reset(&known->names);
    }
    uint32_t n_before = known->names.n;
    uint32_t place = gy_intern_add(&known->names, name);
    GY_GROW(known->sites, known->capacity, known->names.n);
    if (known->names.n > n_before) {
        known->sites[place] = (struct gy_known_site){find_kind(name), find_engine(name)};
    }
    return known->sites[place];
}

/* ---- pages ---- */

static struct gy_str query_of(const struct gy_page *page)
{
    struct gy_str search = page->search;
    if (page->url.len > 0 || search.len == 0) {
        return gy_url_split(page->url).query;
    }
    return search.ptr[0] == '?' ? (struct gy_str){search.ptr + 1, search.len - 1} : search;
}

struct gy_str gy_page_path(const struct gy_page *page)
{
    return page->path.len > 0 ? page->path : gy_url_split(page->url).path;
}

/* RudderStack's library writes "$direct" where nothing led to the page. */
struct gy_str gy_page_referrer(const struct gy_page *page)
{
    return gy_str_equal(page->referrer, GY_STR("$direct")) ? GY_STR("") : page->referrer;
}

struct gy_str gy_page_referrer_host(const struct gy_page *page, struct gy_arena *arena)
{
    struct gy_str host = gy_url_site(gy_url_split(page->referrer).host, arena);
    struct gy_str own = gy_url_site(gy_url_split(page->url).host, arena);
    return gy_str_equal(host, own) ? GY_STR("") : host;
}

/* The names that Google Analytics 4 looks for, if nothing else is set. */
struct gy_str gy_page_search_term(const struct gy_page *page, struct gy_arena *arena)
{
    static const char *const names[] = {"q", "s", "search", "query", "keyword"};
    struct gy_str query = query_of(page);
    struct gy_str term = {"", 0};
    for (size_t i = 0; i < sizeof names / sizeof *names && term.len == 0; i++) {
        term = gy_url_parameter(query, gy_str_of(names[i]), arena);
    }
    return term;
}

/* ---- where from ---- */

static bool says_itself(struct gy_str query, struct gy_arena *arena, struct gy_visit_source *out)
{
    out->source = gy_url_parameter(query, GY_STR("utm_source"), arena);
    out->medium = gy_url_parameter(query, GY_STR("utm_medium"), arena);
    out->campaign = gy_url_parameter(query, GY_STR("utm_campaign"), arena);
    out->term = gy_url_parameter(query, GY_STR("utm_term"), arena);
    out->content = gy_url_parameter(query, GY_STR("utm_content"), arena);
    return out->source.len + out->medium.len + out->campaign.len > 0;
}

/* What the systems of advertisers add to addresses by themselves. */
static bool is_marked(struct gy_str query, struct gy_arena *arena, struct gy_visit_source *out)
{
    static const struct {
        const char *parameter;
        const char *source;
        const char *term;
    } marks[] = {
        {"gclid", "google", NULL},   {"gbraid", "google", NULL}, {"wbraid", "google", NULL},
        {"dclid", "google", NULL},   {"msclkid", "bing", NULL},  {"n_media", "naver", "n_keyword"},
        {"NaPm", "naver", NULL},     {"yclid", "yandex", NULL},  {"ttclid", "tiktok", NULL},
        {"twclid", "twitter", NULL},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (gy_url_parameter(query, gy_str_of(marks[i].parameter), arena).len == 0) {
            continue;
        }
        out->source = gy_str_of(marks[i].source);
        out->medium = GY_STR("cpc");
        if (marks[i].term != NULL && out->term.len == 0) {
            out->term = gy_url_parameter(query, gy_str_of(marks[i].term), arena);
        }
        return true;
    }
    return false;
}

static bool was_led(const struct gy_page *page, struct gy_known_sites *known,
                    struct gy_arena *arena, struct gy_visit_source *out)
{
    struct gy_str host = gy_page_referrer_host(page, arena);
    if (host.len == 0) {
        return false;
    }
    const struct engine *engine = know(known, host).engine;
    if (engine == NULL) {
        out->source = host;
        out->medium = GY_STR("referral");
        return true;
    }
    out->source = gy_str_of(engine->source);
    out->medium = GY_STR("organic");
    if (out->term.len == 0) {
        struct gy_str query = gy_url_split(page->referrer).query;
        out->term = gy_url_parameter(query, gy_str_of(engine->parameter), arena);
    }
    return true;
}

void gy_visit_source_of(const struct gy_page *first, struct gy_known_sites *known,
                        struct gy_arena *arena, struct gy_visit_source *out)
{
    struct gy_str query = query_of(first);
    if (says_itself(query, arena, out) || is_marked(query, arena, out) ||
        was_led(first, known, arena, out)) {
        return;
    }
    out->source = GY_STR("(direct)");
    out->medium = GY_STR("(none)");
}

/* ---- channels ---- */

static bool is_one_of(struct gy_str s, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (gy_str_equal(s, gy_str_of(*words))) {
            return true;
        }
    }
    return false;
}

#define IS_ONE_OF(s, ...) is_one_of((s), (const char *const[]){__VA_ARGS__, NULL})

/* ^(.*cp.*|ppc|retargeting|paid.*)$ */
static bool is_paid(struct gy_str medium)
{
    return gy_str_contains(medium, GY_STR("cp")) || IS_ONE_OF(medium, "ppc", "retargeting") ||
           gy_str_starts_with(medium, GY_STR("paid"));
}

/* ^(.*(([^a-df-z]|^)shop|shopping).*)$ */
static bool is_of_shopping(struct gy_str campaign)
{
    if (gy_str_contains(campaign, GY_STR("shopping"))) {
        return true;
    }
    for (size_t i = 0; i + 4 <= campaign.len; i++) {
        char before = i == 0 ? ' ' : campaign.ptr[i - 1];
        bool may_stand_before = before == 'e' || before < 'a' || before > 'z';
        if (may_stand_before && memcmp(campaign.ptr + i, "shop", 4) == 0) {
            return true;
        }
    }
    return false;
}

static const char *paid_channel(enum kind kind, struct gy_str campaign)
{
    if (kind == SHOPPING || is_of_shopping(campaign)) {
        return "Paid Shopping";
    }
    return kind == SEARCH_ENGINE ? "Paid Search"
           : kind == SOCIAL      ? "Paid Social"
           : kind == VIDEO       ? "Paid Video"
                                 : NULL;
}

/* All in small letters. */
static const char *channel_of(enum kind kind, struct gy_str source, struct gy_str medium,
                              struct gy_str campaign)
{
    const char *paid = is_paid(medium) ? paid_channel(kind, campaign) : NULL;
    if (gy_str_equal(source, GY_STR("(direct)")) && IS_ONE_OF(medium, "(none)", "(not set)")) {
        return "Direct";
    }
    if (gy_str_contains(campaign, GY_STR("cross-network"))) {
        return "Cross-network";
    }
    if (paid != NULL) {
        return paid;
    }
    if (IS_ONE_OF(medium, "display", "banner", "expandable", "interstitial", "cpm")) {
        return "Display";
    }
    if (is_paid(medium)) {
        return "Paid Other";
    }
    if (kind == SHOPPING || is_of_shopping(campaign)) {
        return "Organic Shopping";
    }
    if (kind == SOCIAL || IS_ONE_OF(medium, "social", "social-network", "social-media", "sm",
                                    "social network", "social media")) {
        return "Organic Social";
    }
    if (kind == VIDEO || gy_str_contains(medium, GY_STR("video"))) {
        return "Organic Video";
    }
    if (kind == SEARCH_ENGINE || gy_str_equal(medium, GY_STR("organic"))) {
        return "Organic Search";
    }
    if (IS_ONE_OF(medium, "referral", "app", "link")) {
        return "Referral";
    }
    if (IS_ONE_OF(source, "email", "e-mail", "e_mail", "e mail") ||
        IS_ONE_OF(medium, "email", "e-mail", "e_mail", "e mail")) {
        return "Email";
    }
    if (gy_str_equal(medium, GY_STR("affiliate"))) {
        return "Affiliates";
    }
    if (gy_str_equal(medium, GY_STR("audio"))) {
        return "Audio";
    }
    if (gy_str_equal(source, GY_STR("sms")) || gy_str_equal(medium, GY_STR("sms"))) {
        return "SMS";
    }
    bool is_push =
        gy_str_ends_with(medium, GY_STR("push")) || gy_str_contains(medium, GY_STR("mobile")) ||
        gy_str_contains(medium, GY_STR("notification")) || gy_str_equal(source, GY_STR("firebase"));
    return is_push ? "Mobile Push Notifications" : "Unassigned";
}

static struct gy_str small(struct gy_str s, struct gy_arena *arena)
{
    char *out = gy_arena_alloc(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    return (struct gy_str){out, s.len};
}

struct gy_str gy_visit_channel(const struct gy_visit_source *source, struct gy_known_sites *known,
                               struct gy_arena *arena)
{
    struct gy_str name = small(source->source, arena);
    return gy_str_of(channel_of(know(known, name).kind, name, small(source->medium, arena),
                                small(source->campaign, arena)));
}
