/* Particles: Korean ones behind Hangul, numbers, Latin letters and words, as they are read aloud. */
#include "harness.h"

#include "lang/particle.h"

/* What stands behind the word: topic, subject, object, direction, with. */
static void expect(const char *word, const char *topic, const char *subject, const char *object,
                   const char *direction, const char *with)
{
    const char *wanted[] = {topic, subject, object, direction, with};
    for (int i = 0; i < 5; i++) {
        const char *is = gy_particle(gy_str_of(word), (enum gy_particle)i);
        if (strcmp(is, wanted[i]) != 0) {
            fail_msg("%s%s, not %s%s", word, is, word, wanted[i]);
        }
    }
}

static void open(const char *word)
{
    expect(word, "는", "가", "를", "로", "와");
}

static void closed(const char *word)
{
    expect(word, "은", "이", "을", "으로", "과");
}

static void rieul(const char *word)
{
    expect(word, "은", "이", "을", "로", "과");
}

static void unknown(const char *word)
{
    expect(word, "은(는)", "이(가)", "을(를)", "(으)로", "과(와)");
}

static void all(void (*is)(const char *), const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        is(words[i]);
    }
}
#define ALL(is, ...)                              \
    all((is), (const char *const[]){__VA_ARGS__}, \
        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void hangul_by_its_final_consonant(void **state)
{
    (void)state;
    ALL(open, "구매", "가게", "고객 수", "하", "ㅏ");
    ALL(closed, "주문", "지역", "값", "무릎", "강", "ㄱ", "ㅎ");
    ALL(rieul, "서울", "매출", "물", "ㄹ");
}

/* 영 일 이 삼 사 오 육 칠 팔 구 */
static void digits(void **state)
{
    (void)state;
    ALL(closed, "0", "3", "6", "rfm3", "13");
    ALL(rieul, "1", "7", "8", "2021", "-8");
    ALL(open, "2", "4", "5", "9", "1,234", "52");
}

/* 십 백 천 만 십만 억 are closed, 조 is not, 경 is, 해 is not. */
static void round_numbers_by_their_last_word(void **state)
{
    (void)state;
    ALL(closed, "10", "200", "3,000", "10000", "500,000", "10,000,000", "100,000,000");
    ALL(open, "1,000,000,000,000", "20,000,000,000,000", "100,000,000,000,000,000,000");
    ALL(closed, "10,000,000,000,000,000");
    ALL(closed, "0.0", "1.50", "0.3", "09:00"); /* 오영, 영 */
    ALL(open, "0.5", "0.02");
    ALL(rieul, "1.1", "10.8");
}

static void letters_by_their_names(void **state)
{
    (void)state;
    ALL(open, "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "O", "P", "Q", "R", "S", "T",
        "U", "V", "W", "X", "Y", "Z", "a", "z");
    ALL(closed, "M", "N", "m", "n");
    ALL(rieul, "L", "l", "URL", "SQL");
    ALL(open, "VIP", "VVIP", "ID", "orderID", "SNS", "LTV", "CRM_ID");
    ALL(open, "vip", "is_vip", "sms", "utm_src");
    ALL(closed, "RFM", "CRM", "ASN", "crm");
}

/* 오더, 카드, 이벤트, 스토어, 레버뉴 …; 이메일, 타이틀; 쿠폰, 네임, 숍, 웹, 뮤직, 챗, 체크아웃 … */
static void english_words_by_their_spelling(void **state)
{
    (void)state;
    ALL(open, "Order", "card", "event", "store", "revenue", "price", "tag", "class", "city", "view",
        "gift", "help", "bank", "check", "push", "Order Completed", "repeat", "page_date");
    ALL(rieul, "email", "title", "sale", "total", "mobile");
    ALL(closed, "coupon", "name", "phone", "shop", "web", "music", "chat", "checkout", "rating",
        "item", "type", "click", "facebook", "region", "time");
}

static void what_is_not_spoken_is_skipped(void **state)
{
    (void)state;
    ALL(open, "\"구매\"", "'구매'.", "\"VIP\"", "(고객 수)", "구매 (2월 매출)은 아니");
    ALL(closed, "\"주문\"", "(고객 (서울) 지역)", "간격(일수)");
    ALL(rieul, "요일(월요일 1)", "[서울]", "매출(원)", "1 + (서울)");
    ALL(open, "20%", "A+");
    ALL(unknown, "", "\"\"", "注文", "é", "!?", "(", ")", "()", "((", "))");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(hangul_by_its_final_consonant),
        cmocka_unit_test(digits),
        cmocka_unit_test(round_numbers_by_their_last_word),
        cmocka_unit_test(letters_by_their_names),
        cmocka_unit_test(english_words_by_their_spelling),
        cmocka_unit_test(what_is_not_spoken_is_skipped),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, NULL, NULL);
}
