// regex.cc - a reader of POSIX syntax in front of RE2.
//
// RE2 accepts more than POSIX defines and escapes differently (a backslash within brackets), so the
// pattern is read by our own small reader first, which rejects what POSIX leaves undefined and
// writes the same expression in RE2's spelling. One pass, no recursion: open groups are counted.
//
// POSIX.1-2017, XBD 9.3.5 (bracket expressions) and 9.4 (extended regular expressions).
#include "base/regex.h"

#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include <re2/re2.h>

namespace
{

constexpr int REPEAT_MAX = 1000;
constexpr int GROUPS_MAX = 500; // RE2 stops at 1,000
constexpr int64_t MEMORY_MAX = 8 << 20;  // a pattern at this limit compiles in some 0.3 s

struct Reader {
    const char *at;
    const char *end;
    std::string out;
    std::string why;
    int groups = 0;
    // What stands before: nothing that could be repeated, something, or something repeated already.
    enum {
        NOTHING,
        ATOM,
        REPEATED
    } before = NOTHING;

    bool fail(const char *reason)
    {
        why = reason;
        return false;
    }
};

bool at_end(const Reader &r)
{
    return r.at == r.end;
}

// The code point at `r.at`, which is well-formed UTF-8, and its bytes.
uint32_t next(Reader &r, std::string *bytes)
{
    auto lead = static_cast<unsigned char>(*r.at);
    int len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (len > r.end - r.at)
        len = static_cast<int>(r.end - r.at);
    uint32_t c = len == 1 ? lead : lead & (0x7Fu >> len);
    for (int i = 1; i < len; i++)
        c = c << 6 | (static_cast<unsigned char>(r.at[i]) & 0x3Fu);
    bytes->assign(r.at, static_cast<size_t>(len));
    r.at += len;
    return c;
}

void put_literal(Reader &r, uint32_t c, const std::string &bytes)
{
    if (c < 0x80 && !isalnum(static_cast<int>(c))) {
        char escaped[16];
        snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned>(c));
        r.out += escaped;
    } else {
        r.out += bytes;
    }
}

// ---- brackets ----

bool is_class(const std::string &name)
{
    static const char *const names[] = {"alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                        "lower", "print", "punct", "space", "upper", "xdigit"};
    for (const char *known : names)
        if (name == known)
            return true;
    return false;
}

// [:name:], [.x.] or [=x=] within brackets, standing behind its first two characters.
bool read_named(Reader &r, char kind, std::string *name)
{
    const char close[] = {kind, ']', '\0'};
    const char *found = r.at;
    while (found + 1 < r.end && strncmp(found, close, 2) != 0)
        found++;
    if (found + 1 >= r.end)
        return r.fail("a class within brackets is not closed");
    name->assign(r.at, static_cast<size_t>(found - r.at));
    r.at = found + 2;
    return true;
}

struct Element {
    bool is_class = false;
    bool is_equivalence = false;
    uint32_t c = 0;
    std::string bytes;
};

bool read_collating(Reader &r, char kind, Element *e)
{
    std::string name;
    if (!read_named(r, kind, &name))
        return false;
    if (name.empty())
        return r.fail("a collating element is empty");
    Reader one{name.data(), name.data() + name.size(), {}, {}};
    e->c = next(one, &e->bytes);
    e->is_equivalence = kind == '=';
    return at_end(one) ? true : r.fail("a collating element has more than one character");
}

bool read_element(Reader &r, Element *e)
{
    bool is_named =
        *r.at == '[' && r.at + 1 < r.end && (r.at[1] == ':' || r.at[1] == '.' || r.at[1] == '=');
    if (!is_named) {
        e->c = next(r, &e->bytes);
        return true;
    }
    char kind = r.at[1];
    r.at += 2;
    if (kind != ':')
        return read_collating(r, kind, e);
    e->is_class = true;
    if (!read_named(r, ':', &e->bytes))
        return false;
    return is_class(e->bytes) ? true : r.fail("there is no such class within brackets");
}

bool begins_range(const Reader &r)
{
    return r.end - r.at >= 2 && r.at[0] == '-' && r.at[1] != ']';
}

bool read_range(Reader &r, const Element &first)
{
    Element last;
    r.at++;
    if (first.is_class || first.is_equivalence)
        return r.fail("a class cannot begin a range");
    if (!read_element(r, &last))
        return false;
    if (last.is_class || last.is_equivalence)
        return r.fail("a class cannot end a range");
    if (last.c < first.c)
        return r.fail("a range within brackets goes backwards");
    put_literal(r, first.c, first.bytes);
    r.out += '-';
    put_literal(r, last.c, last.bytes);
    return begins_range(r) ? r.fail("the end of a range cannot begin another") : true;
}

bool read_bracket(Reader &r)
{
    r.at++;
    r.out += '[';
    if (!at_end(r) && *r.at == '^') {
        r.out += '^';
        r.at++;
    }
    for (bool is_first = true;; is_first = false) {
        if (at_end(r))
            return r.fail("a bracket \"[\" is not closed");
        if (*r.at == ']' && !is_first)
            break;
        Element e;
        if (*r.at == '-' && !is_first && begins_range(r))
            return r.fail("a \"-\" within brackets stands first, last or in a range");
        if (!read_element(r, &e))
            return false;
        if (begins_range(r)) {
            if (!read_range(r, e))
                return false;
        } else if (e.is_class) {
            r.out += "[:" + e.bytes + ":]";
        } else {
            put_literal(r, e.c, e.bytes);
        }
    }
    r.at++;
    r.out += ']';
    r.before = Reader::ATOM;
    return true;
}

// ---- repetitions ----

// Up to four digits; -1 where there are none.
int read_count(Reader &r)
{
    int n = -1;
    while (!at_end(r) && *r.at >= '0' && *r.at <= '9') {
        n = (n < 0 ? 0 : n) * 10 + (*r.at++ - '0');
        if (n > REPEAT_MAX)
            n = REPEAT_MAX + 1;
    }
    return n;
}

bool read_interval(Reader &r)
{
    const char *from = r.at++;
    int least = read_count(r);
    int most = least;
    if (!at_end(r) && *r.at == ',') {
        r.at++;
        most = read_count(r);
    }
    if (least < 0 || at_end(r) || *r.at != '}')
        return r.fail("a repetition is written {2}, {2,} or {2,5}");
    if (least > REPEAT_MAX || most > REPEAT_MAX)
        return r.fail("a repetition goes to 1,000 at most");
    if (most >= 0 && most < least)
        return r.fail("a repetition ends below its beginning");
    r.at++;
    r.out.append(from, static_cast<size_t>(r.at - from));
    return true;
}

bool read_repetition(Reader &r)
{
    if (r.before == Reader::NOTHING)
        return r.fail("there is nothing to repeat");
    if (r.before == Reader::REPEATED)
        return r.fail("a repetition of a repetition is undefined");
    r.before = Reader::REPEATED;
    if (*r.at == '{')
        return read_interval(r);
    r.out += *r.at++;
    return true;
}

// ---- the rest ----

bool read_escape(Reader &r)
{
    if (r.at + 1 == r.end)
        return r.fail("a backslash stands at the end");
    if (strchr("^.[$()|*+?{\\", r.at[1]) == nullptr || r.at[1] == '\0')
        return r.fail("a backslash stands before a character that needs none, which is undefined");
    r.out += '\\';
    r.out += r.at[1];
    r.at += 2;
    r.before = Reader::ATOM;
    return true;
}

bool read_alternative(Reader &r, bool is_empty)
{
    if (is_empty || r.at + 1 == r.end || r.at[1] == '|' || r.at[1] == ')')
        return r.fail("an alternative is empty, which is undefined");
    r.out += *r.at++;
    r.before = Reader::NOTHING;
    return true;
}

bool read_open(Reader &r)
{
    if (++r.groups > GROUPS_MAX)
        return r.fail("more than 500 groups are open");
    r.out += *r.at++;
    r.before = Reader::NOTHING;
    return true;
}

bool read_close(Reader &r, bool is_empty)
{
    if (is_empty)
        return r.fail("a group is empty, which is undefined");
    if (r.groups-- == 0)
        return r.fail("a \")\" closes nothing");
    r.out += *r.at++;
    r.before = Reader::ATOM;
    return true;
}

// `is_empty`: nothing stands before since the last `(`, `|` or the beginning.
bool read_one(Reader &r, bool is_empty)
{
    switch (*r.at) {
    case '\\':
        return read_escape(r);
    case '[':
        return read_bracket(r);
    case '(':
        return read_open(r);
    case ')':
        return read_close(r, is_empty);
    case '|':
        return read_alternative(r, is_empty);
    case '*':
    case '+':
    case '?':
    case '{':
        return read_repetition(r);
    case '^':
        r.out += *r.at++;
        r.before = Reader::NOTHING;
        return true;
    case '$':
    case '.':
        r.out += *r.at++;
        r.before = Reader::ATOM;
        return true;
    default: {
        std::string bytes;
        uint32_t c = next(r, &bytes);
        put_literal(r, c, bytes);
        r.before = Reader::ATOM;
        return true;
    }
    }
}

bool read_all(Reader &r)
{
    bool is_empty = true;
    if (at_end(r))
        return r.fail("the expression is empty, which is undefined");
    while (!at_end(r)) {
        bool opens = *r.at == '(' || *r.at == '|';
        if (!read_one(r, is_empty))
            return false;
        is_empty = opens;
    }
    if (r.groups > 0)
        return r.fail("a \"(\" is not closed");
    return true;
}

} // namespace

struct gy_regex {
    std::unique_ptr<re2::RE2> re;
};

static re2::RE2::Options options()
{
    re2::RE2::Options o;
    o.set_posix_syntax(true);
    o.set_longest_match(true);
    o.set_log_errors(false);
    o.set_dot_nl(true);
    o.set_one_line(true);
    o.set_never_capture(true);
    o.set_max_mem(MEMORY_MAX);
    return o;
}

static void say(const std::string &reason, char why[GY_REGEX_WHY])
{
    snprintf(why, GY_REGEX_WHY, "%s", reason.c_str());
}

bool gy_regex_compile(struct gy_str pattern, struct gy_regex **out, char why[GY_REGEX_WHY])
{
    Reader r{pattern.ptr, pattern.ptr + pattern.len, {}, {}};
    *out = nullptr;
    if (!read_all(r)) {
        say(r.why, why);
        return false;
    }
    auto re = std::make_unique<re2::RE2>(r.out, options());
    if (!re->ok()) {
        say(re->error_code() == re2::RE2::ErrorPatternTooLarge ? "the expression is too large"
                                                               : re->error(),
            why);
        return false;
    }
    *out = new gy_regex{std::move(re)};
    return true;
}

void gy_regex_free(struct gy_regex *regex)
{
    delete regex;
}

bool gy_regex_matches(const struct gy_regex *regex, struct gy_str text)
{
    re2::StringPiece piece(text.ptr == nullptr ? "" : text.ptr, text.len);
    return regex->re->Match(piece, 0, text.len, re2::RE2::UNANCHORED, nullptr, 0);
}
