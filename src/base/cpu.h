/* cpu.h - what this processor can that not every one of its kind can.
 *
 * A kernel with AVX2 stands beside one in plain C that gives the same bits; which of them runs is asked
 * here when it is called, once for many rows:
 *
 *     GY_AVX2 static void add_avx2(…);       compiled for AVX2, whatever the rest is compiled for
 *     if (gy_cpu_has_avx2()) add_avx2(…); else add_plain(…);
 */
#ifndef GY_BASE_CPU_H
#define GY_BASE_CPU_H

#include <stdbool.h>

#if defined(__x86_64__) && defined(__GNUC__)

#define GY_HAS_AVX2_CODE 1 /* there may be functions for AVX2 */
/* AVX2 and what every processor with it has: counting and finding bits. */
#define GY_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

static inline bool gy_cpu_has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

#else

#define GY_HAS_AVX2_CODE 0
#define GY_AVX2

static inline bool gy_cpu_has_avx2(void)
{
    return false;
}

#endif

/* Where the compiler makes AVX2 of plain C: `name` runs NAME_body, a function that is always inlined, as it
 * is compiled for this processor. Both ways are one text. */
#define GY_COMPILE_FOR_AVX2(name, parameters, arguments) \
    GY_AVX2 static void name##_avx2 parameters           \
    {                                                    \
        name##_body arguments;                           \
    }                                                    \
    static void name parameters                          \
    {                                                    \
        if (gy_cpu_has_avx2())                           \
            name##_avx2 arguments;                       \
        else                                             \
            name##_body arguments;                       \
    }

#define GY_ALWAYS_INLINE inline __attribute__((always_inline))

#endif
