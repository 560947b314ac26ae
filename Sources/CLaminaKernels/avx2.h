#ifndef LAMINA_AVX2_H
#define LAMINA_AVX2_H
#include "CLaminaKernels.h"

#define FOR_AVX2 __attribute__((target("avx2")))

void laminak_avx2_round(const float *values, size_t count, float scale, const laminak_levels *levels,
                        laminak_stream stream, uint8_t *symbols);
void laminak_avx2_round_pack(const float *values, size_t blocks, float scale, const laminak_levels *levels,
                             laminak_stream stream, unsigned width, void *words);
void laminak_avx2_accumulate(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                             float *sums);
void laminak_avx2_decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, float *sums);
void laminak_avx2_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, void *words);
uint8_t laminak_avx2_unpack(const void *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols);
uint32_t laminak_avx2_largest(const float *values, size_t count);
double laminak_avx2_sum_of_magnitudes(const float *values, size_t count);
double laminak_avx2_sum_of_squares(const float *values, size_t count);
laminak_tally laminak_avx2_tally(const float *sent, const float *before, const float *wanted, size_t count);
void laminak_avx2_add(const float *values, size_t count, float *sums);
void laminak_avx2_scale(float *values, size_t count, float factor);

#endif
