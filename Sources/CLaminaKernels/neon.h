#ifndef LAMINA_NEON_H
#define LAMINA_NEON_H
#include "CLaminaKernels.h"

void laminak_neon_round(const float *values, size_t count, float scale, const laminak_levels *levels,
                        laminak_stream stream, uint8_t *symbols);
void laminak_neon_round_pack(const float *values, size_t blocks, float scale, const laminak_levels *levels,
                             laminak_stream stream, unsigned width, void *words);
void laminak_neon_accumulate(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                             float *sums);
void laminak_neon_decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, float *sums);
void laminak_neon_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, void *words);
uint8_t laminak_neon_unpack(const void *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols);
uint32_t laminak_neon_largest(const float *values, size_t count);
double laminak_neon_sum_of_magnitudes(const float *values, size_t count);
double laminak_neon_sum_of_squares(const float *values, size_t count);
void laminak_neon_add(const float *values, size_t count, float *sums);
void laminak_neon_scale(float *values, size_t count, float factor);

#endif
