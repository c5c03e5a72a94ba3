/* words.h - the words of reports, in the languages a workspace may have. */
#ifndef GY_INSIGHT_WORDS_H
#define GY_INSIGHT_WORDS_H

enum gy_word {
#define GY_WORD(name, en, ko) GY_WORD_##name,
#include "insight/words.def"
#undef GY_WORD
};

/* In "ko" Korean, else English. */
const char *gy_word(enum gy_word word, const char *language);

#endif
