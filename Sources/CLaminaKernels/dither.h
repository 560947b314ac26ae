#ifndef LAMINA_DITHER_H
#define LAMINA_DITHER_H
#include "CLaminaKernels.h"

// The coordinates from `start` on, a multiple of 32: what the vector kernels leave to the portable ones.
laminak_dithered laminak_portable_dither_from(size_t start, const float *values, size_t count, float reciprocal,
                                              laminak_stream stream, unsigned raw_bits, uint8_t *numbers, uint8_t *lows,
                                              laminak_dithered before);
void laminak_portable_undither_from(size_t start, const uint8_t *numbers, const uint8_t *lows, size_t count,
                                    unsigned raw_bits, float step, laminak_stream stream, float *sums);

#endif
