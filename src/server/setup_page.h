/* setup_page.h - the page behind the links by which people come (first_owner.h, `gyeol user add`): a form for a password.
 *
 * Plain files inside the program, setup.html, setup.css and setup.js; it loads nothing from elsewhere.
 */
#ifndef GY_SERVER_SETUP_PAGE_H
#define GY_SERVER_SETUP_PAGE_H

#include "server/http.h"

/* Handlers of GET /setup, /setup.css and /setup.js. */
void gy_setup_page(void *context, struct gy_exchange *x);
void gy_setup_style(void *context, struct gy_exchange *x);
void gy_setup_script(void *context, struct gy_exchange *x);

#endif
