/* test_api_document.c - the document describes every route of the API and no other, with the role it takes. */
#include "harness.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "server/api.h"
#include "server/api_document.h"

static json_t *read_document(void)
{
    json_error_t wrong;
    struct gy_str text = gy_api_document();
    json_t *document = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &wrong);
    if (document == NULL) {
        fail_msg("line %d: %s", wrong.line, wrong.text);
    }
    return document;
}

/* "/api/segments/{name}" as a route has it: "/api/segments/ *" without the blank. */
static void put_pattern(const char *path, struct gy_buf *out)
{
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '{') {
            at = strchr(at, '}');
            assert_non_null(at);
            gy_buf_char(out, '*');
        } else {
            gy_buf_char(out, *at);
        }
    }
}

static const char *role_of(enum gy_right right)
{
    switch (right) {
    case GY_RIGHT_PUBLIC:
        return "public";
    case GY_RIGHT_READ:
        return "analyst";
    case GY_RIGHT_EDIT:
        return "editor";
    case GY_RIGHT_OWN:
        return "owner";
    }
    return "";
}

static const struct gy_api_route *find_route(const char *path, const char *verb)
{
    struct gy_buf pattern = {0};
    struct gy_buf method = {0};
    const struct gy_api_route *found = NULL;
    put_pattern(path, &pattern);
    for (const char *at = verb; *at != '\0'; at++) {
        gy_buf_char(&method, (char)(*at - 'a' + 'A'));
    }
    for (size_t i = 0; i < gy_n_api_tables; i++) {
        for (size_t k = 0; k < gy_api_tables[i]->n; k++) {
            const struct gy_api_route *route = &gy_api_tables[i]->routes[k];
            if (strcmp(route->path, pattern.ptr) == 0 &&
                route->method == gy_method_of(gy_buf_view(&method))) {
                found = route;
            }
        }
    }
    gy_buf_release(&pattern);
    gy_buf_release(&method);
    return found;
}

static size_t count_routes(void)
{
    size_t n = 0;
    for (size_t i = 0; i < gy_n_api_tables; i++) {
        n += gy_api_tables[i]->n;
    }
    return n;
}

static void check_operation(const char *path, const char *verb, const json_t *operation)
{
    const struct gy_api_route *route = find_route(path, verb);
    if (route == NULL) {
        fail_msg("%s %s is described and not there", verb, path);
        return;
    }
    const json_t *role = json_object_get(operation, "x-role");
    if (!json_is_string(role) || strcmp(json_string_value(role), role_of(route->right)) != 0) {
        fail_msg("%s %s takes the role %s", verb, path, role_of(route->right));
    }
    if ((json_object_get(operation, "requestBody") != NULL) != (route->body_max > 0)) {
        fail_msg("%s %s: whether it has a body", verb, path);
    }
    assert_non_null(json_object_get(operation, "operationId"));
    assert_non_null(json_object_get(operation, "summary"));
    assert_non_null(json_object_get(operation, "responses"));
}

static void every_route_is_described(void **state)
{
    (void)state;
    const char *path;
    const char *verb;
    json_t *item;
    json_t *operation;
    size_t n = 0;
    json_t *document = read_document();
    json_object_foreach(json_object_get(document, "paths"), path, item)
    {
        json_object_foreach(item, verb, operation)
        {
            if (strcmp(verb, "parameters") != 0) {
                check_operation(path, verb, operation);
                n++;
            }
        }
    }
    assert_int_equal(n, count_routes());
    json_decref(document);
}

/* What the document refers to stands in it. */
static void check_references(const json_t *document, const json_t *value)
{
    const char *key;
    json_t *child;
    size_t i;
    if (json_is_array(value)) {
        json_array_foreach(value, i, child)
        {
            check_references(document, child);
        }
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, child)
    {
        if (strcmp(key, "$ref") != 0) {
            check_references(document, child);
            continue;
        }
        char *reference = strdup(json_string_value(child));
        char *rest;
        const json_t *at = document;
        assert_int_equal(strncmp(reference, "#/", 2), 0);
        for (char *piece = strtok_r(reference + 2, "/", &rest); piece != NULL;
             piece = strtok_r(NULL, "/", &rest)) {
            at = json_object_get(at, piece);
        }
        if (at == NULL) {
            fail_msg("%s is not there", json_string_value(child));
        }
        free(reference);
    }
}

static void references_lead_somewhere(void **state)
{
    (void)state;
    json_t *document = read_document();
    check_references(document, document);
    json_decref(document);
}

static const struct CMUnitTest cases[] = {
    cmocka_unit_test(every_route_is_described),
    cmocka_unit_test(references_lead_somewhere),
};

GY_TEST_MAIN(cases)
