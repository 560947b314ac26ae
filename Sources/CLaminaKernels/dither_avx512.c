#if defined(__x86_64__)
#include <immintrin.h>

#include "avx512.h"
#include "dither.h"
#include "fetch.h"
#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum { BLOCK = 64, COUNTER = 0x9E3779B9 };

/// The words of one half of a block before they are mixed.
INLINE __m512i first_counter(laminak_stream stream) {
  __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  __m512i counter = _mm512_mullo_epi32(lanes, _mm512_set1_epi32((int)COUNTER));
  return _mm512_add_epi32(counter, _mm512_set1_epi32((int)stream.first_word));
}

INLINE __m512i mixed(__m512i x, __m512i second_word) {
  x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 16));
  x = _mm512_add_epi32(_mm512_mullo_epi32(x, _mm512_set1_epi32(0x21F0AAAD)), second_word);
  x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 15));
  x = _mm512_mullo_epi32(x, _mm512_set1_epi32((int)0xD35A2D97));
  return _mm512_xor_si512(x, _mm512_srli_epi32(x, 15));
}

// The 16 bits and a one below them are the upper bits of the mantissa of 1 + d, from which subtracting 1 is exact.
INLINE __m512 draw(__m512i shifted) {
  __m512i bits = _mm512_ternarylogic_epi32(shifted, _mm512_set1_epi32(0x7FFF80), _mm512_set1_epi32(0x3F800040), 0xEA);
  return _mm512_sub_ps(_mm512_castsi512_ps(bits), _mm512_set1_ps(1));
}

INLINE __m512 upper_draws(__m512i words) { return draw(_mm512_srli_epi32(words, 9)); }
INLINE __m512 lower_draws(__m512i words) { return draw(_mm512_slli_epi32(words, 7)); }

// Four vectors of 16 numbers as bytes, numbers below 0 as 0 and those above 255 as 255.
INLINE __m512i packed(const __m512i numbers[4]) {
  __m512i order = _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0);
  __m512i first = _mm512_packs_epi32(numbers[0], numbers[1]), second = _mm512_packs_epi32(numbers[2], numbers[3]);
  return _mm512_permutexvar_epi32(order, _mm512_packus_epi16(first, second));
}

typedef struct quantizer {
  __m512 reciprocal;
  __m512i second_word, step, low_mask, largest;
  __m128i raw_bits;
  size_t escapes;
} quantizer;

/// Quantizes the coordinates of a block that `valid` names and returns the counter of the next block.
INLINE __m512i dither_block(quantizer *state, const float *values, __m512i counter, int has_lows, __mmask64 valid,
                            uint8_t *numbers, uint8_t *lows) {
  __m512i high[4], low[4];
#pragma clang loop unroll(full)
  for (int half = 0; half < 2; ++half) {
    __m512i words = mixed(counter, state->second_word);
    __m512 draws[2] = {upper_draws(words), lower_draws(words)};
    counter = _mm512_add_epi32(counter, state->step);
    for (int i = 0; i < 2; ++i) {
      int part = 2 * half + i;
      __m512 value = _mm512_maskz_loadu_ps((__mmask16)(valid >> 16 * part), values + 16 * part);
      __m512i bits = _mm512_and_si512(_mm512_castps_si512(value), _mm512_set1_epi32(0x7FFFFFFF));
      state->largest = _mm512_max_epu32(state->largest, bits);
      __m512 shifted = _mm512_add_ps(_mm512_mul_ps(value, state->reciprocal), draws[i]);
      __m512i q = _mm512_cvt_roundps_epi32(shifted, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
      low[part] = _mm512_and_si512(q, state->low_mask);
      high[part] = has_lows ? _mm512_sra_epi32(q, state->raw_bits) : q;
      high[part] = _mm512_add_epi32(high[part], _mm512_set1_epi32(16));
    }
  }
  __m512i bytes = packed(high);
  bytes = _mm512_maskz_mov_epi8(_mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(32)), bytes);
  state->escapes += (size_t)_mm_popcnt_u64(_mm512_mask_testn_epi8_mask(valid, bytes, bytes));
  _mm512_mask_storeu_epi8(numbers, valid, bytes);
  if (has_lows) _mm512_mask_storeu_epi8(lows, valid, packed(low));
  return counter;
}

INLINE laminak_dithered dither(const float *values, size_t count, float reciprocal, laminak_stream stream, int has_lows,
                               unsigned raw_bits, uint8_t *numbers, uint8_t *lows) {
  quantizer state;
  state.reciprocal = _mm512_set1_ps(reciprocal);
  state.second_word = _mm512_set1_epi32((int)stream.second_word);
  state.step = _mm512_set1_epi32((int)(16u * COUNTER));
  state.low_mask = _mm512_set1_epi32((1 << raw_bits) - 1);
  state.largest = _mm512_setzero_si512();
  state.raw_bits = _mm_cvtsi32_si128((int)raw_bits);
  state.escapes = 0;
  __m512i counter = first_counter(stream);
  size_t start = 0;
  for (; start + BLOCK <= count; start += BLOCK) {
    laminak_fetch_next(values + start, BLOCK);
    counter = dither_block(&state, values + start, counter, has_lows, ~UINT64_C(0), numbers + start,
                           has_lows ? lows + start : lows);
  }
  if (start < count)
    dither_block(&state, values + start, counter, has_lows, ~UINT64_C(0) >> (BLOCK - (count - start)), numbers + start,
                 has_lows ? lows + start : lows);
  return (laminak_dithered){_mm512_reduce_max_epu32(state.largest), state.escapes};
}

TARGET laminak_dithered laminak_avx512_dither(const float *values, size_t count, float reciprocal,
                                              laminak_stream stream, unsigned raw_bits, uint8_t *numbers,
                                              uint8_t *lows) {
  if (raw_bits == 0) return dither(values, count, reciprocal, stream, 0, 0, numbers, lows);
  return dither(values, count, reciprocal, stream, 1, raw_bits, numbers, lows);
}

typedef struct restorer {
  __m512 step, offset;
  __m512i second_word;
  __m128i raw_bits;
} restorer;

/// Adds the values of 32 coordinates, or of those that `valid` names.
INLINE void undither_block(const restorer *state, const uint8_t *numbers, const uint8_t *lows, __m512i counter,
                           int has_lows, __mmask32 valid, float *sums) {
  __m512i words = mixed(counter, state->second_word);
  __m512 draws[2] = {upper_draws(words), lower_draws(words)};
#pragma clang loop unroll(full)
  for (int part = 0; part < 2; ++part) {
    __mmask16 mask = (__mmask16)(valid >> 16 * part);
    __m512i q = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, numbers + 16 * part));
    __mmask16 is_coded = _mm512_test_epi32_mask(q, q);
    if (has_lows) {
      __m512i low = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, lows + 16 * part));
      q = _mm512_or_si512(_mm512_sll_epi32(q, state->raw_bits), low);
    }
    // Exact, as the numbers are small: q - 16 * 2^r + 1/2 in one sum.
    __m512 middle = _mm512_add_ps(_mm512_cvtepi32_ps(q), state->offset);
    __m512 value = _mm512_mul_ps(state->step, _mm512_sub_ps(middle, draws[part]));
    __m512 sum = _mm512_maskz_loadu_ps(mask, sums + 16 * part);
    _mm512_mask_storeu_ps(sums + 16 * part, mask, _mm512_mask_add_ps(sum, is_coded, sum, value));
  }
}

INLINE void undither(const uint8_t *numbers, const uint8_t *lows, size_t count, int has_lows, unsigned raw_bits,
                     float step, laminak_stream stream, float *sums) {
  restorer state;
  state.step = _mm512_set1_ps(step);
  state.offset = _mm512_set1_ps(0.5f - (float)(16 << raw_bits));
  state.second_word = _mm512_set1_epi32((int)stream.second_word);
  state.raw_bits = _mm_cvtsi32_si128((int)raw_bits);
  __m512i counter = first_counter(stream), next = _mm512_set1_epi32((int)(16u * COUNTER));
  size_t start = 0;
  for (; start + 32 <= count; start += 32) {
    laminak_fetch_next(sums + start, 32);
    undither_block(&state, numbers + start, has_lows ? lows + start : lows, counter, has_lows, ~0u, sums + start);
    counter = _mm512_add_epi32(counter, next);
  }
  if (start < count)
    undither_block(&state, numbers + start, has_lows ? lows + start : lows, counter, has_lows,
                   ~0u >> (32 - (count - start)), sums + start);
}

TARGET void laminak_avx512_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits,
                                    float step, laminak_stream stream, float *sums) {
  if (raw_bits == 0) undither(numbers, lows, count, 0, 0, step, stream, sums);
  else undither(numbers, lows, count, 1, raw_bits, step, stream, sums);
}
#endif
