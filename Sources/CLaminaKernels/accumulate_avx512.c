#if defined(__x86_64__)
#include <immintrin.h>

#include "avx512.h"
#include "fetch.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl,avx512dq")))

// A rounded product of the norm and a level is the same for every coordinate, and its sign is the product's sign, so
// that tables of products in registers serve for a bucket.
enum { TABLES = 8 };

INLINE __m512 magnitudes_at(__m512i symbols, const __m512 *tables, int count) {
  if (count == 1) return _mm512_permutexvar_ps(symbols, tables[0]);
  __m512 values = _mm512_permutex2var_ps(tables[0], symbols, tables[1]);
  if (count == 2) return values;
  __mmask16 bit5 = _mm512_test_epi32_mask(symbols, _mm512_set1_epi32(32));
  values = _mm512_mask_mov_ps(values, bit5, _mm512_permutex2var_ps(tables[2], symbols, tables[3]));
  if (count == 4) return values;
  __m512 upper = _mm512_permutex2var_ps(tables[4], symbols, tables[5]);
  upper = _mm512_mask_mov_ps(upper, bit5, _mm512_permutex2var_ps(tables[6], symbols, tables[7]));
  return _mm512_mask_mov_ps(values, _mm512_test_epi32_mask(symbols, _mm512_set1_epi32(64)), upper);
}

INLINE __m512 values_at(__m128i bytes, const __m512 *tables, int count, int is_signed) {
  __m512i symbols = _mm512_cvtepu8_epi32(bytes);
  __m512 values = magnitudes_at(symbols, tables, count);
  if (is_signed) return values;
  // values ^ (sign & 0x80000000)
  __m512i bits = _mm512_ternarylogic_epi32(_mm512_castps_si512(values), _mm512_slli_epi32(symbols, 24),
                                           _mm512_set1_epi32((int)0x80000000u), 0x78);
  return _mm512_castsi512_ps(bits);
}

INLINE void run(const uint8_t *symbols, size_t count, const __m512 *tables, int size, int is_signed, int adds,
                float *sums) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    laminak_fetch_ahead(sums + i, 16);
    __m512 values = values_at(_mm_loadu_si128((const __m128i *)(symbols + i)), tables, size, is_signed);
    __m512 before = adds ? _mm512_loadu_ps(sums + i) : _mm512_setzero_ps();
    _mm512_storeu_ps(sums + i, _mm512_add_ps(before, values));
  }
  if (i == count) return;
  __mmask16 lanes = (__mmask16)((1u << (count - i)) - 1);
  __m512 values = values_at(_mm_maskz_loadu_epi8(lanes, symbols + i), tables, size, is_signed);
  __m512 before = adds ? _mm512_maskz_loadu_ps(lanes, sums + i) : _mm512_setzero_ps();
  _mm512_mask_storeu_ps(sums + i, lanes, _mm512_add_ps(before, values));
}

// Signed levels above 128 do not fit the tables.
INLINE void gather(const uint8_t *symbols, size_t count, float norm, const float *table, int adds, float *sums) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    laminak_fetch_ahead(sums + i, 16);
    __m512i indices = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(symbols + i)));
    __m512 values = _mm512_mul_ps(_mm512_set1_ps(norm), _mm512_i32gather_ps(indices, table, 4));
    __m512 before = adds ? _mm512_loadu_ps(sums + i) : _mm512_setzero_ps();
    _mm512_storeu_ps(sums + i, _mm512_add_ps(before, values));
  }
  for (; i < count; ++i) {
    float value = norm * table[symbols[i]];
    sums[i] = (adds ? sums[i] : 0) + value;
  }
}

INLINE void decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, int adds,
                   float *sums) {
  __m512 tables[TABLES];
  for (int i = 0; i < TABLES; ++i)
    tables[i] = _mm512_mul_ps(_mm512_set1_ps(norm), _mm512_loadu_ps(levels->values + 16 * i));
#define RUN(size)                                                                      \
  if (levels->is_signed) run(symbols, count, tables, size, 1, adds, sums);             \
  else run(symbols, count, tables, size, 0, adds, sums)
  if (levels->count <= 16) RUN(1);
  else if (levels->count <= 32) RUN(2);
  else if (levels->count <= 64) RUN(4);
  else if (levels->count <= 128) RUN(8);
  else gather(symbols, count, norm, levels->values, adds, sums);
#undef RUN
}

FOR_AVX512 void laminak_avx512_accumulate(const uint8_t *symbols, size_t count, float norm,
                                              const laminak_levels *levels, float *sums) {
  decode(symbols, count, norm, levels, 1, sums);
}

FOR_AVX512 void laminak_avx512_decode(const uint8_t *symbols, size_t count, float norm,
                                          const laminak_levels *levels, float *sums) {
  decode(symbols, count, norm, levels, 0, sums);
}

FOR_AVX512 void laminak_avx512_add(const float *values, size_t count, float *sums) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    _mm512_storeu_ps(sums + i, _mm512_add_ps(_mm512_loadu_ps(sums + i), _mm512_loadu_ps(values + i)));
  __mmask16 lanes = (__mmask16)((1u << (count - i)) - 1);
  __m512 more = _mm512_maskz_loadu_ps(lanes, values + i);
  _mm512_mask_storeu_ps(sums + i, lanes, _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, sums + i), more));
}

FOR_AVX512 void laminak_avx512_scale(float *values, size_t count, float factor) {
  __m512 factors = _mm512_set1_ps(factor);
  size_t i = 0;
  for (; i + 16 <= count; i += 16) _mm512_storeu_ps(values + i, _mm512_mul_ps(_mm512_loadu_ps(values + i), factors));
  __mmask16 lanes = (__mmask16)((1u << (count - i)) - 1);
  _mm512_mask_storeu_ps(values + i, lanes, _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, values + i), factors));
}
#endif
