/* catalogue.c - see catalogue.h. */
#include "catalogue.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "season.h"

const char *const shop_event_names[SHOP_KINDS] = {
    "Page Viewed",      "Product Viewed", "Product Added",      "Order Completed",
    "Email Sent",       "Email Opened",   "Email Link Clicked", "Products Searched",
    "Product Reviewed", "Order Refunded", "Coupon Used",        "App Opened",
};

const char *const shop_categories[SHOP_CATEGORIES] = {
    "여성의류", "뷰티",   "식품",   "남성의류", "신발", "가전", "주방",   "건강식품",
    "유아",     "가방",   "스포츠", "휴대폰",   "완구", "도서", "가구",   "반려동물",
    "침구",     "컴퓨터", "캠핑",   "향수",     "문구", "게임", "자동차", "꽃",
};

static const char *const first_syllables[20] = {"한", "온", "새", "가", "나", "다", "라",
                                                "마", "바", "솔", "달", "별", "해", "물",
                                                "숲", "들", "빛", "꽃", "눈", "봄"};
static const char *const last_syllables[15] = {"결", "누리", "울", "솜", "빛", "담", "온", "채",
                                               "람", "별",   "슬", "휘", "진", "율", "아"};

static const char *const adjectives[30] = {
    "무선",   "휴대용", "대용량", "미니", "접이식", "여름",    "겨울",   "남자",
    "여자",   "아기",   "수제",   "국산", "유기농", "방수",    "경량",   "빅사이즈",
    "고급",   "저렴한", "인기",   "신상", "캐주얼", "심플한",  "귀여운", "튼튼한",
    "따뜻한", "시원한", "가벼운", "매운", "달콤한", "프리미엄"};
static const char *const nouns[40] = {
    "이어폰", "운동화", "원피스", "텀블러", "선크림", "노트북", "청바지", "패딩",
    "가방",   "커피",   "홍삼",   "기저귀", "텐트",   "이불",   "의자",   "책상",
    "향수",   "립스틱", "샴푸",   "치약",   "사과",   "김치",   "라면",   "과자",
    "냄비",   "칼",     "청소기", "가습기", "선풍기", "충전기", "케이스", "키보드",
    "마우스", "모니터", "인형",   "퍼즐",   "사료",   "캣타워", "양말",   "모자"};
static const char *const suffixes[12] = {"추천", "세트", "선물",     "세일", "후기", "정품",
                                         "리필", "할인", "선물세트", "특가", "대형", "1+1"};

enum {
    N_ADJECTIVES = sizeof adjectives / sizeof *adjectives,
    N_NOUNS = sizeof nouns / sizeof *nouns,
    N_SUFFIXES = sizeof suffixes / sizeof *suffixes
};

/* ---- products ---- */

#define PRICE_MEDIAN 22000.0
#define PRICE_SIGMA  0.8

static uint32_t draw_price(struct chance *chance)
{
    double price = PRICE_MEDIAN * chance_exp(PRICE_SIGMA * chance_normal(chance));
    uint32_t hundreds = (uint32_t)floor(price / 100);
    return hundreds < 10 ? 1000 : hundreds * 100;
}

static void make_products(struct catalogue *c, uint64_t seed)
{
    struct chance chance = chance_of(seed, UINT64_C(1) << 40);
    struct weights brands;
    weights_init_ranks(&brands, SHOP_BRANDS, 3, 0.9);
    weights_init_ranks(&c->category_weights, SHOP_CATEGORIES, 2, 0.8);
    weights_init_ranks(&c->product_weights, SHOP_PRODUCTS, 10, 1);
    for (uint32_t i = 0; i < SHOP_PRODUCTS; i++) {
        struct catalogue_product *p = &c->products[i];
        p->category = (uint8_t)weights_draw(&c->category_weights, &chance);
        p->brand = (uint16_t)weights_draw(&brands, &chance);
        p->price = draw_price(&chance);
    }
    weights_release(&brands);
}

/* ---- pages ---- */

static void fill(double *values, uint32_t n, double value)
{
    for (uint32_t i = 0; i < n; i++)
        values[i] = value;
}

/* In the order of put_path. */
static void make_paths(struct catalogue *c)
{
    static const double fixed[4] = {17, 2.9, 1.7, 2.3};
    double *values = gy_alloc_zero(SHOP_PATHS, sizeof *values);
    double *magazine = values + 4 + SHOP_EVENT_PAGES + SHOP_CATEGORY_PAGES;
    double sum = 0;
    for (uint32_t i = 0; i < 4; i++)
        values[i] = fixed[i];
    fill(values + 4, SHOP_EVENT_PAGES, 11.5 / SHOP_EVENT_PAGES);
    fill(values + 4 + SHOP_EVENT_PAGES, SHOP_CATEGORY_PAGES, 16.5 / SHOP_CATEGORY_PAGES);
    for (uint32_t i = 0; i < SHOP_MAGAZINE_PAGES; i++)
        sum += magazine[i] = weight_of_rank(i + 3.0, 0.9);
    for (uint32_t i = 0; i < SHOP_MAGAZINE_PAGES; i++)
        magazine[i] *= 48 / sum;
    weights_init(&c->path_weights, values, SHOP_PATHS);
    free(values);
}

/* ---- searches ---- */

static uint8_t perhaps(struct chance *chance, double probability, uint32_t n)
{
    return chance_happens(chance, probability) ? (uint8_t)chance_between(chance, 1, n) : 0;
}

/* Sizes are those of shoes; a model number makes a text that hardly occurs twice. */
static struct shop_query make_query(struct chance *chance, double model_probability)
{
    struct shop_query q = {.adjective = perhaps(chance, 0.35, N_ADJECTIVES)};
    q.noun = (uint8_t)chance_below(chance, N_NOUNS);
    double tail = chance_even(chance);
    if (tail < 0.31) {
        q.suffix = (uint8_t)chance_between(chance, 1, N_SUFFIXES);
    } else if (tail < 0.46) {
        q.number = (uint16_t)(220 + 5 * chance_below(chance, 15));
    } else if (tail < 0.46 + model_probability) {
        q.letter = (char)('A' + chance_below(chance, 26));
        q.number = (uint16_t)chance_between(chance, 1000, 9999);
    }
    return q;
}

static void make_queries(struct catalogue *c, uint64_t seed)
{
    struct chance chance = chance_of(seed, UINT64_C(2) << 40);
    for (uint32_t i = 0; i < SHOP_HEAD_QUERIES; i++)
        c->head_queries[i] = make_query(&chance, 0);
    weights_init_ranks(&c->query_weights, SHOP_HEAD_QUERIES, 1, 1);
}

struct shop_query catalogue_draw_query(const struct catalogue *c, struct chance *chance)
{
    if (chance_happens(chance, 0.5))
        return c->head_queries[weights_draw(&c->query_weights, chance)];
    return make_query(chance, 0.38);
}

/* ---- campaigns: news on Tuesdays from 2024-01-02 on, sales on every fourth Friday from 2024-01-05 on ---- */

uint32_t catalogue_campaign_time(uint32_t campaign)
{
    const uint32_t first_tuesday = UINT32_C(1704157200); /* 2024-01-02T10:00 in Seoul */
    const uint32_t day = 86400;
    if (campaign < SHOP_NEWS)
        return first_tuesday + campaign * 7 * day;
    return first_tuesday + 3 * day + (campaign - SHOP_NEWS) * 28 * day;
}

/* ---- names ---- */

static void put_path(struct gy_buf *out, uint32_t path)
{
    static const char *const fixed[4] = {"/", "/cart", "/checkout", "/my/orders"};
    if (path < 4) {
        gy_buf_text(out, fixed[path]);
        return;
    }
    path -= 4;
    if (path < SHOP_EVENT_PAGES)
        gy_buf_printf(out, "/event/%02u", path + 1);
    else if (path < SHOP_EVENT_PAGES + SHOP_CATEGORY_PAGES)
        gy_buf_printf(out, "/c/%02u", path - SHOP_EVENT_PAGES + 1);
    else
        gy_buf_printf(out, "/magazine/%04u", path - SHOP_EVENT_PAGES - SHOP_CATEGORY_PAGES + 1);
}

static void put_brand(struct gy_buf *out, uint32_t brand)
{
    gy_buf_text(out, first_syllables[brand % 20]);
    gy_buf_text(out, last_syllables[brand / 20]);
}

static void put_campaign(struct gy_buf *out, uint32_t campaign)
{
    if (campaign < SHOP_NEWS)
        gy_buf_printf(out, "news-%03u", campaign + 1);
    else
        gy_buf_printf(out, "sale-%02u", campaign - SHOP_NEWS + 1);
}

static void make_names(struct gy_str *names, uint32_t n, void (*put)(struct gy_buf *, uint32_t))
{
    struct gy_buf name = {0};
    for (uint32_t i = 0; i < n; i++) {
        gy_buf_reset(&name);
        put(&name, i);
        names[i] = (struct gy_str){gy_strndup(name.ptr, name.len), name.len};
    }
    gy_buf_release(&name);
}

static void free_names(struct gy_str *names, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        free((void *)(uintptr_t)names[i].ptr);
}

void catalogue_put_query(struct gy_buf *out, const struct shop_query *query)
{
    if (query->adjective > 0) {
        gy_buf_text(out, adjectives[query->adjective - 1]);
        gy_buf_char(out, ' ');
    }
    gy_buf_text(out, nouns[query->noun]);
    if (query->suffix > 0) {
        gy_buf_char(out, ' ');
        gy_buf_text(out, suffixes[query->suffix - 1]);
    }
    if (query->letter != 0)
        gy_buf_printf(out, " %c%u", query->letter, query->number);
    else if (query->number > 0)
        gy_buf_printf(out, " %u", query->number);
}

/* ---- all ---- */

void catalogue_init(struct catalogue *c, uint64_t seed)
{
    make_products(c, seed);
    make_paths(c);
    make_queries(c, seed);
    make_names(c->path_names, SHOP_PATHS, put_path);
    make_names(c->brand_names, SHOP_BRANDS, put_brand);
    make_names(c->campaign_names, SHOP_CAMPAIGNS, put_campaign);
}

void catalogue_release(struct catalogue *c)
{
    free_names(c->path_names, SHOP_PATHS);
    free_names(c->brand_names, SHOP_BRANDS);
    free_names(c->campaign_names, SHOP_CAMPAIGNS);
    weights_release(&c->product_weights);
    weights_release(&c->category_weights);
    weights_release(&c->path_weights);
    weights_release(&c->query_weights);
}
