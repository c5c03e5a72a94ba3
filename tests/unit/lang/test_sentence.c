/* Sentences: definitions and what is said of them in both languages, worked by hand from the calendar
 * and the grammar of each language. */
#include <string.h>

#include "harness.h"

#include "base/file.h"
#include "known_names.h"
#include "lang/sentence.h"
#include "sentence_shape.h"

static struct workspace workspace;

/* 1 December 2026 is a Tuesday. */
#define NOW      "2026-12-01T09:00"
#define BEGIN_EN "Every customer for whom, as of 1 Dec 2026 09:00 (Asia/Seoul), "
#define BEGIN_KO "2026년 12월 1일 09:00(Asia/Seoul) 기준으로, "

static int name_things(void **state)
{
    (void)state;
    workspace_init(&workspace);
    workspace_property(&workspace, "Order Completed", "revenue", GY_TYPE_NUMBER);
    workspace_property(&workspace, "Order Completed", "coupon", GY_TYPE_STRING);
    workspace_property(&workspace, "Order Completed/products", "product_id", GY_TYPE_STRING);
    workspace_property(&workspace, "Product Added", "product_id", GY_TYPE_STRING);
    workspace_trait(&workspace, "age", GY_TYPE_NUMBER);
    workspace_trait(&workspace, "region", GY_TYPE_STRING);
    workspace_trait(&workspace, "vip", GY_TYPE_BOOL);
    workspace_trait(&workspace, "joined", GY_TYPE_TIME);
    workspace_trait(&workspace, "birthday", GY_TYPE_TIME);
    workspace_trait(&workspace, "interests", GY_TYPE_LIST);
    workspace_define(&workspace.segments, "단골", "count(구매) > 2");
    workspace_define(&workspace.segments, "At risk", "nobody");
    workspace_define(&workspace.lists, "뉴스 letter", "");
    workspace_define(&workspace.metrics, "aov", "avg(\"Order Completed\".revenue)");
    return 0;
}

static int forget_things(void **state)
{
    (void)state;
    workspace_release(&workspace);
    return 0;
}

/* ---- saying ---- */

static struct gy_zone *zone_of(const char *name)
{
    struct gy_zone *zone;
    struct gy_error err;
    assert_ok(gy_zone_open(name, &zone, &err), &err);
    return zone;
}

/* The sentence; freed by the caller. */
static char *say(const char *text, enum gy_language language, const struct gy_zone *zone,
                 const char *now)
{
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition definition = {0};
    struct gy_error err = {0};
    struct gy_buf out = {0};
    int64_t now_ms;
    assert_true(gy_time_read(gy_str_of(now), zone, &now_ms, NULL));
    workspace.vocabulary.zone = zone;
    if (gy_define(gy_str_of(text), &workspace.vocabulary, &options, &definition, &err) != GY_OK) {
        fail_msg("%s\n  %u:%u %s", text, err.line, err.column, err.message);
    }
    gy_sentence(definition.expr, language, zone, now_ms, &out);
    gy_definition_release(&definition);
    check_shape(gy_buf_view(&out));
    return out.ptr;
}

/* The sentence is `begin`, `body` and a full stop. */
static void expect(const char *text, enum gy_language language, const char *zone_name,
                   const char *now, const char *begin, const char *body)
{
    struct gy_zone *zone = zone_of(zone_name);
    char *said = say(text, language, zone, now);
    struct gy_buf wanted = {0};
    gy_buf_printf(&wanted, "%s%s.", begin, body);
    if (strcmp(said, wanted.ptr) != 0) {
        fail_msg("%s\n  said:   %s\n  wanted: %s", text, said, wanted.ptr);
    }
    gy_buf_release(&wanted);
    free(said);
    gy_zone_close(zone);
}

struct saying {
    const char *text;
    const char *english;
    const char *korean;
};

static const struct saying sayings[] = {
    {"nobody", "nobody qualifies", "아무도 해당하지 않는 고객"},
    {"identified", "the customer has an external id", "외부 ID가 있는 고객"},
    {"not identified", "the customer has no external id", "외부 ID가 없는 고객"},
    {"count(\"Order Completed\" last 30 days) >= 2",
     "the number of \"Order Completed\" events in the last 30 days (after 1 Nov 2026 09:00, "
     "through 1 Dec 2026 09:00) is at least 2",
     "최근 30일(2026년 11월 1일 09:00 후부터 2026년 12월 1일 09:00까지)의 \"Order "
     "Completed\" 이벤트 횟수가 2 이상인 고객"},
    {"count(\"Order Completed\" last 1 day) > 0",
     "the number of \"Order Completed\" events in the last day (after 30 Nov 2026 09:00, "
     "through 1 Dec 2026 09:00) is more than 0",
     "최근 1일(2026년 11월 30일 09:00 후부터 2026년 12월 1일 09:00까지)의 \"Order "
     "Completed\" 이벤트 횟수가 0 초과인 고객"},
    {"count(\"Order Completed\" last 1 full month) < 3",
     "the number of \"Order Completed\" events in the last full month (from 1 Nov 2026 "
     "00:00, before 1 Dec 2026 00:00) is less than 3",
     "최근 온전한 1개월(2026년 11월 1일 00:00부터 2026년 12월 1일 00:00 전까지)의 \"Order "
     "Completed\" 이벤트 횟수가 3 미만인 고객"},
    {"days(\"Order Completed\" last 3 full weeks) = 2",
     "the number of different days with \"Order Completed\" events in the last 3 full weeks "
     "(from 9 Nov 2026 00:00, before 30 Nov 2026 00:00) is 2",
     "최근 온전한 3주(2026년 11월 9일 00:00부터 2026년 11월 30일 00:00 전까지)의 \"Order "
     "Completed\" 이벤트 발생 일수가 2인 고객"},
    {"sum(\"Order Completed\".revenue 30 to 60 days ago) between 10_000 and 500_000",
     "the sum of \"revenue\" over \"Order Completed\" events 30 to 60 days ago (after 2 Oct "
     "2026 09:00, through 1 Nov 2026 09:00) is from 10,000 through 500,000",
     "60일 전과 30일 전 사이(2026년 10월 2일 09:00 후부터 2026년 11월 1일 09:00까지)의 "
     "\"Order Completed\" 이벤트의 \"revenue\" 합계가 10,000 이상 500,000 이하인 고객"},
    {"avg(\"Order Completed\".revenue since \"2026-01-01\") > 49.5",
     "the average of \"revenue\" over \"Order Completed\" events since 1 Jan 2026 00:00 "
     "through 1 Dec 2026 09:00 is more than 49.5",
     "2026년 1월 1일 00:00부터 2026년 12월 1일 09:00까지의 \"Order Completed\" 이벤트의 "
     "\"revenue\" 평균이 49.5 초과인 고객"},
    {"median(\"Order Completed\".revenue before \"2026-01-01T12:30:15.25\") <= 1e21",
     "the median of \"revenue\" over \"Order Completed\" events before 1 Jan 2026 "
     "12:30:15.250 is at most 1e21",
     "2026년 1월 1일 12:30:15.250 전의 \"Order Completed\" 이벤트의 \"revenue\" 중앙값이 "
     "1e21 이하인 고객"},
    {"min(\"Order Completed\".revenue from \"2026-01-01\" to \"2026-01-31\") != 0",
     "the minimum of \"revenue\" over \"Order Completed\" events from 1 Jan 2026 00:00 to "
     "before 1 Feb 2026 00:00 is something other than 0",
     "2026년 1월 1일 00:00부터 2026년 2월 1일 00:00 전까지의 \"Order Completed\" 이벤트의 "
     "\"revenue\" 최솟값이 0 외의 값인 고객"},
    {"max(\"Order Completed\".revenue from \"2026-11-01\" to \"2026-12-31\") >= 1",
     "the maximum of \"revenue\" over \"Order Completed\" events from 1 Nov 2026 00:00 to "
     "before 1 Jan 2027 00:00 (so far through 1 Dec 2026 09:00) is at least 1",
     "2026년 11월 1일 00:00부터 2027년 1월 1일 00:00 전까지(그중 2026년 12월 1일 "
     "09:00까지)의 \"Order Completed\" 이벤트의 \"revenue\" 최댓값이 1 이상인 고객"},
    {"did(\"Order Completed\" from \"2026-02-01\" to \"2026-01-01\")",
     "there is an event \"Order Completed\" from 1 Feb 2026 00:00 to before 2 Jan 2026 "
     "00:00 (which is empty)",
     "2026년 2월 1일 00:00부터 2026년 1월 2일 00:00 전까지(빈 기간)의 \"Order Completed\" "
     "이벤트가 있는 고객"},
    {"did(\"Order Completed\" since \"2027-01-01\")",
     "there is an event \"Order Completed\" since 1 Jan 2027 00:00 (which is empty)",
     "2027년 1월 1일 00:00부터(빈 기간)의 \"Order Completed\" 이벤트가 있는 고객"},
    {"distinct(\"Order Completed\".coupon today) >= 2",
     "the number of different values of \"coupon\" over \"Order Completed\" events today "
     "(from 1 Dec 2026 00:00, through 1 Dec 2026 09:00) is at least 2",
     "오늘(2026년 12월 1일 00:00부터 2026년 12월 1일 09:00까지)의 \"Order Completed\" "
     "이벤트의 \"coupon\"의 서로 다른 값의 수가 2 이상인 고객"},
    {"first(\"Order Completed\".coupon this week) in (\"WELCOME\", \"봄\")",
     "the first value of \"coupon\" over \"Order Completed\" events this week (from 30 Nov "
     "2026 00:00, through 1 Dec 2026 09:00) is one of \"WELCOME\", \"봄\"",
     "이번 주(2026년 11월 30일 00:00부터 2026년 12월 1일 09:00까지)의 \"Order Completed\" "
     "이벤트의 \"coupon\" 첫 값이 \"WELCOME\", \"봄\" 중 하나인 고객"},
    {"last(\"Order Completed\".coupon this month) not in (\"WELCOME\")",
     "the latest value of \"coupon\" over \"Order Completed\" events this month (from 1 Dec "
     "2026 00:00, through 1 Dec 2026 09:00) is something other than any of \"WELCOME\"",
     "이번 달(2026년 12월 1일 00:00부터 2026년 12월 1일 09:00까지)의 \"Order Completed\" "
     "이벤트의 \"coupon\" 마지막 값이 \"WELCOME\" 중 어느 것도 아닌 값인 고객"},
    {"top(\"Order Completed\".coupon this year) = \"봄\"",
     "the most frequent value of \"coupon\" over \"Order Completed\" events this year (from "
     "1 Jan 2026 00:00, through 1 Dec 2026 09:00) is \"봄\"",
     "올해(2026년 1월 1일 00:00부터 2026년 12월 1일 09:00까지)의 \"Order Completed\" "
     "이벤트의 \"coupon\" 최빈값이 \"봄\"인 고객"},
    {"did(\"Order Completed\" yesterday)",
     "there is an event \"Order Completed\" yesterday (from 30 Nov 2026 00:00, before 1 Dec "
     "2026 00:00)",
     "어제(2026년 11월 30일 00:00부터 2026년 12월 1일 00:00 전까지)의 \"Order Completed\" "
     "이벤트가 있는 고객"},
    {"did(\"Order Completed\" previous week)",
     "there is an event \"Order Completed\" in the previous week (from 23 Nov 2026 00:00, "
     "before 30 Nov 2026 00:00)",
     "지난주(2026년 11월 23일 00:00부터 2026년 11월 30일 00:00 전까지)의 \"Order "
     "Completed\" 이벤트가 있는 고객"},
    {"not did(\"Order Completed\" previous month)",
     "there is no event \"Order Completed\" in the previous month (from 1 Nov 2026 00:00, "
     "before 1 Dec 2026 00:00)",
     "지난달(2026년 11월 1일 00:00부터 2026년 12월 1일 00:00 전까지)의 \"Order Completed\" "
     "이벤트가 없는 고객"},
    {"did(\"Order Completed\" where revenue >= 100 previous year)",
     "there is an event \"Order Completed\" with (property \"revenue\" is at least 100) in "
     "the previous year (from 1 Jan 2025 00:00, before 1 Jan 2026 00:00)",
     "지난해(2025년 1월 1일 00:00부터 2026년 1월 1일 00:00 전까지)의 (속성 \"revenue\"가 "
     "100 이상인) \"Order Completed\" 이벤트가 있는 고객"},
    {"did(\"Order Completed\" where revenue >= 100 and (coupon = \"봄\" or not hour() "
     "between 9 and 17))",
     "there is an event \"Order Completed\" with (property \"revenue\" is at least 100 and "
     "(property \"coupon\" is \"봄\" or not (the hour (0 to 23) is from 9 through 17))) at "
     "any time",
     "전체 기간의 (속성 \"revenue\"가 100 이상이고 (속성 \"coupon\"이 \"봄\"이거나 "
     "(시(0~23)가 9 이상 17 이하임)에 해당하지 않음)에 해당하는) \"Order Completed\" "
     "이벤트가 있는 고객"},
    {"did(\"Order Completed\" where weekday() in (6, 7) or month() = 12 and day() > 24)",
     "there is an event \"Order Completed\" with (the weekday (Monday 1 to Sunday 7) is one "
     "of 6, 7 or (the month (1 to 12) is 12 and the day of the month is more than 24)) at "
     "any time",
     "전체 기간의 (요일(월요일 1~일요일 7)이 6, 7 중 하나이거나 (월(1~12)이 12이고 "
     "일(1~31)이 24 초과임)에 해당하는) \"Order Completed\" 이벤트가 있는 고객"},
    {"last_time(\"Order Completed\") < \"2026-06-01\"",
     "the time of the latest \"Order Completed\" event at any time is before 1 Jun 2026 "
     "00:00",
     "전체 기간의 \"Order Completed\" 이벤트 마지막 시각이 2026년 6월 1일 00:00보다 전인 "
     "고객"},
    {"first_time(\"Order Completed\") >= trait.joined",
     "the time of the first \"Order Completed\" event at any time is at or after trait "
     "\"joined\"",
     "전체 기간의 \"Order Completed\" 이벤트 첫 시각이 특성 \"joined\" 이후(같은 시각 "
     "포함)인 고객"},
    {"days_since(\"Order Completed\") > 2 * interval(\"Order Completed\")",
     "the number of days since the latest \"Order Completed\" event at any time is more "
     "than (2 × (the average number of days between \"Order Completed\" events at any "
     "time))",
     "전체 기간의 \"Order Completed\" 이벤트 마지막 발생 후 지난 일수가 (2 × (전체 기간의 "
     "\"Order Completed\" 이벤트 평균 간격 일수)) 초과인 고객"},
    {"trait.age between 25 and 39 and trait.region in (\"서울\", \"경기\")",
     "all of these hold: (1) trait \"age\" is from 25 through 39; (2) trait \"region\" is "
     "one of \"서울\", \"경기\"",
     "다음을 모두 만족하는 고객: (1) 특성 \"age\"가 25 이상 39 이하이다; (2) 특성 "
     "\"region\"이 \"서울\", \"경기\" 중 하나이다"},
    {"trait.vip = true or trait.vip = false",
     "at least one of these holds: (1) trait \"vip\" is true; (2) trait \"vip\" is false",
     "다음 중 하나 이상을 만족하는 고객: (1) 특성 \"vip\"가 참이다; (2) 특성 \"vip\"가 "
     "거짓이다"},
    {"not trait.age > 30",
     "it is not true that trait \"age\" is more than 30 (unknown values included)",
     "(값을 모르는 경우를 포함해) (특성 \"age\"가 30 초과임)에 해당하지 않는 고객"},
    {"not (trait.age > 30 and trait.vip = true)",
     "not all of these hold: (1) trait \"age\" is more than 30; (2) trait \"vip\" is true",
     "다음을 모두 만족하지는 않는 고객: (1) 특성 \"age\"가 30 초과이다; (2) 특성 \"vip\"가 "
     "참이다"},
    {"not (trait.age > 30 or (trait.vip = true and identified))",
     "none of these holds: (1) trait \"age\" is more than 30; (2) all of these hold: (2.1) "
     "trait \"vip\" is true; (2.2) the customer has an external id",
     "다음 중 어느 것도 만족하지 않는 고객: (1) 특성 \"age\"가 30 초과이다; (2) 다음을 모두 "
     "만족한다: (2.1) 특성 \"vip\"가 참이다; (2.2) 외부 ID가 있다"},
    {"not not trait.age > 30", "it is not true that (not (trait \"age\" is more than 30))",
     "((특성 \"age\"가 30 초과임)에 해당하지 않음)에 해당하지 않는 고객"},
    {"not not did(\"구매\")", "it is not true that there is no event \"구매\" at any time",
     "(전체 기간의 \"구매\" 이벤트가 없음)에 해당하지 않는 고객"},
    {"trait.region contains \"서\" and trait.region not starts with \"부산\" and "
     "trait.region ends with \"L\" and trait.region matches \"^[a-z]+$\"",
     "all of these hold: (1) trait \"region\" contains \"서\"; (2) trait \"region\" has a "
     "value that does not start with \"부산\"; (3) trait \"region\" ends with \"L\"; (4) "
     "trait \"region\" matches the regular expression \"^[a-z]+$\"",
     "다음을 모두 만족하는 고객: (1) 특성 \"region\"이 \"서\"를 포함한다; (2) 특성 "
     "\"region\"이 \"부산\"으로 시작하지 않는 값이다; (3) 특성 \"region\"이 \"L\"로 끝난다; "
     "(4) 특성 \"region\"이 정규식 \"^[a-z]+$\"와 일치한다"},
    {"trait.interests contains \"러닝\" and trait.interests not contains \"골프\"",
     "all of these hold: (1) trait \"interests\" has the entry \"러닝\"; (2) trait "
     "\"interests\" has a value that does not have the entry \"골프\"",
     "다음을 모두 만족하는 고객: (1) 특성 \"interests\"가 \"러닝\" 항목을 가진다; (2) 특성 "
     "\"interests\"가 \"골프\" 항목을 가지지 않는 값이다"},
    {"trait.region is known and trait.region is missing",
     "all of these hold: (1) trait \"region\" is known; (2) trait \"region\" is missing",
     "다음을 모두 만족하는 고객: (1) 특성 \"region\"의 값이 있다; (2) 특성 \"region\"의 "
     "값이 없다"},
    {"age(trait.birthday) >= 20", "the full years since trait \"birthday\" is at least 20",
     "특성 \"birthday\"로 센 만 나이가 20 이상인 고객"},
    {"anniversary(trait.birthday next 7 days)",
     "the anniversary of trait \"birthday\" falls in the next 7 days (1 Dec 2026 through 7 "
     "Dec 2026)",
     "오늘부터 7일(2026년 12월 1일~2026년 12월 7일) 안에 특성 \"birthday\"의 기념일이 있는 "
     "고객"},
    {"not anniversary(trait.birthday next 1 day)",
     "the anniversary of trait \"birthday\" does not fall in the next 1 day (1 Dec 2026) "
     "(unknown values included)",
     "(값을 모르는 경우를 포함해) 오늘부터 1일(2026년 12월 1일) 안에 특성 "
     "\"birthday\"의 기념일이 없는 고객"},
    {"sample(20%, \"실험 A\")",
     "the customer is in the fixed random sample of 20% with salt \"실험 A\"",
     "고정된 무작위 표본 20%(솔트 \"실험 A\")에 속하는 고객"},
    {"not sample(12.5%)", "the customer is not in the fixed random sample of 12.5%",
     "고정된 무작위 표본 12.5%에 속하지 않는 고객"},
    {"in segment(\"단골\") and not in segment(\"At risk\" 30 days ago)",
     "all of these hold: (1) the customer is in segment \"단골\"; (2) the customer was not "
     "in segment \"At risk\" 30 days ago (at 1 Nov 2026 09:00)",
     "다음을 모두 만족하는 고객: (1) 세그먼트 \"단골\"에 속한다; (2) 30일 전(2026년 11월 "
     "1일 09:00)에 세그먼트 \"At risk\"에 속하지 않았다"},
    {"in list(\"뉴스 letter\")", "the customer is in list \"뉴스 letter\"",
     "목록 \"뉴스 letter\"에 있는 고객"},
    {"not entered segment(\"단골\" last 7 days) or left segment(\"단골\" this month)",
     "at least one of these holds: (1) the customer did not enter segment \"단골\" in the "
     "last 7 days (after 24 Nov 2026 09:00, through 1 Dec 2026 09:00); (2) the customer "
     "left segment \"단골\" this month (from 1 Dec 2026 00:00, through 1 Dec 2026 09:00)",
     "다음 중 하나 이상을 만족하는 고객: (1) 최근 7일(2026년 11월 24일 09:00 후부터 2026년 "
     "12월 1일 09:00까지)의 세그먼트 \"단골\" 진입 기록이 없다; (2) 이번 달(2026년 12월 1일 "
     "00:00부터 2026년 12월 1일 09:00까지)의 세그먼트 \"단골\" 이탈 기록이 있다"},
    {"metric.aov >= 50_000", "metric \"aov\" is at least 50,000",
     "지표 \"aov\"가 50,000 이상인 고객"},
    {"did(\"Product Added\" as a then no \"Order Completed/products\" where product_id = "
     "a.product_id within 1 day)",
     "there is a sequence (\"Product Added\" as \"a\", then 1 day passed after the last "
     "step without \"Order Completed/products\" with (property \"product_id\" is property "
     "\"product_id\" of step \"a\")) at any time",
     "전체 기간의 이벤트 순서 [\"Product Added\"(이름 \"a\"), 그다음 마지막 단계 후 1일이 "
     "지나도록 (속성 \"product_id\"가 단계 \"a\"의 속성 \"product_id\"인) \"Order "
     "Completed/products\" 없음]가 있는 고객"},
    {"did(\"Product Viewed\" then \"Product Added\" within 30 minutes then no \"Refund\" "
     "then no \"Cancel\" then \"Order Completed\" within 7 days last 90 days)",
     "there is a sequence (\"Product Viewed\", then \"Product Added\" within 30 minutes, "
     "then (with no \"Refund\", no \"Cancel\" in between) \"Order Completed\" within 7 "
     "days) in the last 90 days (after 2 Sep 2026 09:00, through 1 Dec 2026 09:00)",
     "최근 90일(2026년 9월 2일 09:00 후부터 2026년 12월 1일 09:00까지)의 이벤트 순서 "
     "[\"Product Viewed\", 그다음 30분 안에 \"Product Added\", 그다음 (사이에 \"Refund\" "
     "없이, \"Cancel\" 없이) 7일 안에 \"Order Completed\"]가 있는 고객"},
    {"not did(\"A\" then \"B\" then no \"C\" within 2 hours then no \"D\" within 1 month)",
     "there is no sequence (\"A\", then \"B\", then 2 hours passed after the last step "
     "without \"C\", then 1 month passed after the last step without \"D\") at any time",
     "전체 기간의 이벤트 순서 [\"A\", 그다음 \"B\", 그다음 마지막 단계 후 2시간이 지나도록 "
     "\"C\" 없음, 그다음 마지막 단계 후 1개월이 지나도록 \"D\" 없음]가 없는 고객"},
    {"percentile(sum(\"Order Completed\".revenue last 365 days) among (did(\"Order "
     "Completed\" last 365 days))) >= 80",
     "the percentile rank (0 lowest) by (the sum of \"revenue\" over \"Order Completed\" "
     "events in the last 365 days (after 1 Dec 2025 09:00, through 1 Dec 2026 09:00)) among "
     "the customers for whom (there is an event \"Order Completed\" in the last 365 days "
     "(after 1 Dec 2025 09:00, through 1 Dec 2026 09:00)) is at least 80",
     "(최근 365일(2025년 12월 1일 09:00 후부터 2026년 12월 1일 09:00까지)의 \"Order "
     "Completed\" 이벤트가 있는) 고객 중 (최근 365일(2025년 12월 1일 09:00 후부터 2026년 "
     "12월 1일 09:00까지)의 \"Order Completed\" 이벤트의 \"revenue\" 합계) 기준 백분위(최저 "
     "0)가 80 이상인 고객"},
    {"ntile(last_time(\"Order Completed\"), 5 among (did(\"Order Completed\") and "
     "(identified or trait.vip = true))) in (4, 5)",
     "the group, from 1 (lowest) to 5 (highest), by (the time of the latest \"Order "
     "Completed\" event at any time) among the customers for whom (there is an event "
     "\"Order Completed\" at any time and (the customer has an external id or trait \"vip\" "
     "is true)) is one of 4, 5",
     "(전체 기간의 \"Order Completed\" 이벤트가 있고 (외부 ID가 있거나 특성 \"vip\"가 "
     "참임)에 해당하는) 고객 중 (전체 기간의 \"Order Completed\" 이벤트 마지막 시각) 기준 "
     "5등분 그룹 번호(최저 1)가 4, 5 중 하나인 고객"},
    {"percentile(trait.age) < 10",
     "the percentile rank (0 lowest) by trait \"age\" among all customers is less than 10",
     "전체 고객 중 특성 \"age\" 기준 백분위(최저 0)가 10 미만인 고객"},
    {"-count(\"구매\") + (3 - -sum(\"Order Completed\".revenue) / 2) * 4 > 0",
     "(-(the number of \"구매\" events at any time)) + ((3 − ((-(the sum of \"revenue\" "
     "over \"Order Completed\" events at any time)) ÷ 2)) × 4) is more than 0",
     "(-(전체 기간의 \"구매\" 이벤트 횟수)) + ((3 − ((-(전체 기간의 \"Order Completed\" "
     "이벤트의 \"revenue\" 합계)) ÷ 2)) × 4)가 0 초과인 고객"},
    {"trait.joined = \"2026-11-01\" or trait.joined > \"2026-11-01T00:00:01Z\"",
     "at least one of these holds: (1) trait \"joined\" is 1 Nov 2026 00:00; (2) trait "
     "\"joined\" is after 1 Nov 2026 09:00:01",
     "다음 중 하나 이상을 만족하는 고객: (1) 특성 \"joined\"가 2026년 11월 1일 00:00이다; "
     "(2) 특성 \"joined\"가 2026년 11월 1일 09:00:01보다 후이다"},
    {"(trait.age > 1 or (trait.age < 2 and (trait.age = 3 or identified))) and everyone",
     "all of these hold: (1) at least one of these holds: (1.1) trait \"age\" is more than "
     "1; (1.2) all of these hold: (1.2.1) trait \"age\" is less than 2; (1.2.2) at least "
     "one of these holds: (1.2.2.1) trait \"age\" is 3; (1.2.2.2) the customer has an "
     "external id; (2) anyone qualifies",
     "다음을 모두 만족하는 고객: (1) 다음 중 하나 이상을 만족한다: (1.1) 특성 \"age\"가 1 "
     "초과이다; (1.2) 다음을 모두 만족한다: (1.2.1) 특성 \"age\"가 2 미만이다; (1.2.2) 다음 "
     "중 하나 이상을 만족한다: (1.2.2.1) 특성 \"age\"가 3이다; (1.2.2.2) 외부 ID가 있다; "
     "(2) 누구나 해당한다"},
    {"count(\"Order Completed\" last 1_000_000 days) = 1_234_567.5",
     "the number of \"Order Completed\" events in the last 1,000,000 days (from the "
     "beginning, through 1 Dec 2026 09:00) is 1,234,567.5",
     "최근 1,000,000일(처음부터 2026년 12월 1일 09:00까지)의 \"Order Completed\" 이벤트 "
     "횟수가 1,234,567.5인 고객"},
    {"did(\"구매\" where 금액 > 1_000 - 할인 last 2 years)",
     "there is an event \"구매\" with (property \"금액\" is more than (1,000 − property "
     "\"할인\")) in the last 2 years (after 1 Dec 2024 09:00, through 1 Dec 2026 09:00)",
     "최근 2년(2024년 12월 1일 09:00 후부터 2026년 12월 1일 09:00까지)의 (속성 \"금액\"이 "
     "(1,000 − 속성 \"할인\") 초과인) \"구매\" 이벤트가 있는 고객"},
    {"count(\"Order Completed\" last 90 minutes) != 1",
     "the number of \"Order Completed\" events in the last 90 minutes (after 1 Dec 2026 "
     "07:30, through 1 Dec 2026 09:00) is something other than 1",
     "최근 90분(2026년 12월 1일 07:30 후부터 2026년 12월 1일 09:00까지)의 \"Order "
     "Completed\" 이벤트 횟수가 1 외의 값인 고객"},
    {"count(\"Order Completed\" last 12 hours) != 1",
     "the number of \"Order Completed\" events in the last 12 hours (after 30 Nov 2026 "
     "21:00, through 1 Dec 2026 09:00) is something other than 1",
     "최근 12시간(2026년 11월 30일 21:00 후부터 2026년 12월 1일 09:00까지)의 \"Order "
     "Completed\" 이벤트 횟수가 1 외의 값인 고객"},
    {"did(\"Order Completed\" last 6 weeks)",
     "there is an event \"Order Completed\" in the last 6 weeks (after 20 Oct 2026 09:00, "
     "through 1 Dec 2026 09:00)",
     "최근 6주(2026년 10월 20일 09:00 후부터 2026년 12월 1일 09:00까지)의 \"Order "
     "Completed\" 이벤트가 있는 고객"},
    {"did(\"Order Completed\" last 12 months)",
     "there is an event \"Order Completed\" in the last 12 months (after 1 Dec 2025 09:00, "
     "through 1 Dec 2026 09:00)",
     "최근 12개월(2025년 12월 1일 09:00 후부터 2026년 12월 1일 09:00까지)의 \"Order "
     "Completed\" 이벤트가 있는 고객"},
    {"first_time(\"Order Completed\") between \"2026-01-01\" and \"2026-06-30T23:59:59\"",
     "the time of the first \"Order Completed\" event at any time is from 1 Jan 2026 00:00 "
     "through 30 Jun 2026 23:59:59",
     "전체 기간의 \"Order Completed\" 이벤트 첫 시각이 2026년 1월 1일 00:00부터 2026년 6월 "
     "30일 23:59:59까지인 고객"},
    {"interval(\"Order Completed\") is known",
     "the average number of days between \"Order Completed\" events at any time is known",
     "(전체 기간의 \"Order Completed\" 이벤트 평균 간격 일수)의 값이 있는 고객"},
    {"not (trait.vip = true or not did(\"구매\" last 7 days))",
     "none of these holds: (1) trait \"vip\" is true; (2) there is no event \"구매\" in the "
     "last 7 days (after 24 Nov 2026 09:00, through 1 Dec 2026 09:00)",
     "다음 중 어느 것도 만족하지 않는 고객: (1) 특성 \"vip\"가 참이다; (2) 최근 7일(2026년 "
     "11월 24일 09:00 후부터 2026년 12월 1일 09:00까지)의 \"구매\" 이벤트가 없다"},
    {"not not (trait.vip = true and identified)",
     "it is not true that not all of these hold: (1) trait \"vip\" is true; (2) the "
     "customer has an external id",
     "((특성 \"vip\"가 참이고 외부 ID가 있음)에 해당하지 않음)에 해당하지 않는 고객"},
    {"sample(0.00001%) or sample(1) or sample(0)",
     "at least one of these holds: (1) the customer is in the fixed random sample of 1e-5%; "
     "(2) the customer is in the fixed random sample of 100%; (3) the customer is in the "
     "fixed random sample of 0%",
     "다음 중 하나 이상을 만족하는 고객: (1) 고정된 무작위 표본 1e-5%에 속한다; (2) 고정된 "
     "무작위 표본 100%에 속한다; (3) 고정된 무작위 표본 0%에 속한다"},
    {"trait.age in (-1, 1_000, 2.5)", "trait \"age\" is one of -1, 1,000, 2.5",
     "특성 \"age\"가 -1, 1,000, 2.5 중 하나인 고객"},
    {"trait.region in (\"a\\\"b\", \"c\\\\d\")",
     "trait \"region\" is one of \"a\\\"b\", \"c\\\\d\"",
     "특성 \"region\"이 \"a\\\"b\", \"c\\\\d\" 중 하나인 고객"},
    {"percentile(trait.age among (trait.age > 1 and not (trait.vip = true or identified))) "
     "between 10 and 20",
     "the percentile rank (0 lowest) by trait \"age\" among the customers for whom (trait "
     "\"age\" is more than 1 and not (trait \"vip\" is true or the customer has an external "
     "id)) is from 10 through 20",
     "(특성 \"age\"가 1 초과이고 (특성 \"vip\"가 참이거나 외부 ID가 있음)에 해당하지 않는) "
     "고객 중 특성 \"age\" 기준 백분위(최저 0)가 10 이상 20 이하인 고객"},
    {"entered segment(\"단골\" since \"2026-11-01\")",
     "the customer entered segment \"단골\" since 1 Nov 2026 00:00 through 1 Dec 2026 09:00",
     "2026년 11월 1일 00:00부터 2026년 12월 1일 09:00까지의 세그먼트 \"단골\" 진입 기록이 "
     "있는 고객"},
    {"left segment(\"At risk\" yesterday)",
     "the customer left segment \"At risk\" yesterday (from 30 Nov 2026 00:00, before 1 Dec "
     "2026 00:00)",
     "어제(2026년 11월 30일 00:00부터 2026년 12월 1일 00:00 전까지)의 세그먼트 \"At risk\" "
     "이탈 기록이 있는 고객"},
    {"did(\"구매\" as a then \"구매\" as b where 품목 = a.품목 and 금액 > 5)",
     "there is a sequence (\"구매\" as \"a\", then \"구매\" as \"b\" with (property "
     "\"품목\" is property \"품목\" of step \"a\" and property \"금액\" is more than 5)) at "
     "any time",
     "전체 기간의 이벤트 순서 [\"구매\"(이름 \"a\"), 그다음 (속성 \"품목\"이 단계 \"a\"의 "
     "속성 \"품목\"이고 속성 \"금액\"이 5 초과인) \"구매\"(이름 \"b\")]가 있는 고객"},
    {"trait.vip != true", "trait \"vip\" is something other than true",
     "특성 \"vip\"가 참 외의 값인 고객"},
    {"trait.joined <= \"2026-11-01\"", "trait \"joined\" is at or before 1 Nov 2026 00:00",
     "특성 \"joined\"가 2026년 11월 1일 00:00 이전(같은 시각 포함)인 고객"},
};

static void shares_are_exact_percentages(void **state)
{
    (void)state;
    static const char *const shares[][2] = {
        {"0.5", "50%"},        {"0.05", "5%"},
        {"0.005", "0.5%"},     {"0.07", "7%"},
        {"0.145", "14.5%"},    {"0.000001", "0.0001%"},
        {"1.5e-7", "1.5e-5%"}, {"0.123456789", "12.3456789%"},
    };
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        char text[64];
        char said[96];
        snprintf(text, sizeof text, "sample(%s)", shares[i][0]);
        snprintf(said, sizeof said, "the customer is in the fixed random sample of %s",
                 shares[i][1]);
        expect(text, GY_LANGUAGE_EN, "Asia/Seoul", NOW, BEGIN_EN, said);
    }
}

static void definitions_are_said_in_both_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        const struct saying *s = &sayings[i];
        expect(s->text, GY_LANGUAGE_EN, "Asia/Seoul", NOW, BEGIN_EN, s->english);
        expect(s->text, GY_LANGUAGE_KO, "Asia/Seoul", NOW, BEGIN_KO, s->korean);
    }
}

static void everyone_needs_no_condition(void **state)
{
    (void)state;
    expect("everyone", GY_LANGUAGE_EN, "Asia/Seoul", NOW, "",
           "Every customer, as of 1 Dec 2026 09:00 (Asia/Seoul)");
    expect("everyone", GY_LANGUAGE_KO, "Asia/Seoul", NOW, BEGIN_KO, "모든 고객");
}

/* New York went back from 02:00 to 01:00 on 1 November 2026, and forward to 03:00 on 8 March. */
static void the_second_of_two_local_times_has_its_offset(void **state)
{
    (void)state;
    expect(
        "did(x last 1 hour)", GY_LANGUAGE_EN, "America/New_York", "2026-11-01T06:30Z", "",
        "Every customer for whom, as of 1 Nov 2026 01:30 UTC-05:00 (America/New_York), there is an "
        "event \"x\" in the last hour (after 1 Nov 2026 01:30, through 1 Nov 2026 01:30 UTC-05:00)");
    expect("did(x last 1 day)", GY_LANGUAGE_KO, "America/New_York", "2026-03-08T12:00", "",
           "2026년 3월 8일 12:00(America/New_York) 기준으로, 최근 1일(2026년 3월 7일 11:00 후부터 "
           "2026년 3월 8일 12:00까지)의 \"x\" 이벤트가 있는 고객");
}

static void instants_are_exact_to_the_millisecond(void **state)
{
    (void)state;
    expect(
        "did(x last 5 minutes)", GY_LANGUAGE_EN, "UTC", "2026-01-01T00:00:01.005", "",
        "Every customer for whom, as of 1 Jan 2026 00:00:01.005 (UTC), there is an event \"x\" in "
        "the last 5 minutes (after 31 Dec 2025 23:55:01.005, through 1 Jan 2026 00:00:01.005)");
}

/* A month back from 31 March is the last of February. */
static void months_step_the_calendar(void **state)
{
    (void)state;
    expect(
        "did(x last 1 month)", GY_LANGUAGE_KO, "Asia/Seoul", "2026-03-31T10:00", "",
        "2026년 3월 31일 10:00(Asia/Seoul) 기준으로, 최근 1개월(2026년 2월 28일 10:00 후부터 2026년 3월 "
        "31일 10:00까지)의 \"x\" 이벤트가 있는 고객");
}

static void the_same_text_names_other_instants_in_another_zone(void **state)
{
    (void)state;
    expect(
        "did(x today)", GY_LANGUAGE_EN, "UTC", "2026-12-01T00:00Z", "",
        "Every customer for whom, as of 1 Dec 2026 00:00 (UTC), there is an event \"x\" today (from "
        "1 Dec 2026 00:00, through 1 Dec 2026 00:00)");
    expect(
        "did(x today)", GY_LANGUAGE_EN, "Europe/Berlin", "2026-12-01T00:00Z", "",
        "Every customer for whom, as of 1 Dec 2026 01:00 (Europe/Berlin), there is an event \"x\" "
        "today (from 1 Dec 2026 00:00, through 1 Dec 2026 01:00)");
}

/* Without a zone it is UTC; a value is a phrase without a full stop. */
static void values_are_phrases(void **state)
{
    (void)state;
    struct gy_check_options options = {.allow_unknown = true};
    struct gy_definition definition = {0};
    struct gy_error err = {0};
    struct gy_buf out = {0};
    workspace.vocabulary.zone = NULL;
    assert_ok(
        gy_define_value(GY_STR("sum(\"Order Completed\".revenue) / count(\"Order Completed\")"),
                        &workspace.vocabulary, &options, &definition, &err),
        &err);
    gy_sentence_value(definition.term, GY_LANGUAGE_EN, NULL, 0, &out);
    assert_string_equal(out.ptr,
                        "(the sum of \"revenue\" over \"Order Completed\" events at any time) "
                        "÷ (the number of \"Order Completed\" events at any time)");
    gy_buf_reset(&out);
    gy_sentence_value(definition.term, GY_LANGUAGE_KO, NULL, 0, &out);
    assert_string_equal(
        out.ptr, "(전체 기간의 \"Order Completed\" 이벤트의 \"revenue\" 합계) ÷ (전체 기간의 "
                 "\"Order Completed\" 이벤트 횟수)");
    gy_buf_release(&out);
    gy_definition_release(&definition);
}

/* ---- the page ---- */

/* The text between `from` (of which it ends) and `to`; `*at` moves behind it. */
static char *between(const char **at, const char *from, const char *to)
{
    const char *begin = strstr(*at, from);
    assert_non_null(begin);
    begin += strlen(from);
    const char *end = strstr(begin, to);
    assert_non_null(end);
    *at = end;
    return strndup(begin, (size_t)(end - begin));
}

/* docs/sentences.md: each definition is followed by what is said of it, in quotes of the page. */
static void the_page_says_what_is_said(void **state)
{
    (void)state;
    static const char fence[] = "\n```gyeol\n";
    struct gy_buf page = {0};
    struct gy_error err = {0};
    struct gy_zone *zone = zone_of("Asia/Seoul");
    size_t n = 0;
    assert_ok(gy_file_read(SENTENCES_MD, &page, &err), &err);
    const char *at = page.ptr;
    while (strstr(at, fence) != NULL) {
        char *text = between(&at, fence, "\n```\n");
        for (int language = GY_LANGUAGE_EN; language <= GY_LANGUAGE_KO; language++) {
            char *written = between(&at, "\n> ", "\n");
            char *said = say(text, (enum gy_language)language, zone, NOW);
            assert_string_equal(said, written);
            free(said);
            free(written);
        }
        free(text);
        n++;
    }
    assert_true(n >= 5);
    gy_buf_release(&page);
    gy_zone_close(zone);
}

/* What the shape's check is for. */
static void a_sentence_with_a_gap_is_noticed(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "no stop",
        "two  spaces.",
        "an (open one.",
        "a closed) one.",
        "an () empty one.",
        "a \"quote.",
        "before , one.",
        "(nil) thing .",
        "[half).",
        " in front.",
        "(null).",
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        if (find_gap(gy_str_of(broken[i])) == NULL) {
            fail_msg("%s", broken[i]);
        }
    }
    assert_null(find_gap(GY_STR("A \"(  \\\" ,\" is [(fine), too].")));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(definitions_are_said_in_both_languages),
        cmocka_unit_test(shares_are_exact_percentages),
        cmocka_unit_test(everyone_needs_no_condition),
        cmocka_unit_test(the_second_of_two_local_times_has_its_offset),
        cmocka_unit_test(instants_are_exact_to_the_millisecond),
        cmocka_unit_test(months_step_the_calendar),
        cmocka_unit_test(the_same_text_names_other_instants_in_another_zone),
        cmocka_unit_test(values_are_phrases),
        cmocka_unit_test(the_page_says_what_is_said),
        cmocka_unit_test(a_sentence_with_a_gap_is_noticed),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(cases, name_things, forget_things);
}
