#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2.h"
#include "fetch.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target("avx2")))

// The eight lanes of a sum in halves.
typedef struct sums {
  __m256d norm[2], change[2], error[2], source[2];
} sums;

INLINE __m256d with_square(__m256d sum, __m256d value) { return _mm256_add_pd(sum, _mm256_mul_pd(value, value)); }

INLINE void add(sums *sums, int half, const float *sent, const float *before, const float *wanted) {
  __m256d s = _mm256_cvtps_pd(_mm_loadu_ps(sent + 4 * half));
  __m256d b = _mm256_cvtps_pd(_mm_loadu_ps(before + 4 * half));
  __m256d w = _mm256_cvtps_pd(_mm_loadu_ps(wanted + 4 * half));
  sums->norm[half] = with_square(sums->norm[half], s);
  sums->change[half] = with_square(sums->change[half], _mm256_sub_pd(s, b));
  sums->error[half] = with_square(sums->error[half], _mm256_sub_pd(s, w));
  sums->source[half] = with_square(sums->source[half], w);
}

INLINE double total(const __m256d *lanes) {
  double sums[4];
  _mm256_storeu_pd(sums, _mm256_add_pd(lanes[0], lanes[1]));
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

FOR_AVX2 laminak_tally laminak_avx2_tally(const float *sent, const float *before, const float *wanted,
                                          size_t count) {
  sums sums = {0};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    laminak_fetch_next(before + i, 8);
    for (int half = 0; half < 2; ++half) add(&sums, half, sent + i, before + i, wanted + i);
  }
  // What is missing counts as 0, which changes no sum.
  float rest[3][8] = {0};
  for (size_t j = 0; i + j < count; ++j) {
    rest[0][j] = sent[i + j];
    rest[1][j] = before[i + j];
    rest[2][j] = wanted[i + j];
  }
  for (int half = 0; half < 2; ++half) add(&sums, half, rest[0], rest[1], rest[2]);
  return (laminak_tally){total(sums.norm), total(sums.change), total(sums.error), total(sums.source)};
}
#endif
