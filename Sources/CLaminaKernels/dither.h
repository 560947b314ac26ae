#ifndef LAMINA_DITHER_H
#define LAMINA_DITHER_H
#include "CLaminaKernels.h"

laminak_dithered laminak_portable_dither(const float *values, size_t count, float reciprocal, laminak_stream stream,
                                         unsigned raw_bits, uint8_t *numbers, uint8_t *lows);
void laminak_portable_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                               laminak_stream stream, float *sums);

// The coordinates from `start` on, a multiple of 32: what the vector kernels leave to the portable ones.
laminak_dithered laminak_portable_dither_from(size_t start, const float *values, size_t count, float reciprocal,
                                              laminak_stream stream, unsigned raw_bits, uint8_t *numbers, uint8_t *lows,
                                              laminak_dithered before);
void laminak_portable_undither_from(size_t start, const uint8_t *numbers, const uint8_t *lows, size_t count,
                                    unsigned raw_bits, float step, laminak_stream stream, float *sums);

#if defined(__x86_64__)
laminak_dithered laminak_avx2_dither(const float *values, size_t count, float reciprocal, laminak_stream stream,
                                     unsigned raw_bits, uint8_t *numbers, uint8_t *lows);
void laminak_avx2_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                           laminak_stream stream, float *sums);
laminak_dithered laminak_avx512_dither(const float *values, size_t count, float reciprocal, laminak_stream stream,
                                       unsigned raw_bits, uint8_t *numbers, uint8_t *lows);
void laminak_avx512_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                             laminak_stream stream, float *sums);
#elif defined(__aarch64__)
laminak_dithered laminak_neon_dither(const float *values, size_t count, float reciprocal, laminak_stream stream,
                                     unsigned raw_bits, uint8_t *numbers, uint8_t *lows);
void laminak_neon_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                           laminak_stream stream, float *sums);
#endif

#endif
