/* proxies.c - see proxies.h. */
#include "server/proxies.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char mapped_v4[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* ---- addresses ---- */

static bool read_address(const char *text, unsigned char out[16], bool *is_v4)
{
    *is_v4 = inet_pton(AF_INET, text, out + 12) == 1;
    if (*is_v4) {
        memcpy(out, mapped_v4, sizeof mapped_v4);
        return true;
    }
    return inet_pton(AF_INET6, text, out) == 1;
}

static bool bytes_of(const struct sockaddr *address, unsigned char out[16])
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        memcpy(out, mapped_v4, sizeof mapped_v4);
        memcpy(out + 12, &v4.sin_addr, 4);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, address, sizeof v6);
        memcpy(out, &v6.sin6_addr, 16);
        return true;
    }
    return false;
}

static void write_address(const unsigned char bytes[16], char out[GY_CLIENT_ADDRESS_SIZE])
{
    bool is_v4 = memcmp(bytes, mapped_v4, sizeof mapped_v4) == 0;
    if (inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? bytes + 12 : bytes, out,
                  GY_CLIENT_ADDRESS_SIZE) == NULL) {
        out[0] = '\0';
    }
}

static bool is_loopback(const unsigned char bytes[16])
{
    static const unsigned char v6[16] = {[15] = 1};
    return memcmp(bytes, v6, 16) == 0 ||
           (memcmp(bytes, mapped_v4, sizeof mapped_v4) == 0 && bytes[12] == 127);
}

bool gy_is_loopback(const struct sockaddr *address)
{
    unsigned char bytes[16];
    return bytes_of(address, bytes) && is_loopback(bytes);
}

/* ---- networks ---- */

static bool is_in(const struct gy_network *network, const unsigned char bytes[16])
{
    unsigned whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    unsigned mask = 0xff00U >> rest & 0xff;
    return memcmp(network->bytes, bytes, whole) == 0 &&
           (rest == 0 || ((network->bytes[whole] ^ bytes[whole]) & mask) == 0);
}

static bool is_believed(const struct gy_proxies *proxies, const unsigned char bytes[16])
{
    bool found = is_loopback(bytes);
    for (size_t i = 0; i < proxies->n; i++) {
        found |= is_in(&proxies->networks[i], bytes);
    }
    return found;
}

static bool read_network(struct gy_str word, struct gy_network *out)
{
    char text[GY_CLIENT_ADDRESS_SIZE];
    char *end;
    bool is_v4;
    if (word.len == 0 || word.len >= sizeof text) {
        return false;
    }
    snprintf(text, sizeof text, "%.*s", GY_STR_ARG(word));
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    if (!read_address(text, out->bytes, &is_v4)) {
        return false;
    }
    unsigned most = is_v4 ? 32 : 128;
    unsigned long bits = most;
    if (slash != NULL) {
        bits = strtoul(slash + 1, &end, 10);
        if (slash[1] < '0' || slash[1] > '9' || *end != '\0' || bits > most) {
            return false;
        }
    }
    out->bits = (unsigned)bits + 128 - most;
    return true;
}

/* Takes the front up to the next comma off `rest`, without blanks around it. */
static struct gy_str next_word(struct gy_str *rest)
{
    const char *comma = memchr(rest->ptr, ',', rest->len);
    size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->ptr);
    struct gy_str word = {rest->ptr, len};
    len += comma != NULL;
    *rest = (struct gy_str){rest->ptr + len, rest->len - len};
    while (word.len > 0 && word.ptr[0] == ' ') {
        word = (struct gy_str){word.ptr + 1, word.len - 1};
    }
    while (word.len > 0 && word.ptr[word.len - 1] == ' ') {
        word.len--;
    }
    return word;
}

enum gy_status gy_proxies_read(const char *text, struct gy_proxies *out, struct gy_error *err)
{
    struct gy_str rest = gy_str_of(text);
    *out = (struct gy_proxies){0};
    do {
        struct gy_str word = next_word(&rest);
        if (out->n == GY_PROXIES_MAX) {
            return gy_error_set(err, GY_LIMIT, "there are at most %d networks of proxies",
                                GY_PROXIES_MAX);
        }
        if (!read_network(word, &out->networks[out->n])) {
            gy_error_set(err, GY_INVALID, "\"%.*s\" is no address of a proxy", GY_STR_ARG(word));
            gy_error_hint(err, "It is a number or a network: 10.0.0.2, 172.16.0.0/12, fd00::/8.");
            return GY_INVALID;
        }
        out->n++;
    } while (rest.len > 0);
    return GY_OK;
}

/* ---- who asks ---- */

bool gy_proxies_believe(const struct gy_proxies *proxies, const struct sockaddr *peer)
{
    unsigned char bytes[16];
    return bytes_of(peer, bytes) && is_believed(proxies, bytes);
}

/* Takes the last address off `rest`; false: there is none, or it is none that a proxy would write. */
static bool last_address(struct gy_str *rest, unsigned char out[16])
{
    char text[GY_CLIENT_ADDRESS_SIZE];
    bool is_v4;
    const char *comma = rest->len == 0 ? NULL : memrchr(rest->ptr, ',', rest->len);
    size_t from = comma == NULL ? 0 : (size_t)(comma - rest->ptr) + 1;
    struct gy_str word = {rest->ptr + from, rest->len - from};
    rest->len = comma == NULL ? 0 : from - 1;
    struct gy_str trimmed = word.len == 0 ? word : next_word(&word);
    if (trimmed.len == 0 || trimmed.len >= sizeof text) {
        return false;
    }
    snprintf(text, sizeof text, "%.*s", GY_STR_ARG(trimmed));
    return read_address(text, out, &is_v4);
}

void gy_proxies_client(const struct gy_proxies *proxies, const struct sockaddr *peer,
                       struct gy_str forwarded_for, char out[GY_CLIENT_ADDRESS_SIZE])
{
    unsigned char bytes[16];
    unsigned char further[16];
    out[0] = '\0';
    if (!bytes_of(peer, bytes)) {
        return;
    }
    while (is_believed(proxies, bytes) && last_address(&forwarded_for, further)) {
        memcpy(bytes, further, sizeof bytes);
    }
    write_address(bytes, out);
}
