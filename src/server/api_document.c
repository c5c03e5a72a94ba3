/* api_document.c - the OpenAPI document, as it stands in openapi.json, inside the program. */
#include "server/api_document.h"

__asm__(".section .rodata\n"
        "gy_openapi_json:\n"
        ".incbin \"" GY_OPENAPI_PATH "\"\n"
        "gy_openapi_json_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char gy_openapi_json[];
extern const char gy_openapi_json_end[];

struct gy_str gy_api_document(void)
{
    return (struct gy_str){gy_openapi_json, (size_t)(gy_openapi_json_end - gy_openapi_json)};
}
