#ifndef LAMINA_KERNEL_LIST_H
#define LAMINA_KERNEL_LIST_H
#include "CLaminaKernels.h"

// The kernels of a tier by name and type, in groups that a tier has whole or not at all. KERNEL(tier, result, name,
// parameters) is a macro that says what to make of each.

#define LAMINAK_ROUNDING(KERNEL, tier)                                                                              \
  KERNEL(tier, void, round,                                                                                         \
         (const float *values, size_t count, float scale, const laminak_levels *levels, laminak_stream stream,      \
          uint8_t *symbols))                                                                                        \
  KERNEL(tier, void, round_pack,                                                                                    \
         (const float *values, size_t blocks, float scale, const laminak_levels *levels, laminak_stream stream,     \
          unsigned width, void *words))

#define LAMINAK_VECTORS(KERNEL, tier)                                                                               \
  KERNEL(tier, void, accumulate,                                                                                    \
         (const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, float *sums))             \
  KERNEL(tier, void, decode,                                                                                        \
         (const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, float *sums))             \
  KERNEL(tier, void, pack, (const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, void *words))      \
  KERNEL(tier, uint8_t, unpack,                                                                                     \
         (const void *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols))                        \
  KERNEL(tier, uint32_t, largest, (const float *values, size_t count))                                              \
  KERNEL(tier, double, sum_of_magnitudes, (const float *values, size_t count))                                      \
  KERNEL(tier, double, sum_of_squares, (const float *values, size_t count))                                         \
  KERNEL(tier, void, add, (const float *values, size_t count, float *sums))                                         \
  KERNEL(tier, void, scale, (float *values, size_t count, float factor))                                            \
  KERNEL(tier, laminak_dithered, dither,                                                                            \
         (const float *values, size_t count, float reciprocal, laminak_stream stream, unsigned raw_bits,            \
          uint8_t *numbers, uint8_t *lows))                                                                         \
  KERNEL(tier, void, undither,                                                                                      \
         (const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,                 \
          laminak_stream stream, float *sums))

#define LAMINAK_TALLYING(KERNEL, tier)                                                                              \
  KERNEL(tier, laminak_tally, tally, (const float *sent, const float *before, const float *wanted, size_t count))

#define LAMINAK_CODING(KERNEL, tier)                                                                                \
  KERNEL(tier, size_t, rans_encode,                                                                                 \
         (const laminak_rans *model, const uint8_t *numbers, size_t count, unsigned lanes, uint8_t *bytes))         \
  KERNEL(tier, laminak_rans_result, rans_decode,                                                                    \
         (const laminak_rans *model, uint8_t *numbers, size_t count, unsigned lanes, const uint8_t *bytes,          \
          size_t byte_count, size_t *used))

#define LAMINAK_COUNTING(KERNEL, tier)                                                                              \
  KERNEL(tier, void, histogram, (const uint8_t *numbers, size_t count, uint32_t *counts))

#define LAMINAK_CHECKING(KERNEL, tier)                                                                              \
  KERNEL(tier, uint32_t, crc32c, (uint32_t state, const uint8_t *bytes, size_t count))

/// Declares a kernel.
#define LAMINAK_DECLARE(tier, result, name, parameters) result laminak_##tier##_##name parameters;

/// Puts a kernel into a table.
#define LAMINAK_FILL(tier, result, name, parameters) .name = laminak_##tier##_##name,

#endif
