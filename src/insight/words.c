/* words.c - see words.h. */
#include "insight/words.h"

#include <string.h>

static const char *const english[] = {
#define GY_WORD(name, en, ko) en,
#include "insight/words.def"
#undef GY_WORD
};

static const char *const korean[] = {
#define GY_WORD(name, en, ko) ko,
#include "insight/words.def"
#undef GY_WORD
};

const char *gy_word(enum gy_word word, const char *language)
{
    return strcmp(language, "ko") == 0 ? korean[word] : english[word];
}
