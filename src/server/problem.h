/* problem.h - an error as RFC 9457 has it: {"type":"about:blank","title":"Not Found","status":404,"detail":…} */
#ifndef GY_SERVER_PROBLEM_H
#define GY_SERVER_PROBLEM_H

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

#define GY_PROBLEM_TYPE "application/problem+json"

void gy_problem_put(unsigned status, struct gy_str detail, struct gy_buf *out);

/* Of an error, with more members where it has them: "code" ("NOT_FOUND"), "hint" (a sentence: what to do),
 * "context" (what was being done), "line" and "column" (in the text that was sent, from 1). */
void gy_problem_put_error(unsigned status, const struct gy_error *err, struct gy_buf *out);

/* "Not Found"; "" for a status that the server does not use. */
const char *gy_http_status_name(unsigned status);

#endif
