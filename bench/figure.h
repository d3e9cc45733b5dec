/* One figure of the benchmark report: one JSON line on standard output. */
#ifndef OL_BENCH_FIGURE_H
#define OL_BENCH_FIGURE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum figure_wish { FIGURE_AT_MOST, FIGURE_AT_LEAST } figure_wish;

/* `floor` is what the same run measured as unavoidable (or a peer's value); NAN where there is
 * none. */
static inline void figure_print(const char *name, double value, const char *unit, double floor,
                                figure_wish wish, double goal)
{
    if (!isfinite(value)) {
        (void)fprintf(stderr, "%s could not be measured\n", name);
        exit(1);
    }
    bool met = wish == FIGURE_AT_MOST ? value <= goal : value >= goal;
    (void)printf("{\"name\":\"%s\",\"value\":%.4g,\"unit\":\"%s\",", name, value, unit);
    if (isnan(floor))
        (void)printf("\"floor\":null,\"ratio\":null,");
    else
        (void)printf("\"floor\":%.4g,\"ratio\":%.4g,", floor, value / floor);
    if (isnan(goal)) /* a floor for other figures */
        (void)printf("\"goal\":null,\"met\":null}\n");
    else
        (void)printf("\"goal\":\"%s %.4g\",\"met\":%s}\n",
                     wish == FIGURE_AT_MOST ? "<=" : ">=", goal, met ? "true" : "false");
    (void)fflush(stdout);
}

static inline int figure_compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the samples; quantile 0.5 is the median. */
static inline double figure_quantile(double *sample, size_t count, double quantile)
{
    qsort(sample, count, sizeof *sample, figure_compare);
    size_t at = (size_t)(quantile * (double)(count - 1) + 0.5);
    return sample[at];
}

#endif
