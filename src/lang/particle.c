/* particle.c - the last sound of a word.
 *
 * English words are judged by the ending of their spelling, in the forms that loanwords take: a
 * stop behind one short vowel closes the syllable (shop 숍, chat 챗, web 웹), behind a consonant it
 * gets a vowel of its own (event 이벤트, help 헬프); -d, -s, -r and their like always do (card 카드). A
 * silent e leaves the sound of l, m, n and p before it (sale 세일, name 네임, phone 폰, type 타입).
 */
#include "lang/particle.h"

#include "base/text.h"

enum sound {
    OPEN,
    RIEUL, /* closed, but as if open before 으로 */
    CLOSED,
    UNKNOWN
};

static const char *const forms[][4] = {
    [GY_PARTICLE_TOPIC] = {"는", "은", "은", "은(는)"},
    [GY_PARTICLE_SUBJECT] = {"가", "이", "이", "이(가)"},
    [GY_PARTICLE_OBJECT] = {"를", "을", "을", "을(를)"},
    [GY_PARTICLE_DIRECTION] = {"로", "로", "으로", "(으)로"},
    [GY_PARTICLE_WITH] = {"와", "과", "과", "과(와)"},
};

/* ---- characters ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* ---- numbers ---- */

/* Behind n zeros at the end of a whole number: 십 백 천, then 만 억 조 경 해 at every fourth. */
static enum sound sound_of_zeros(size_t n)
{
    static const enum sound words[] = {CLOSED, CLOSED, CLOSED, OPEN, CLOSED, OPEN};
    const size_t n_words = sizeof words / sizeof words[0];
    size_t word = n / 4;
    return word < n_words ? words[word] : UNKNOWN;
}

static enum sound sound_of_digit(char digit)
{
    static const enum sound digits[] = {CLOSED, RIEUL,  OPEN,  CLOSED, OPEN,
                                        OPEN,   CLOSED, RIEUL, RIEUL,  OPEN};
    return digits[digit - '0'];
}

/* The digits and separators at the end of `s`; decimals are read digit by digit. */
static enum sound sound_of_number(struct gy_str s)
{
    size_t begin = s.len;
    size_t zeros = 0;
    bool is_fraction = false;
    bool is_zero = true;
    while (begin > 0 && (is_digit(s.ptr[begin - 1]) || is_one_of(s.ptr[begin - 1], ",."))) {
        char c = s.ptr[--begin];
        is_fraction = is_fraction || c == '.';
        zeros += is_zero && c == '0';
        is_zero = is_zero && (c == '0' || c == ',');
    }
    char last = s.ptr[s.len - 1];
    if (is_fraction || is_zero || zeros == 0) {
        return sound_of_digit(last);
    }
    return sound_of_zeros(zeros);
}

/* ---- Latin letters ---- */

struct word {
    const char *end; /* behind its last letter */
    size_t len;
};

/* The i-th letter from the end, from 1, in lower case; NUL before the first. */
static char letter(struct word word, size_t i)
{
    if (i > word.len) {
        return '\0';
    }
    char c = word.end[-(ptrdiff_t)i];
    return is_upper(c) ? (char)(c | 0x20) : c;
}

static bool is_vowel(char c)
{
    return is_one_of(c, "aeiouy");
}

static bool ends_with(struct word word, const char *ending)
{
    size_t len = strlen(ending);
    for (size_t i = 1; i <= len; i++) {
        if (letter(word, i) != ending[len - i]) {
            return false;
        }
    }
    return true;
}

static enum sound sound_of_letter_name(char c)
{
    return c == 'l' ? RIEUL : is_one_of(c, "mn") ? CLOSED : OPEN; /* 엘, 엠 엔, 비 씨 디 … */
}

static bool has_vowel(struct word word)
{
    for (size_t i = 1; i <= word.len; i++) {
        if (is_vowel(letter(word, i))) {
            return true;
        }
    }
    return false;
}

/* ID, RFM, orderID, sms, vip: spoken letter by letter. */
static bool is_initialism(struct word word)
{
    if (!has_vowel(word) || ends_with(word, "vip")) {
        return true;
    }
    size_t n = 0;
    while (n < word.len && is_upper(word.end[-1 - (ptrdiff_t)n])) {
        n++;
    }
    return word.len == 1 || (n == word.len && n <= 4) || (n >= 2 && n <= 4);
}

static enum sound sound_of_silent_e(struct word word)
{
    char before = letter(word, 2);
    if (before == 'l') {
        return RIEUL;
    }
    return is_one_of(before, "mnp") && is_vowel(letter(word, 3)) ? CLOSED : OPEN;
}

static enum sound sound_of_stop(struct word word)
{
    char before = letter(word, 2);
    switch (letter(word, 1)) {
    case 'k':
        return (before == 'c' && letter(word, 3) != 'e') || ends_with(word, "ook") ? CLOSED : OPEN;
    case 'p':
        return is_vowel(before) || before == 'p' ? CLOSED : OPEN;
    case 't':
        return ends_with(word, "out") || (is_vowel(before) && !is_vowel(letter(word, 3))) ? CLOSED
                                                                                          : OPEN;
    default:
        return CLOSED;
    }
}

static enum sound sound_of_latin(struct gy_str s)
{
    struct word word = {s.ptr + s.len, 0};
    while (word.len < s.len && is_letter(word.end[-1 - (ptrdiff_t)word.len])) {
        word.len++;
    }
    char last = letter(word, 1);
    if (is_initialism(word)) {
        return sound_of_letter_name(last);
    }
    if (last == 'e') {
        return sound_of_silent_e(word);
    }
    if (last == 'l') {
        return RIEUL;
    }
    if (is_one_of(last, "mn") || ends_with(word, "ng")) {
        return CLOSED;
    }
    return is_one_of(last, "bckpt") ? sound_of_stop(word) : OPEN;
}

/* ---- Hangul and the rest ---- */

static enum sound sound_of_code_point(uint32_t c)
{
    const uint32_t first_syllable = 0xAC00;
    const uint32_t last_syllable = 0xD7A3;
    if (c >= first_syllable && c <= last_syllable) {
        uint32_t final = (c - first_syllable) % 28; /* 0: none; 8: ㄹ */
        return final == 0 ? OPEN : final == 8 ? RIEUL : CLOSED;
    }
    if (c >= 0x3131 && c <= 0x314E) { /* ㄱ 기역 … ㄹ 리을 … ㅎ 히읗 */
        return c == 0x3139 ? RIEUL : CLOSED;
    }
    return c >= 0x314F && c <= 0x3163 ? OPEN : UNKNOWN;
}

static bool is_spoken(char c)
{
    return is_digit(c) || is_letter(c) || is_one_of(c, "%+") || (unsigned char)c >= 0x80;
}

/* Before a remark that stands behind its word without a space: 요일(월요일 1) is 요일. */
static struct gy_str without_remark(struct gy_str s)
{
    size_t depth = 0;
    for (size_t i = s.len; i > 1; i--) {
        depth += s.ptr[i - 1] == ')';
        depth -= s.ptr[i - 1] == '(' && depth > 0;
        if (depth == 0) {
            bool is_attached = i < s.len && (is_spoken(s.ptr[i - 2]) || s.ptr[i - 2] == '"');
            return is_attached ? (struct gy_str){s.ptr, i - 1} : s;
        }
    }
    return s;
}

static enum sound sound_of(struct gy_str s)
{
    s = without_remark(s);
    while (s.len > 0 && !is_spoken(s.ptr[s.len - 1])) {
        s.len--;
    }
    if (s.len == 0) {
        return UNKNOWN;
    }
    char last = s.ptr[s.len - 1];
    if (is_digit(last)) {
        return sound_of_number(s);
    }
    if (is_letter(last)) {
        return sound_of_latin(s);
    }
    if (is_one_of(last, "%+")) {
        return OPEN; /* 퍼센트, 플러스 */
    }
    struct gy_str tail = {s.ptr + s.len - 1, 1};
    while (tail.ptr > s.ptr && ((unsigned char)*tail.ptr & 0xC0) == 0x80) {
        tail.ptr--;
        tail.len++;
    }
    return sound_of_code_point(gy_text_next(&tail));
}

const char *gy_particle(struct gy_str word, enum gy_particle particle)
{
    return forms[particle][sound_of(word)];
}
