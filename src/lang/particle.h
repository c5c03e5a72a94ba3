/* particle.h - Korean particles, chosen by how the word before them ends.
 *
 *     주문을, 3을, 1,000을, name을    a closed syllable: 은 이 을 으로 과
 *     가게를, 5를, VIP를, "Order"를    an open one:       는 가 를 로 와
 *     서울을, 서울로                   ㄹ: as if closed, but 로
 *
 * What counts is the last sound as a Korean says it: of a Hangul syllable its final consonant, of a
 * number its last word (10 is 십, 10,000 is 만, 1,000,000,000,000 is 조), of a few capitals the name
 * of the last letter, of an English word its usual spelling in Hangul. Quotes and punctuation behind
 * the word are skipped, and so is a remark in parentheses that follows it without a space.
 */
#ifndef GY_LANG_PARTICLE_H
#define GY_LANG_PARTICLE_H

#include "base/str.h"

enum gy_particle {
    GY_PARTICLE_TOPIC,     /* 은/는 */
    GY_PARTICLE_SUBJECT,   /* 이/가 */
    GY_PARTICLE_OBJECT,    /* 을/를 */
    GY_PARTICLE_DIRECTION, /* 으로/로 */
    GY_PARTICLE_WITH,      /* 과/와 */
};

/* The particle behind `word`, well-formed UTF-8 of which only the end matters. Where the sound is not
 * known (another script) it is both forms: "은(는)". A constant. */
const char *gy_particle(struct gy_str word, enum gy_particle particle);

#endif
