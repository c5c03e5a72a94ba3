/* write_queue.h - the one thread that writes: what arrives together is committed together.
 *
 *     HTTP threads ── push ──> [ deliveries ] ── one group ──> commit to the log ──> done, for each
 *
 * While one group is being committed the next one gathers; so the commits a second follow from how long one takes,
 * and a delivery waits for at most two. The bytes that wait are bounded; past that `push` says so.
 *
 * A group that cannot be committed is tried again delivery by delivery, so that one customer's damaged part
 * does not fail the others. What the stored data want done beside goes on meanwhile (upkeep.h): no delivery waits for
 * it. Where it falls far behind, nothing is taken.
 *
 * The thread owns the gy_writer. It can be lent to another process: then the writer is closed, deliveries wait, and it is
 * opened again afterwards. Other writes of this process are jobs: they run on the thread, between two commits.
 */
#ifndef GY_SERVER_WRITE_QUEUE_H
#define GY_SERVER_WRITE_QUEUE_H

#include "server/collect_request.h"

struct gy_write_queue;
struct gy_writer;

struct gy_delivery {
    struct gy_collected collected; /* what is rejected while it is written is added to it */
    struct gy_str write_key;       /* the name of the key it came with */
    size_t bytes;                  /* that it takes while it waits, roughly */
    void (*done)(struct gy_delivery *delivery); /* on the writing thread; takes the delivery */
    void *context;

    enum gy_status status; /* GY_OK: committed; else why not, in `err` */
    struct gy_error err;
    struct gy_delivery *next; /* of the queue */
};

struct gy_write_queue_options {
    const char *dir;
    size_t bytes_max;
    uint64_t log_calls_max;
    int64_t log_ms_max;
    int64_t job_ms_max; /* that gy_write_queue_run waits for a writer that is lent; 0: 5 seconds */
    void *context;
    void (*reopened)(void *context); /* after the writer was lent; may be NULL */
    /* What follows is told on the writing thread and must be quick; may be NULL. */
    void (*committed)(void *context,
                      const struct gy_delivery *delivery); /* before it is answered */
    void (*changed)(void *context); /* by a job, other than those that only record */
};

/* Opens the writer (fails as gy_writer_open does) and starts the thread. Owned by the caller
 * (gy_write_queue_stop). */
GY_CHECKED enum gy_status gy_write_queue_start(const struct gy_write_queue_options *options,
                                               struct gy_write_queue **out, struct gy_error *err);

/* Takes no delivery any more, and ends a lending. Jobs are still run. */
void gy_write_queue_begin_stop(struct gy_write_queue *queue);

/* Commits what waits, and ends. While the writer is lent what waits fails with BUSY. */
void gy_write_queue_stop(struct gy_write_queue *queue);

/* Any thread. False: too much waits, or the queue stops; the delivery is still the caller's. */
bool gy_write_queue_push(struct gy_write_queue *queue, struct gy_delivery *delivery);

/* Any thread but the writing one. Runs `fn` on the writing thread between two commits, and waits for it. Returns what it
 * returns; BUSY where the writer stays lent (an import may take minutes, and somebody waits for an answer), or the queue
 * stops and has no writer. What `fn`
 * takes with gy_writer_add it must commit or discard; maintenance may go on meanwhile (upkeep.h). */
typedef enum gy_status (*gy_write_fn)(struct gy_writer *writer, void *context,
                                      struct gy_error *err);
GY_CHECKED enum gy_status gy_write_queue_run(struct gy_write_queue *queue, gy_write_fn fn,
                                             void *context, struct gy_error *err);

/* The same, however long the writer is lent, and without `changed` being told: for what follows from what is stored and is not asked about. */
GY_CHECKED enum gy_status gy_write_queue_record(struct gy_write_queue *queue, gy_write_fn fn,
                                                void *context, struct gy_error *err);

/* How many bytes of deliveries wait. */
size_t gy_write_queue_bytes(struct gy_write_queue *queue);

/* Whether the last commit worked, and the writer could be opened again after it was lent. */
bool gy_write_queue_is_well(struct gy_write_queue *queue);

/* On one other thread: closes the writer between two commits, once no maintenance runs; opens it again, and calls `reopened`. False: the
 * queue stops. */
bool gy_write_queue_lend(struct gy_write_queue *queue);
void gy_write_queue_take_back(struct gy_write_queue *queue);

#endif
