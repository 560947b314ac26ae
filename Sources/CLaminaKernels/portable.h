#ifndef LAMINA_PORTABLE_H
#define LAMINA_PORTABLE_H
#include "CLaminaKernels.h"

void laminak_portable_round(const float *values, size_t count, float scale, const float *levels, const float *gaps,
                            size_t level_count, laminak_stream stream, uint8_t *symbols);
void laminak_portable_accumulate(const uint8_t *symbols, size_t count, float norm, const float *values, float *sums);
void laminak_portable_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, uint32_t *words);
uint8_t laminak_portable_unpack(const uint32_t *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols);
laminak_tally laminak_portable_tally(const float *sent, const float *before, const float *wanted, size_t count);
void laminak_portable_add(const float *values, size_t count, float *sums);
void laminak_portable_scale(float *values, size_t count, float factor);

#endif
