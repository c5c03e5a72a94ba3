/* setup_page.c - see setup_page.h. */
#include "server/setup_page.h"

#define INCLUDE(name, file)                                          \
    __asm__(".section .rodata\n" name ":\n"                          \
            ".incbin \"" GY_SETUP_DIR "/" file "\"\n" name "_end:\n" \
            ".byte 0\n"                                              \
            ".previous\n")

INCLUDE("gy_setup_html", "setup.html");
INCLUDE("gy_setup_css", "setup.css");
INCLUDE("gy_setup_js", "setup.js");

extern const char gy_setup_html[];
extern const char gy_setup_html_end[];
extern const char gy_setup_css[];
extern const char gy_setup_css_end[];
extern const char gy_setup_js[];
extern const char gy_setup_js_end[];

static void answer(struct gy_exchange *x, const char *type, const char *from, const char *end)
{
    gy_exchange_put_header(x, "Cache-Control", GY_STR("no-cache"));
    gy_exchange_answer(x, 200, type, (struct gy_str){from, (size_t)(end - from)});
}

void gy_setup_page(void *context, struct gy_exchange *x)
{
    (void)context;
    gy_exchange_put_header(x, "Content-Security-Policy",
                           GY_STR("default-src 'none'; script-src 'self'; style-src 'self'; "
                                  "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                                  "frame-ancestors 'none'"));
    answer(x, "text/html; charset=utf-8", gy_setup_html, gy_setup_html_end);
}

void gy_setup_style(void *context, struct gy_exchange *x)
{
    (void)context;
    answer(x, "text/css; charset=utf-8", gy_setup_css, gy_setup_css_end);
}

void gy_setup_script(void *context, struct gy_exchange *x)
{
    (void)context;
    answer(x, "text/javascript; charset=utf-8", gy_setup_js, gy_setup_js_end);
}
