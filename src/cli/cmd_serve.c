/* cmd_serve.c - the data directory as a service, until a signal ends it. */
#include <signal.h>
#include <stdlib.h>

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

/* Threads inherit the mask, so that the signal comes here; a second one, while it stops, ends the process,
 * which loses nothing that was acknowledged. */
static enum gy_status run_serve(struct gy_cli *cli, const struct gy_args *args,
                                struct gy_error *err)
{
    sigset_t ends;
    int signal_no;
    struct gy_server *server;
    struct gy_server_options options = {.dir = cli->asker.dir, .listen = args->listen};
    GY_TRY(read_seconds(args->request_timeout, &options.request_seconds, err));
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
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
     "where to listen, on this machine only (127.0.0.1:8700); port 0 is any free one"},
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
