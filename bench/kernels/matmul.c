/* 256 x 256 matrices of doubles, three products: a tight loop of loads and floating point. */
#include "bench/kernels/kernel.h"

enum { N = 256 };

static double a[N][N], b[N][N], c[N][N];

KERNEL uint32_t run(void)
{
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            a[i][j] = i * 0.5 + j;
            b[i][j] = i - j * 0.25;
        }
    }
    double trace = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                double sum = 0;
                for (int k = 0; k < N; k++)
                    sum += a[i][k] * b[k][j];
                c[i][j] = sum;
            }
            trace += c[i][i] + round;
        }
    }
    return (uint32_t)(int64_t)trace;
}
