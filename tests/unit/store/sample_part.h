/* sample_part.h - one small part that has everything a part can have. */
#ifndef GY_TESTS_SAMPLE_PART_H
#define GY_TESTS_SAMPLE_PART_H

#include "rows_fixture.h"

/* A part with every role, every type and every encoding, as small as that can be. */
static inline void make_bytes(uint8_t **bytes, size_t *len)
{
    struct test_row rows[12] = {0};
    const struct gy_str list[2] = {GY_STR("b"), GY_STR("a")};
    for (uint32_t i = 0; i < 12; i++) {
        rows[i] = (struct test_row){
            .stream = i < 5    ? EVENT_A
                      : i < 7  ? EVENT_B
                      : i < 9  ? TRAIT_TAGS
                      : i < 11 ? TRAIT_NAME
                               : 0,
            .ordinal = i == 4 ? 70000 : i / 2,
            .time_ms = 1000 * i + i,
            .rank = i == 3,
            .number = i,
        };
        rows[i].fingerprint = rows[i].stream == EVENT_A || rows[i].stream == EVENT_B ? i + 1 : 0;
    }
    const double numbers[5] = {1.5, 2, -3.25, 0, 1e300};
    for (uint32_t i = 0; i < 5; i++) {
        rows[i].values[0] = (struct gy_value){.type = GY_VALUE_NUMBER, .number = numbers[i]};
        rows[i].values[1] = (struct gy_value){.type = GY_VALUE_STRING, .string = GY_STR("결")};
        rows[i].values[2] = (struct gy_value){.type = GY_VALUE_BOOL, .boolean = i % 2 == 0};
        rows[i].values[3] = (struct gy_value){.type = GY_VALUE_TIME, .time_ms = -1000 * (int64_t)i};
    }
    rows[3].values[0] = (struct gy_value){.type = GY_VALUE_CELL, .string = GY_STR("\"much\"")};
    rows[5].values[0] = (struct gy_value){.type = GY_VALUE_STRING, .string = GY_STR("one")};
    rows[6].values[0] = (struct gy_value){.type = GY_VALUE_STRING, .string = GY_STR("two")};
    rows[7].values[0] = (struct gy_value){.type = GY_VALUE_LIST, .list = {.strings = list, .n = 2}};
    rows[9].values[0] = (struct gy_value){.type = GY_VALUE_STRING, .string = GY_STR("twice")};
    rows[10].values[0] = rows[9].values[0];
    rows[7].time_ms = GY_TIME_ALWAYS_MS; /* its slice has no times */
    rows[8].time_ms = GY_TIME_ALWAYS_MS;
    rows[10].time_ms = INT64_C(-631152000123); /* in 1949: its slice has wide milliseconds */
    struct gy_part_writer *w = fixture_writer();
    write_rows(w, rows, 12);
    fixture_bytes(w, bytes, len);
}

#endif
