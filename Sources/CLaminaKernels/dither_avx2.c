#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2.h"
#include "dither.h"
#include "fetch.h"
#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum { BLOCK = 32, COUNTER = 0x9E3779B9 };

INLINE __m256i mixed(__m256i x, __m256i second_word) {
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 16));
  x = _mm256_add_epi32(_mm256_mullo_epi32(x, _mm256_set1_epi32(0x21F0AAAD)), second_word);
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
  x = _mm256_mullo_epi32(x, _mm256_set1_epi32((int)0xD35A2D97));
  return _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
}

// The 16 bits and a one below them are the upper bits of the mantissa of 1 + d, from which subtracting 1 is exact.
INLINE __m256 draw(__m256i shifted) {
  __m256i bits = _mm256_and_si256(shifted, _mm256_set1_epi32(0x7FFF80));
  bits = _mm256_or_si256(bits, _mm256_set1_epi32(0x3F800040));
  return _mm256_sub_ps(_mm256_castsi256_ps(bits), _mm256_set1_ps(1));
}

typedef struct source {
  __m256i counters[2], step, second_word;
} source;

INLINE source open_source(laminak_stream stream) {
  source state;
  for (int i = 0; i < 2; ++i) {
    __m256i lanes = _mm256_add_epi32(_mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0), _mm256_set1_epi32(8 * i));
    __m256i counter = _mm256_mullo_epi32(lanes, _mm256_set1_epi32((int)COUNTER));
    state.counters[i] = _mm256_add_epi32(counter, _mm256_set1_epi32((int)stream.first_word));
  }
  state.step = _mm256_set1_epi32((int)(16u * COUNTER));
  state.second_word = _mm256_set1_epi32((int)stream.second_word);
  return state;
}

/// The draws of the next 32 coordinates.
INLINE void next_draws(source *state, __m256 draws[4]) {
  for (int i = 0; i < 2; ++i) {
    __m256i words = mixed(state->counters[i], state->second_word);
    draws[i] = draw(_mm256_srli_epi32(words, 9));
    draws[i + 2] = draw(_mm256_slli_epi32(words, 7));
    state->counters[i] = _mm256_add_epi32(state->counters[i], state->step);
  }
}

// Four vectors of 8 numbers as bytes, numbers below 0 as 0 and those above 255 as 255.
INLINE __m256i packed(const __m256i numbers[4]) {
  __m256i first = _mm256_packs_epi32(numbers[0], numbers[1]), second = _mm256_packs_epi32(numbers[2], numbers[3]);
  return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(first, second), _mm256_set_epi32(7, 3, 6, 2, 5, 1, 4, 0));
}

INLINE uint32_t largest_of(__m256i lanes) {
  __m128i x = _mm_max_epu32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  x = _mm_max_epu32(x, _mm_shuffle_epi32(x, 0x4E));
  x = _mm_max_epu32(x, _mm_shuffle_epi32(x, 0xB1));
  return (uint32_t)_mm_cvtsi128_si32(x);
}

INLINE laminak_dithered dither(const float *values, size_t count, float reciprocal, laminak_stream stream, int has_lows,
                               unsigned raw_bits, uint8_t *numbers, uint8_t *lows) {
  source state = open_source(stream);
  __m256 scale = _mm256_set1_ps(reciprocal);
  __m256i largest = _mm256_setzero_si256(), low_mask = _mm256_set1_epi32((1 << raw_bits) - 1);
  __m128i shift = _mm_cvtsi32_si128((int)raw_bits);
  size_t escapes = 0, start = 0;
  for (; start + BLOCK <= count; start += BLOCK) {
    laminak_fetch_next(values + start, BLOCK);
    __m256 draws[4];
    __m256i high[4], low[4];
    next_draws(&state, draws);
#pragma clang loop unroll(full)
    for (int part = 0; part < 4; ++part) {
      __m256 value = _mm256_loadu_ps(values + start + 8 * part);
      __m256i bits = _mm256_and_si256(_mm256_castps_si256(value), _mm256_set1_epi32(0x7FFFFFFF));
      largest = _mm256_max_epu32(largest, bits);
      __m256 shifted = _mm256_add_ps(_mm256_mul_ps(value, scale), draws[part]);
      __m256i q = _mm256_cvttps_epi32(_mm256_floor_ps(shifted));
      low[part] = _mm256_and_si256(q, low_mask);
      high[part] = _mm256_add_epi32(has_lows ? _mm256_sra_epi32(q, shift) : q, _mm256_set1_epi32(16));
    }
    __m256i bytes = packed(high);
    __m256i is_number = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(31)), bytes);
    bytes = _mm256_and_si256(bytes, is_number);
    __m256i is_escape = _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256());
    escapes += (size_t)_mm_popcnt_u32((uint32_t)_mm256_movemask_epi8(is_escape));
    _mm256_storeu_si256((__m256i *)(numbers + start), bytes);
    if (has_lows) _mm256_storeu_si256((__m256i *)(lows + start), packed(low));
  }
  laminak_dithered dithered = {largest_of(largest), escapes};
  return laminak_portable_dither_from(start, values, count, reciprocal, stream, raw_bits, numbers, lows, dithered);
}

TARGET laminak_dithered laminak_avx2_dither(const float *values, size_t count, float reciprocal, laminak_stream stream,
                                            unsigned raw_bits, uint8_t *numbers, uint8_t *lows) {
  if (raw_bits == 0) return dither(values, count, reciprocal, stream, 0, 0, numbers, lows);
  return dither(values, count, reciprocal, stream, 1, raw_bits, numbers, lows);
}

INLINE void undither(const uint8_t *numbers, const uint8_t *lows, size_t count, int has_lows, unsigned raw_bits,
                     float step, laminak_stream stream, float *sums) {
  source state = open_source(stream);
  __m256 factor = _mm256_set1_ps(step), offset = _mm256_set1_ps(0.5f - (float)(16 << raw_bits));
  __m128i shift = _mm_cvtsi32_si128((int)raw_bits);
  size_t start = 0;
  for (; start + BLOCK <= count; start += BLOCK) {
    laminak_fetch_next(sums + start, BLOCK);
    __m256 draws[4];
    next_draws(&state, draws);
#pragma clang loop unroll(full)
    for (int part = 0; part < 4; ++part) {
      size_t place = start + 8 * (size_t)part;
      __m256i q = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(numbers + place)));
      __m256i is_escape = _mm256_cmpeq_epi32(q, _mm256_setzero_si256());
      if (has_lows) {
        __m256i low = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(lows + place)));
        q = _mm256_or_si256(_mm256_sll_epi32(q, shift), low);
      }
      // Exact, as the numbers are small: q - 16 * 2^r + 1/2 in one sum.
      __m256 middle = _mm256_add_ps(_mm256_cvtepi32_ps(q), offset);
      __m256 value = _mm256_mul_ps(factor, _mm256_sub_ps(middle, draws[part]));
      __m256 sum = _mm256_loadu_ps(sums + place);
      __m256 raised = _mm256_add_ps(sum, value);
      _mm256_storeu_ps(sums + place, _mm256_blendv_ps(raised, sum, _mm256_castsi256_ps(is_escape)));
    }
  }
  laminak_portable_undither_from(start, numbers, lows, count, raw_bits, step, stream, sums);
}

TARGET void laminak_avx2_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits,
                                  float step, laminak_stream stream, float *sums) {
  if (raw_bits == 0) undither(numbers, lows, count, 0, 0, step, stream, sums);
  else undither(numbers, lows, count, 1, raw_bits, step, stream, sums);
}
#endif
