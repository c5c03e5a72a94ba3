/* interrupt.h - Ctrl-C as a flag.
 *
 * While a watch is on, SIGINT and SIGTERM set a flag and the work stops where it is safe; a second
 * one ends the process at once, which loses nothing that was acknowledged. A thread waits for the
 * signals, so there is no handler and nothing global.
 */
#ifndef GY_CLI_INTERRUPT_H
#define GY_CLI_INTERRUPT_H

#include <stdatomic.h>

/* From now on, for the rest of the process. Call before other threads are made. */
void gy_interrupt_watch(atomic_bool *flag);

#endif
