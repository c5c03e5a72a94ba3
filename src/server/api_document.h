/* api_document.h - the OpenAPI 3.1 document of the API: a JSON text. */
#ifndef GY_SERVER_API_DOCUMENT_H
#define GY_SERVER_API_DOCUMENT_H

#include "base/str.h"

struct gy_str gy_api_document(void);

#endif
