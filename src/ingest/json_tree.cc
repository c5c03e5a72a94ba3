/* json_tree.cc - simdjson's document made flat.
 *
 * The document interface, not the on-demand one: that one does not check what it passes over, and a line
 * is taken whole or not at all. Where an integer is beyond 64 bits simdjson 3.0 refuses the text;
 * the fallback writes such integers with ".0" behind them and reads again.
 */
#include "ingest/json_tree.h"

#include <cstdlib>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include <simdjson.h>

namespace dom = simdjson::dom;

static constexpr size_t DEPTH_MAX = 64;

struct gy_json_tree {
    dom::parser parser;
    std::vector<gy_json_node> nodes;
    std::string rewritten;
};

/* ---- flattening ---- */

static void set_end(gy_json_tree *tree, size_t at)
{
    tree->nodes[at].end = static_cast<uint32_t>(tree->nodes.size());
}

static size_t add(gy_json_tree *tree, gy_json_kind kind)
{
    gy_json_node node = {};
    node.kind = kind;
    tree->nodes.push_back(node);
    set_end(tree, tree->nodes.size() - 1);
    return tree->nodes.size() - 1;
}

static void add_string(gy_json_tree *tree, std::string_view s)
{
    size_t at = add(tree, GY_JSON_STRING);
    tree->nodes[at].n = static_cast<uint32_t>(s.size());
    tree->nodes[at].as.string = s.data();
}

static void add_element(gy_json_tree *tree, dom::element element)
{
    switch (element.type()) {
    case dom::element_type::NULL_VALUE:
        add(tree, GY_JSON_NULL);
        break;
    case dom::element_type::BOOL:
        add(tree, bool(element) ? GY_JSON_TRUE : GY_JSON_FALSE);
        break;
    case dom::element_type::INT64: {
        size_t at = add(tree, GY_JSON_INT);
        tree->nodes[at].as.integer = int64_t(element);
        break;
    }
    case dom::element_type::UINT64: {
        size_t at = add(tree, GY_JSON_NUMBER);
        tree->nodes[at].as.number = static_cast<double>(uint64_t(element));
        break;
    }
    case dom::element_type::DOUBLE: {
        size_t at = add(tree, GY_JSON_NUMBER);
        tree->nodes[at].as.number = double(element);
        break;
    }
    case dom::element_type::STRING:
        add_string(tree, std::string_view(element));
        break;
    case dom::element_type::ARRAY: {
        size_t at = add(tree, GY_JSON_ARRAY);
        for (dom::element inner : dom::array(element)) {
            add_element(tree, inner);
            tree->nodes[at].n++;
        }
        set_end(tree, at);
        break;
    }
    case dom::element_type::OBJECT: {
        size_t at = add(tree, GY_JSON_OBJECT);
        for (dom::key_value_pair member : dom::object(element)) {
            add_string(tree, member.key);
            add_element(tree, member.value);
            tree->nodes[at].n++;
        }
        set_end(tree, at);
        break;
    }
    }
}

/* ---- large integers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Copies `text`, ".0" behind every integer of 19 digits or more that stands outside strings. */
static void rewrite_integers(const char *text, size_t len, std::string *out)
{
    out->clear();
    bool is_quoted = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (is_quoted && c == '\\' && i + 1 < len) {
            out->push_back(c);
            c = text[++i];
        } else if (c == '"') {
            is_quoted = !is_quoted;
        }
        out->push_back(c);
        bool begins =
            !is_quoted && is_digit(c) && (i == 0 || (!is_digit(text[i - 1]) && text[i - 1] != '.'));
        size_t n = 1;
        while (begins && i + n < len && is_digit(text[i + n])) {
            n++;
        }
        char behind = i + n < len ? text[i + n] : '\0';
        if (begins && n >= 19 && behind != '.' && behind != 'e' && behind != 'E') {
            out->append(text + i + 1, n - 1).append(".0");
            i += n - 1;
        }
    }
}

/* ---- for C ---- */

gy_json_tree *gy_json_tree_new(void)
{
    gy_json_tree *tree = new (std::nothrow) gy_json_tree;
    if (tree == nullptr || tree->parser.allocate(1 << 12, DEPTH_MAX) != simdjson::SUCCESS) {
        std::abort();
    }
    return tree;
}

void gy_json_tree_free(gy_json_tree *tree)
{
    delete tree;
}

bool gy_json_tree_read(gy_json_tree *tree, const char *text, size_t len, gy_json_node **nodes)
{
    dom::element root;
    auto error = tree->parser.parse(text, len).get(root);
    if (error == simdjson::NUMBER_ERROR || error == simdjson::TAPE_ERROR) {
        rewrite_integers(text, len, &tree->rewritten);
        error = tree->parser.parse(tree->rewritten).get(root);
    }
    tree->nodes.clear();
    *nodes = nullptr;
    if (error != simdjson::SUCCESS) {
        return false;
    }
    add_element(tree, root);
    *nodes = tree->nodes.data();
    return true;
}
