#if defined(__x86_64__)
#include <immintrin.h>

#include "avx512.h"
#include "fetch.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl,avx512dq")))

typedef struct sums {
  __m512d norm, change, error, source;
} sums;

INLINE __m512d with_square(__m512d sum, __m512d value) { return _mm512_add_pd(sum, _mm512_mul_pd(value, value)); }

INLINE sums with(sums sums, __m256 sent, __m256 before, __m256 wanted) {
  __m512d s = _mm512_cvtps_pd(sent), w = _mm512_cvtps_pd(wanted);
  sums.norm = with_square(sums.norm, s);
  sums.change = with_square(sums.change, _mm512_sub_pd(s, _mm512_cvtps_pd(before)));
  sums.error = with_square(sums.error, _mm512_sub_pd(s, w));
  sums.source = with_square(sums.source, w);
  return sums;
}

INLINE double total(__m512d lanes) {
  double sums[8];
  _mm512_storeu_pd(sums, lanes);
  for (int half = 4; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  return sums[0];
}

FOR_AVX512 laminak_tally laminak_avx512_tally(const float *sent, const float *before, const float *wanted,
                                                  size_t count) {
  __m512d zero = _mm512_setzero_pd();
  sums sums = {zero, zero, zero, zero};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    laminak_fetch_next(before + i, 8);
    sums = with(sums, _mm256_loadu_ps(sent + i), _mm256_loadu_ps(before + i), _mm256_loadu_ps(wanted + i));
  }
  __mmask8 lanes = (__mmask8)((1u << (count - i)) - 1);
  sums = with(sums, _mm256_maskz_loadu_ps(lanes, sent + i), _mm256_maskz_loadu_ps(lanes, before + i),
              _mm256_maskz_loadu_ps(lanes, wanted + i));
  return (laminak_tally){total(sums.norm), total(sums.change), total(sums.error), total(sums.source)};
}
#endif
