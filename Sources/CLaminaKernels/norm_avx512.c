#if defined(__x86_64__)
#include <immintrin.h>

#include "avx512.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl,avx512dq")))

INLINE __mmask16 first(size_t count) { return (__mmask16)((1u << count) - 1); }

FOR_AVX512 uint32_t laminak_avx512_largest(const float *values, size_t count) {
  __m512i magnitude = _mm512_set1_epi32(0x7FFFFFFF);
  __m512i largest[4] = {0};
  size_t i = 0;
  for (; i + 64 <= count; i += 64)
    for (int j = 0; j < 4; ++j) {
      __m512i bits = _mm512_and_si512(_mm512_loadu_si512(values + i + 16 * j), magnitude);
      largest[j] = _mm512_max_epu32(largest[j], bits);
    }
  for (; i < count; i += 16) {
    __mmask16 lanes = count - i < 16 ? first(count - i) : 0xFFFF;
    __m512i bits = _mm512_and_si512(_mm512_maskz_loadu_epi32(lanes, values + i), magnitude);
    largest[0] = _mm512_max_epu32(largest[0], bits);
  }
  largest[0] = _mm512_max_epu32(largest[0], largest[1]);
  largest[2] = _mm512_max_epu32(largest[2], largest[3]);
  return _mm512_reduce_max_epu32(_mm512_max_epu32(largest[0], largest[2]));
}

// Lanes 0 to 7 and 8 to 15.
typedef struct lanes {
  __m512d low, high;
} lanes;

INLINE double total(lanes lanes) {
  double sums[8];
  _mm512_storeu_pd(sums, _mm512_add_pd(lanes.low, lanes.high));
  for (int half = 4; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  return sums[0];
}

INLINE __m512d term(__m256 values, int is_square) {
  if (!is_square) return _mm512_abs_pd(_mm512_cvtps_pd(values));
  __m512d wide = _mm512_cvtps_pd(values);
  return _mm512_mul_pd(wide, wide);
}

INLINE double sum(const float *values, size_t count, int is_square) {
  lanes lanes = {_mm512_setzero_pd(), _mm512_setzero_pd()};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    lanes.low = _mm512_add_pd(lanes.low, term(_mm256_loadu_ps(values + i), is_square));
    lanes.high = _mm512_add_pd(lanes.high, term(_mm256_loadu_ps(values + i + 8), is_square));
  }
  // What is missing counts as 0, and a lane that was never -0 does not change by it.
  __m512 rest = _mm512_maskz_loadu_ps(first(count - i), values + i);
  lanes.low = _mm512_add_pd(lanes.low, term(_mm512_castps512_ps256(rest), is_square));
  lanes.high = _mm512_add_pd(lanes.high, term(_mm512_extractf32x8_ps(rest, 1), is_square));
  return total(lanes);
}

FOR_AVX512 double laminak_avx512_sum_of_magnitudes(const float *values, size_t count) {
  return sum(values, count, 0);
}

FOR_AVX512 double laminak_avx512_sum_of_squares(const float *values, size_t count) {
  return sum(values, count, 1);
}
#endif
