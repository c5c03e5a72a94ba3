/* sentence.h - a checked definition as one sentence that people read, in English or in Korean.
 *
 *     count("Order Completed" last 30 days) >= 2 and trait.vip = true
 *
 *     Every customer for whom, as of 1 Dec 2026 09:00 (Asia/Seoul), all of these hold: (1) the number
 *     of "Order Completed" events in the last 30 days (after 1 Nov 2026 09:00, through 1 Dec 2026
 *     09:00) is at least 2; (2) trait "vip" is true.
 *
 *     2026년 12월 1일 09:00(Asia/Seoul) 기준으로, 다음을 모두 만족하는 고객: (1) 최근 30일(2026년 11월 1일
 *     09:00 후부터 2026년 12월 1일 09:00까지)의 "Order Completed" 이벤트 횟수가 2 이상이다; (2) 특성 "vip"가
 *     참이다.
 *
 * Invariants
 *   (1) Every window is said in words and as the instants it stands for in the zone as of `now_ms`. A
 *       local time that occurs twice is the first of the two; at the second one its offset stands.
 *   (2) Two definitions have the same sentence only where they have the same meaning: names and
 *       strings are quoted as the language quotes them, parts of a list are numbered to any depth
 *       ("(2.1)"), and inside a part what belongs together stands in parentheses.
 *   (3) "after" and "후부터" leave out their instant, "from" and "부터" include it; "through" and "까지"
 *       include theirs, "before" and "전까지" do not.
 */
#ifndef GY_LANG_SENTENCE_H
#define GY_LANG_SENTENCE_H

#include "base/buf.h"
#include "base/zone.h"
#include "lang/ast.h"

enum gy_language {
    GY_LANGUAGE_EN,
    GY_LANGUAGE_KO,
};

/* Appends the sentence. `expr` has been checked; `zone` is the workspace's, NULL is UTC. */
void gy_sentence(const struct gy_expr *expr, enum gy_language language, const struct gy_zone *zone,
                 int64_t now_ms, struct gy_buf *out);

/* Appends a checked value (of a metric) as a phrase: `the sum of "revenue" over …`. */
void gy_sentence_value(const struct gy_term *term, enum gy_language language,
                       const struct gy_zone *zone, int64_t now_ms, struct gy_buf *out);

#endif
