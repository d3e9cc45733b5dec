/* Moves the program's own code and constants onto huge pages, once, before anything is forked.
 *
 * A forked child starts without page tables for file mappings and takes a fault for every 64 KiB of
 * code it runs: 36 of the 77 faults of an echo, a quarter of its time. Huge anonymous pages are
 * handed on by fork as one table entry each. Measured: p2 echo 360 → 265 µs.
 *
 * Wants a static program linked with 2 MiB segments, so that each lies in huge pages of its own:
 *   -fuse-ld=lld -Wl,-z,max-page-size=2097152 */
#ifndef OUTLAYER_RUNNER_HUGE_TEXT_H
#define OUTLAYER_RUNNER_HUGE_TEXT_H

#include <stddef.h>

/* Returns how many bytes were moved, 0 when the kernel has no huge pages to give or the program is
 * laid out otherwise: then nothing has changed. Call it with one thread, before the filter. */
size_t huge_text_move(void);

#endif
