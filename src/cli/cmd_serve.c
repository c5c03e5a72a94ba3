/* cmd_serve.c - the data directory as a service, until a signal ends it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "server/server.h"

enum {
    REQUEST_TIMEOUT_MAX = 3600
};

static enum gy_status read_seconds(const char *text, unsigned *out, struct gy_error *err)
{
    char *end;
    *out = 0;
    if (text == NULL) {
        return GY_OK;
    }
    unsigned long seconds = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || seconds == 0 ||
        seconds > REQUEST_TIMEOUT_MAX) {
        return gy_error_set(err, GY_INVALID,
                            "--request-timeout is a number of seconds from 1 to %d",
                            REQUEST_TIMEOUT_MAX);
    }
    *out = (unsigned)seconds;
    return GY_OK;
}

static enum gy_status check_url(const char *url, struct gy_error *err)
{
    bool is_fine =
        url == NULL || strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    if (is_fine && (url == NULL || strlen(url) < 200)) {
        return GY_OK;
    }
    return gy_error_set(err, GY_INVALID,
                        "--url is the beginning of a link: https://crm.example.com");
}

/* Threads inherit the mask, so that the signal comes here; a second one, while it stops, ends the process,
 * which loses nothing that was acknowledged. */
static enum gy_status run_serve(struct gy_cli *cli, const struct gy_args *args,
                                struct gy_error *err)
{
    sigset_t ends;
    int signal_no;
    struct gy_server *server;
    struct gy_server_options options = {.dir = cli->asker.dir,
                                        .listen = args->listen,
                                        .tls_cert = args->tls_cert,
                                        .tls_key = args->tls_key,
                                        .behind_proxy = args->behind_proxy,
                                        .url = args->url,
                                        .only_public_webhooks = args->only_public_webhooks};
    GY_TRY(check_url(args->url, err));
    GY_TRY(read_seconds(args->request_timeout, &options.request_seconds, err));
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* past a limit of files' sizes a write fails, as on a full disk */
    enum gy_status status = gy_server_start(&options, &server, err);
    if (status != GY_OK) {
        pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
        return status;
    }
    (void)sigwait(&ends, &signal_no);
    pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
    gy_server_stop(server);
    return GY_OK;
}

static const struct gy_option options_serve[] = {
    {"listen", 0, GY_OPTION_TEXT, offsetof(struct gy_args, listen), "HOST:PORT",
     "where to listen (127.0.0.1:8700); port 0 is any free one. Beyond this machine only with TLS, or behind a proxy"},
    {"tls-cert", 0, GY_OPTION_TEXT, offsetof(struct gy_args, tls_cert), "FILE",
     "speak TLS with this certificate (PEM, those above it behind it)"},
    {"tls-key", 0, GY_OPTION_TEXT, offsetof(struct gy_args, tls_key), "FILE", "and its key (PEM)"},
    {"behind-proxy", 0, GY_OPTION_TEXT, offsetof(struct gy_args, behind_proxy), "ADDRESSES",
     "a proxy does TLS: what it says of who asks is believed, and only these may connect (10.0.0.2,172.16.0.0/12)"},
    {"url", 0, GY_OPTION_TEXT, offsetof(struct gy_args, url), "URL",
     "where people reach the server, for links (where it listens)"},
    {"only-public-webhooks", 0, GY_OPTION_FLAG, offsetof(struct gy_args, only_public_webhooks),
     NULL, "tell no webhook at an address of this machine or a private network"},
    {"request-timeout", 0, GY_OPTION_TEXT, offsetof(struct gy_args, request_timeout), "SECONDS",
     "how long a request's body may take to come (30)"},
    {NULL, 0, GY_OPTION_FLAG, 0, NULL, NULL},
};

const struct gy_command gy_cmd_serve = {
    .name = "serve",
    .operands = "",
    .about = "Collect events over HTTP, as the Segment tracking API",
    .example = "  gyeol key add web\n"
               "  gyeol serve --listen 127.0.0.1:8700\n",
    .options = options_serve,
    .run = run_serve,
};
