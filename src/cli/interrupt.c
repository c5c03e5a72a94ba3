/* interrupt.c - see interrupt.h. The thread is detached: it lives as long as the process. */
#include "cli/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

static void fill_set(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
}

static void *wait_for_signals(void *flag)
{
    sigset_t signals;
    int signal_no;
    fill_set(&signals);
    if (sigwait(&signals, &signal_no) == 0) {
        atomic_store((atomic_bool *)flag, true);
    }
    if (sigwait(&signals, &signal_no) == 0) {
        _exit(128 + signal_no);
    }
    return NULL;
}

void gy_interrupt_watch(atomic_bool *flag)
{
    sigset_t signals;
    pthread_t thread;
    fill_set(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (pthread_create(&thread, NULL, wait_for_signals, flag) == 0) {
        pthread_detach(thread);
    } else {
        pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    }
}
