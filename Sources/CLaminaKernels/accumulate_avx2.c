#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2.h"
#include "fetch.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target("avx2")))

// A rounded product of the norm and a level is the same for every coordinate, and its sign is the product's sign, so
// that up to 16 products lie in registers for a bucket.
INLINE __m256 products_at(const uint8_t *symbols, const __m256 *products, int size, int is_signed) {
  __m256i indices = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)symbols));
  __m256 values = _mm256_permutevar8x32_ps(products[0], indices);
  if (size > 8) {
    __m256 bit3 = _mm256_castsi256_ps(_mm256_slli_epi32(indices, 28));
    values = _mm256_blendv_ps(values, _mm256_permutevar8x32_ps(products[1], indices), bit3);
  }
  if (is_signed) return values;
  __m256i signs = _mm256_and_si256(_mm256_slli_epi32(indices, 24), _mm256_set1_epi32((int)0x80000000u));
  return _mm256_xor_ps(values, _mm256_castsi256_ps(signs));
}

// Eight loads are faster than a gather.
INLINE __m256 levels_at(const uint8_t *symbols, const float *levels) {
  return _mm256_setr_ps(levels[symbols[0]], levels[symbols[1]], levels[symbols[2]], levels[symbols[3]],
                        levels[symbols[4]], levels[symbols[5]], levels[symbols[6]], levels[symbols[7]]);
}

INLINE void run(const uint8_t *symbols, size_t count, float norm, const float *levels, int size, int is_signed,
                int adds, float *sums) {
  __m256 norms = _mm256_set1_ps(norm), products[2];
  for (int i = 0; i < 2; ++i) products[i] = _mm256_mul_ps(norms, _mm256_loadu_ps(levels + 8 * i));
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    laminak_fetch_ahead(sums + i, 8);
    __m256 values = size > 16 ? _mm256_mul_ps(norms, levels_at(symbols + i, levels))
                              : products_at(symbols + i, products, size, is_signed);
    __m256 before = adds ? _mm256_loadu_ps(sums + i) : _mm256_setzero_ps();
    _mm256_storeu_ps(sums + i, _mm256_add_ps(before, values));
  }
  for (; i < count; ++i) {
    float value = norm * levels[symbols[i]];
    sums[i] = (adds ? sums[i] : 0) + value;
  }
}

INLINE void decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, int adds,
                   float *sums) {
#define RUN(size, is_signed) run(symbols, count, norm, levels->values, size, is_signed, adds, sums)
  if (levels->count > 16) RUN(256, 1);
  else if (levels->is_signed) RUN(16, 1);
  else if (levels->count > 8) RUN(16, 0);
  else RUN(8, 0);
#undef RUN
}

FOR_AVX2 void laminak_avx2_accumulate(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                                      float *sums) {
  decode(symbols, count, norm, levels, 1, sums);
}

FOR_AVX2 void laminak_avx2_decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                                  float *sums) {
  decode(symbols, count, norm, levels, 0, sums);
}

FOR_AVX2 void laminak_avx2_add(const float *values, size_t count, float *sums) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(sums + i, _mm256_add_ps(_mm256_loadu_ps(sums + i), _mm256_loadu_ps(values + i)));
  for (; i < count; ++i) sums[i] += values[i];
}

FOR_AVX2 void laminak_avx2_scale(float *values, size_t count, float factor) {
  __m256 factors = _mm256_set1_ps(factor);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) _mm256_storeu_ps(values + i, _mm256_mul_ps(_mm256_loadu_ps(values + i), factors));
  for (; i < count; ++i) values[i] *= factor;
}
#endif
