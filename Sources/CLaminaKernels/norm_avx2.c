#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target("avx2")))

FOR_AVX2 uint32_t laminak_avx2_largest(const float *values, size_t count) {
  __m256i magnitude = _mm256_set1_epi32(0x7FFFFFFF);
  __m256i largest[4] = {0};
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    for (int j = 0; j < 4; ++j) {
      __m256i bits = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(values + i + 8 * j)), magnitude);
      largest[j] = _mm256_max_epu32(largest[j], bits);
    }
  largest[0] = _mm256_max_epu32(_mm256_max_epu32(largest[0], largest[1]), _mm256_max_epu32(largest[2], largest[3]));
  uint32_t lanes[8], result = 0;
  _mm256_storeu_si256((__m256i *)lanes, largest[0]);
  for (int j = 0; j < 8; ++j) result = lanes[j] > result ? lanes[j] : result;
  for (; i < count; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    result = bits > result ? bits : result;
  }
  return result;
}

INLINE __m256d term(__m128 values, int is_square) {
  __m256d wide = _mm256_cvtps_pd(values);
  if (is_square) return _mm256_mul_pd(wide, wide);
  return _mm256_andnot_pd(_mm256_set1_pd(-0.0), wide);
}

INLINE double sum(const float *values, size_t count, int is_square) {
  __m256d quarters[4] = {_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int j = 0; j < 4; ++j)
      quarters[j] = _mm256_add_pd(quarters[j], term(_mm_loadu_ps(values + i + 4 * j), is_square));
  double lanes[16];
  for (int j = 0; j < 4; ++j) _mm256_storeu_pd(lanes + 4 * j, quarters[j]);
  for (size_t j = 0; i + j < count; ++j) {
    double value = values[i + j];
    lanes[j] += is_square ? value * value : __builtin_fabs(value);
  }
  for (int half = 8; half > 0; half /= 2)
    for (int j = 0; j < half; ++j) lanes[j] += lanes[j + half];
  return lanes[0];
}

FOR_AVX2 double laminak_avx2_sum_of_magnitudes(const float *values, size_t count) { return sum(values, count, 0); }

FOR_AVX2 double laminak_avx2_sum_of_squares(const float *values, size_t count) { return sum(values, count, 1); }
#endif
