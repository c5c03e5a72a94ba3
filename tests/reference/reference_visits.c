/* reference_visits.c - visits the plain way: a customer's events once more, with the visits among them.
 *
 * Written from docs/visits.md. Of sites it knows those that random data has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "reference/reference_internal.h"

static const char *const NAMES[REF_VISIT_PROPERTIES] = {
    "pages",   "seconds", "is_bounce", "source",        "medium",       "campaign",  "term",
    "content", "channel", "referrer",  "referrer_host", "landing_path", "exit_path", "search_term"};

struct gy_str ref_visit_property(uint32_t i)
{
    return gy_str_of(NAMES[i]);
}

enum gy_type ref_visit_type(uint32_t i)
{
    return i < 2 ? GY_TYPE_NUMBER : i == 2 ? GY_TYPE_BOOL : GY_TYPE_STRING;
}

/* ---- addresses, as C strings ---- */

struct address {
    char *host;
    char *path;
    char *query;
};

static char *part(struct ref_data *d, const char *from, const char *to)
{
    return (char *)(uintptr_t)gy_arena_str(&d->arena, (struct gy_str){from, (size_t)(to - from)})
        .ptr;
}

static const char *end_of(const char *s)
{
    return s + strlen(s);
}

static const char *find_or_end(const char *s, const char *any)
{
    return s + strcspn(s, any);
}

static struct address address_of(struct ref_data *d, struct gy_str text)
{
    char *s = part(d, text.ptr, text.ptr + text.len);
    struct address a = {part(d, s, s), part(d, s, s), part(d, s, s)};
    s[strcspn(s, "#")] = '\0';
    char *question = strchr(s, '?');
    if (question != NULL) {
        a.query = part(d, question + 1, end_of(question));
        *question = '\0';
    }
    const char *colon = strstr(s, "://");
    const char *path = s;
    if (colon != NULL && colon > s && strspn(s, "htpsHTPS") == (size_t)(colon - s)) {
        const char *host = colon + 3;
        path = find_or_end(host, "/\\");
        a.host = part(d, host, path);
        if (strrchr(a.host, '@') != NULL) {
            a.host = strrchr(a.host, '@') + 1;
        }
        char *port = strrchr(a.host, ':');
        if (port != NULL && strspn(port + 1, "0123456789") == strlen(port + 1)) {
            *port = '\0';
        }
        size_t n = strlen(a.host);
        if (n > 0 && a.host[n - 1] == '.') {
            a.host[n - 1] = '\0';
        }
        for (char *c = a.host; *c != '\0'; c++) {
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        }
        if (strncmp(a.host, "www.", 4) == 0) {
            a.host += 4;
        }
    }
    a.path = path[0] == '/' ? part(d, path, end_of(path)) : a.path;
    return a;
}

static struct gy_str decoded(struct ref_data *d, const char *s)
{
    struct gy_buf out = {0};
    for (const char *c = s; *c != '\0'; c++) {
        unsigned byte;
        if (c[0] == '%' && strspn(c + 1, "0123456789abcdefABCDEF") >= 2) {
            char digits[3] = {c[1], c[2], '\0'};
            sscanf(digits, "%x", &byte);
            gy_buf_char(&out, (char)byte);
            c += 2;
        } else {
            gy_buf_char(&out, *c == '+' ? ' ' : *c);
        }
    }
    struct gy_str text = gy_arena_str(&d->arena, gy_buf_view(&out));
    gy_buf_release(&out);
    return gy_text_nfc(gy_text_is_utf8(text) ? text : gy_str_of(s), &d->arena);
}

static struct gy_str parameter(struct ref_data *d, const char *query, const char *name)
{
    for (const char *at = query; *at != '\0';) {
        const char *end = find_or_end(at, "&;");
        const char *pair = part(d, at, end);
        const char *equals = strchr(pair, '=');
        if (equals != NULL && equals[1] != '\0' && strlen(name) == (size_t)(equals - pair) &&
            strncmp(pair, name, strlen(name)) == 0) {
            return decoded(d, equals + 1);
        }
        at = *end == '\0' ? end : end + 1;
    }
    return GY_STR("");
}

/* ---- pages ---- */

struct page {
    struct address address;
    struct address referrer;
    struct gy_str path;
    struct gy_str referrer_text;
};

static struct gy_str text_of(const struct ref_event *e, const char *name)
{
    struct ref_value value = ref_property_of(e, gy_str_of(name));
    return value.type == GY_TYPE_STRING ? value.string : GY_STR("");
}

static struct page page_of(struct ref_data *d, const struct ref_event *e)
{
    struct page p = {.address = address_of(d, text_of(e, "url")),
                     .path = text_of(e, "path"),
                     .referrer_text = text_of(e, "referrer")};
    struct gy_str search = text_of(e, "search");
    if (text_of(e, "url").len == 0 && search.len > 0) {
        p.address.query = part(d, search.ptr + (search.ptr[0] == '?'), search.ptr + search.len);
    }
    if (p.path.len == 0) {
        p.path = gy_str_of(p.address.path);
    }
    if (gy_str_equal(p.referrer_text, GY_STR("$direct"))) {
        p.referrer_text = GY_STR("");
    }
    p.referrer = address_of(d, p.referrer_text);
    if (strcmp(p.referrer.host, p.address.host) == 0) {
        p.referrer.host = part(d, p.referrer.host, p.referrer.host);
    }
    return p;
}

static struct gy_str looked_for(struct ref_data *d, const struct page *p)
{
    const char *const names[] = {"q", "s", "search", "query", "keyword"};
    struct gy_str term = {"", 0};
    for (size_t i = 0; i < 5 && term.len == 0; i++) {
        term = parameter(d, p->address.query, names[i]);
    }
    return term;
}

/* ---- where from ---- */

struct origin {
    struct gy_str source;
    struct gy_str medium;
    struct gy_str campaign;
    struct gy_str term;
    struct gy_str content;
};

static struct origin origin_of(struct ref_data *d, const struct page *p)
{
    const char *query = p->address.query;
    const char *host = p->referrer.host;
    struct origin o = {parameter(d, query, "utm_source"), parameter(d, query, "utm_medium"),
                       parameter(d, query, "utm_campaign"), parameter(d, query, "utm_term"),
                       parameter(d, query, "utm_content")};
    if (o.source.len > 0 || o.medium.len > 0 || o.campaign.len > 0) {
        return o;
    }
    if (parameter(d, query, "gclid").len > 0) {
        o.source = GY_STR("google");
        o.medium = GY_STR("cpc");
    } else if (strncmp(host, "google.", 7) == 0) {
        o.source = GY_STR("google");
        o.medium = GY_STR("organic");
        o.term = o.term.len > 0 ? o.term : parameter(d, p->referrer.query, "q");
    } else if (strcmp(host, "search.naver.com") == 0) {
        o.source = GY_STR("naver");
        o.medium = GY_STR("organic");
        o.term = o.term.len > 0 ? o.term : parameter(d, p->referrer.query, "query");
    } else if (*host != '\0') {
        o.source = gy_str_of(host);
        o.medium = GY_STR("referral");
    } else {
        o.source = GY_STR("(direct)");
        o.medium = GY_STR("(none)");
    }
    return o;
}

static bool is(struct gy_str s, const char *text)
{
    return s.len == strlen(text) && strncasecmp(s.ptr, text, s.len) == 0;
}

/* The rules that random sources and media meet. */
static struct gy_str channel_of(const struct origin *o)
{
    bool is_search = is(o->source, "google") || is(o->source, "naver");
    bool is_social = is(o->source, "m.facebook.com") || is(o->source, "facebook");
    if (is(o->source, "(direct)")) {
        return GY_STR("Direct");
    }
    if (is(o->medium, "cpc")) {
        return is_search   ? GY_STR("Paid Search")
               : is_social ? GY_STR("Paid Social")
                           : GY_STR("Paid Other");
    }
    if (is_social || is(o->medium, "social")) {
        return GY_STR("Organic Social");
    }
    if (is_search) {
        return GY_STR("Organic Search");
    }
    return is(o->medium, "referral") ? GY_STR("Referral")
           : is(o->medium, "email")  ? GY_STR("Email")
                                     : GY_STR("Unassigned");
}

/* ---- visits ---- */

static void put(struct ref_event *visit, const char *name, struct ref_value value)
{
    visit->properties[visit->n_properties++] = (struct ref_property){gy_str_of(name), value};
}

static void put_text(struct ref_event *visit, const char *name, struct gy_str text)
{
    if (text.len > 0) {
        put(visit, name, (struct ref_value){.type = GY_TYPE_STRING, .string = text});
    }
}

/* `pages` are those of one visit, in order. */
static struct ref_event visit_of(struct ref_data *d, const struct ref_event *const *pages, size_t n)
{
    struct page first = page_of(d, pages[0]);
    struct page last = page_of(d, pages[n - 1]);
    struct origin o = origin_of(d, &first);
    struct ref_event visit = {.name = GY_STR("Visit"), .time_ms = pages[0]->time_ms};
    struct gy_str term = {"", 0};
    int64_t ms = pages[n - 1]->time_ms - pages[0]->time_ms;
    visit.properties = GY_NEW_ARRAY(&d->arena, struct ref_property, REF_VISIT_PROPERTIES);
    for (size_t i = 0; i < n && term.len == 0; i++) {
        struct page p = page_of(d, pages[i]);
        term = looked_for(d, &p);
    }
    put(&visit, "pages", (struct ref_value){.type = GY_TYPE_NUMBER, .number = (double)n});
    put(&visit, "seconds",
        (struct ref_value){.type = GY_TYPE_NUMBER, .number = (double)ms / 1000.0});
    put(&visit, "is_bounce", (struct ref_value){.type = GY_TYPE_BOOL, .number = n == 1});
    put_text(&visit, "source", o.source);
    put_text(&visit, "medium", o.medium);
    put_text(&visit, "campaign", o.campaign);
    put_text(&visit, "term", o.term);
    put_text(&visit, "content", o.content);
    put_text(&visit, "channel", channel_of(&o));
    put_text(&visit, "referrer", first.referrer_text);
    put_text(&visit, "referrer_host", gy_str_of(first.referrer.host));
    put_text(&visit, "landing_path", first.path);
    put_text(&visit, "exit_path", last.path);
    put_text(&visit, "search_term", term);
    return visit;
}

/* The customer's pages up to now from `at` on that are one visit; how many. */
static size_t take_visit(const struct ref_customer *c, size_t at, int64_t now_ms,
                         const struct ref_event **pages)
{
    size_t n = 0;
    for (size_t i = at; i < c->n_events && c->events[i].time_ms <= now_ms; i++) {
        const struct ref_event *e = &c->events[i];
        if (!gy_str_equal(e->name, GY_STR("Page Viewed"))) {
            continue;
        }
        if (n > 0 && e->time_ms > pages[n - 1]->time_ms + 30 * 60 * 1000) {
            break;
        }
        pages[n++] = e;
    }
    return n;
}

static struct ref_customer add_visits(struct ref_data *d, const struct ref_customer *c,
                                      int64_t now_ms)
{
    struct ref_customer out = *c;
    const struct ref_event **pages = gy_alloc_zero(c->n_events + 1, sizeof *pages);
    const struct ref_event *last = NULL; /* the last page of the visit before */
    out.events = GY_NEW_ARRAY(&d->arena, struct ref_event, 2 * c->n_events + 1);
    out.n_events = 0;
    for (size_t i = 0; i < c->n_events; i++) {
        const struct ref_event *e = &c->events[i];
        out.events[out.n_events++] = *e;
        bool begins = gy_str_equal(e->name, GY_STR("Page Viewed")) && e->time_ms <= now_ms &&
                      (last == NULL || e > last);
        if (begins) {
            size_t n = take_visit(c, i, now_ms, pages);
            out.events[out.n_events++] = visit_of(d, pages, n);
            last = pages[n - 1];
        }
    }
    free(pages);
    return out;
}

const struct ref_customer *ref_with_visits(struct ref_data *d, const struct ref_customer *c,
                                           int64_t now_ms)
{
    for (size_t i = 0; i < d->n_visitors; i++) {
        if (d->visitors[i].of == c && d->visitors[i].now_ms == now_ms) {
            return d->visitors[i].with_visits;
        }
    }
    struct ref_customer *with_visits = GY_NEW(&d->arena, struct ref_customer);
    *with_visits = add_visits(d, c, now_ms);
    d->visitors[d->next_visitor] = (struct ref_visitor){c, now_ms, with_visits};
    d->next_visitor = (d->next_visitor + 1) % REF_KEPT_VISITORS;
    d->n_visitors += d->n_visitors < REF_KEPT_VISITORS;
    return with_visits;
}
