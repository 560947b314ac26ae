#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2.h"
#include "portable.h"
#include "rounding.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target("avx2")))

// How levels are found: by their equal distances, or by a search among 16 or 32 in registers.
enum { UNIFORM = 0, FEW = 16, SOME = 32 };

typedef struct rounder {
  __m256 scale, origin, bottom, top;  // of coordinates to intervals, or to units
  __m256i counter[2], second, low_byte, sign_mask, margin;
  __m128i sign_shift;
  // Level j of a search for 16 is step[3] at step 1, step[2] and so on at the odd multiples of 2, 4, 8, 16.
  __m256 steps[6], levels[4], gaps[4];
} rounder;

// The levels at first, first + stride, ..., eight of them or as many as lie below 32.
INLINE __m256 every(const float *levels, int first, int stride) {
  float some[8];
  for (int i = 0; i < 8; ++i) some[i] = levels[(first + i * stride) % 32];
  return _mm256_loadu_ps(some);
}

INLINE rounder rounder_of(float scale, const laminak_levels *levels, laminak_stream stream, unsigned sign_bit,
                          int size) {
  float top = (float)(levels->count - 1) * 65536, margin = (float)levels->margin;
  rounder r;
  for (int half = 0; half < 2; ++half) {
    __m256i lanes = _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(8 * half));
    r.counter[half] = _mm256_add_epi32(_mm256_mullo_epi32(lanes, _mm256_set1_epi32((int)0x9E3779B9u)),
                                       _mm256_set1_epi32((int)stream.first_word));
  }
  r.second = _mm256_set1_epi32((int)stream.second_word);
  r.sign_shift = _mm_cvtsi32_si128((int)(15 - sign_bit));
  r.sign_mask = _mm256_set1_epi16((short)(1u << sign_bit));
  r.scale = _mm256_set1_ps(size == UNIFORM ? scale * levels->uniform_factor * 65536 : scale);
  r.origin = _mm256_set1_ps(levels->uniform_origin * 65536 + margin);
  r.bottom = _mm256_set1_ps(levels->is_signed ? margin : 0x1p23f + margin);
  r.top = _mm256_set1_ps(levels->is_signed ? top + margin : top);
  r.margin = _mm256_set1_epi32((int)(0x10000 - 2 * levels->margin));
  if (size == UNIFORM) return r;
  r.low_byte = _mm256_set1_epi32((int)(0x3F800000u | stream.low_byte >> 1));
  for (int i = 0; i < size / 8; ++i) {
    r.levels[i] = _mm256_loadu_ps(levels->levels + 8 * i);
    r.gaps[i] = _mm256_loadu_ps(levels->gaps + 8 * i);
  }
  for (int i = 0; i < 5; ++i) r.steps[i] = every(levels->levels, 16 >> i, 32 >> i);
  r.steps[5] = every(levels->levels, 17, 2);
  return r;
}

// The words of the next half block but for the last stage of the hash, x ^ (x >> 15).
INLINE __m256i next_words(__m256i *counter, __m256i second) {
  __m256i x = *counter;
  *counter = _mm256_add_epi32(x, _mm256_set1_epi32((int)(16 * 0x9E3779B9u)));
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 16));
  x = _mm256_add_epi32(_mm256_mullo_epi32(x, _mm256_set1_epi32(0x21F0AAAD)), second);
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
  x = _mm256_mullo_epi32(x, _mm256_set1_epi32((int)0xD35A2D97u));
  return _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
}

INLINE __m256 magnitude(__m256 value) {
  return _mm256_and_ps(value, _mm256_castsi256_ps(_mm256_set1_epi32(0x7FFFFFFF)));
}

// Each 32-bit lane holds the symbols of elements j and j + 16 in its halves.
INLINE __m256i with_signs(__m256i symbols, const float *values, const rounder *r) {
  __m256i low = _mm256_loadu_si256((const __m256i *)values);
  __m256i high = _mm256_loadu_si256((const __m256i *)(values + 16));
  __m256i signs = _mm256_blend_epi16(_mm256_srli_epi32(low, 16), high, 0xAA);
  signs = _mm256_and_si256(_mm256_srl_epi16(signs, r->sign_shift), r->sign_mask);
  __m256i are_zero = _mm256_cmpeq_epi16(symbols, _mm256_setzero_si256());
  return _mm256_or_si256(symbols, _mm256_andnot_si256(are_zero, signs));
}

// What decides single symbols.
typedef struct plain {
  const laminak_levels *levels;
  laminak_stream stream;
  float scale;
  unsigned sign_bit;
} plain;

__attribute__((noinline)) static void settle(const uint32_t *sums, const float *values, size_t index, const plain *p,
                                             uint16_t *symbols) {
  uint32_t margin = p->levels->margin;
  for (unsigned i = 0; i < 16; ++i) {
    unsigned element = i % 8 + i / 8 * 16;
    if ((sums[i] & 0xFFFF) >= 2 * margin) continue;
    unsigned symbol = laminak_symbol(values[element], index + element, p->scale, p->levels, p->stream);
    if (!p->levels->is_signed) symbol = (symbol & 0x7F) | (symbol >> 7) << p->sign_bit;
    symbols[i % 8 * 2 + i / 8] = (uint16_t)symbol;
  }
}

INLINE __m256i place_of(__m256 value, const rounder *r, int is_signed) {
  if (is_signed) {
    __m256 place = _mm256_min_ps(_mm256_add_ps(_mm256_mul_ps(value, r->scale), r->origin), r->top);
    return _mm256_cvtps_epi32(_mm256_max_ps(place, r->bottom));
  }
  // Adding 2^23 leaves the nearest integer in the low bits.
  __m256 place = _mm256_min_ps(_mm256_mul_ps(magnitude(value), r->scale), r->top);
  return _mm256_castps_si256(_mm256_add_ps(place, r->bottom));
}

INLINE __m256i uniform_half(const float *values, size_t index, __m256i x, const rounder *r, const plain *p,
                            int is_signed) {
  x = _mm256_xor_si256(x, _mm256_set1_epi32(-1));
  __m256i low = place_of(_mm256_loadu_ps(values), r, is_signed);
  __m256i high = place_of(_mm256_loadu_ps(values + 16), r, is_signed);
  low = _mm256_add_epi32(low, _mm256_srli_epi32(x, 16));
  high = _mm256_add_epi32(high, _mm256_and_si256(x, _mm256_set1_epi32(0xFFFF)));
  __m256i symbols = _mm256_blend_epi16(_mm256_srli_epi32(low, 16), high, 0xAA);
  symbols = _mm256_and_si256(symbols, _mm256_set1_epi16(0xFF));
  if (!is_signed) symbols = with_signs(symbols, values, r);
  __m256i least = _mm256_and_si256(_mm256_min_epu16(low, high), r->margin);
  if (__builtin_expect(_mm256_movemask_epi8(_mm256_cmpeq_epi32(least, _mm256_setzero_si256())), 0)) {
    uint32_t sums[16];
    uint16_t stored[16];
    _mm256_storeu_si256((__m256i *)sums, low);
    _mm256_storeu_si256((__m256i *)(sums + 8), high);
    _mm256_storeu_si256((__m256i *)stored, symbols);
    settle(sums, values, index, p, stored);
    symbols = _mm256_loadu_si256((const __m256i *)stored);
  }
  return symbols;
}

// Entry `index` of a table of 8, 16 or 32.
INLINE __m256 entry(__m256i index, const __m256 *table, int size) {
  __m256 low = _mm256_permutevar8x32_ps(table[0], index);
  if (size == 8) return low;
  __m256 bit3 = _mm256_castsi256_ps(_mm256_slli_epi32(index, 28));
  low = _mm256_blendv_ps(low, _mm256_permutevar8x32_ps(table[1], index), bit3);
  if (size == 16) return low;
  __m256 high = _mm256_blendv_ps(_mm256_permutevar8x32_ps(table[2], index),
                                 _mm256_permutevar8x32_ps(table[3], index), bit3);
  return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(index, 27)));
}

INLINE __m256i next_step(__m256i interval, __m256 unit, __m256 level) {
  __m256 is_above = _mm256_cmp_ps(unit, level, _CMP_GE_OQ);
  return _mm256_sub_epi32(_mm256_add_epi32(interval, interval), _mm256_castps_si256(is_above));
}

INLINE __m256i rounded(__m256 value, __m256 draw, const rounder *r, int is_signed, int size) {
  __m256 unit = _mm256_mul_ps(is_signed ? value : magnitude(value), r->scale);
  unit = _mm256_min_ps(unit, _mm256_set1_ps(1));
  if (is_signed) unit = _mm256_max_ps(unit, _mm256_set1_ps(-1));
  __m256i interval = _mm256_setzero_si256();
  if (size == SOME) {
    interval = next_step(interval, unit, _mm256_permutevar8x32_ps(r->steps[0], interval));
    interval = next_step(interval, unit, entry(interval, r->steps + 1, 8));
  } else {
    interval = next_step(interval, unit, _mm256_permutevar8x32_ps(r->steps[1], interval));
  }
  interval = next_step(interval, unit, entry(interval, r->steps + 2, 8));
  interval = next_step(interval, unit, entry(interval, r->steps + 3, 8));
  interval = next_step(interval, unit, entry(interval, r->steps + 4, size == SOME ? 16 : 8));
  __m256 above = _mm256_sub_ps(unit, entry(interval, r->levels, size));
  __m256 threshold = _mm256_mul_ps(draw, entry(interval, r->gaps, size));
  return _mm256_sub_epi32(interval, _mm256_castps_si256(_mm256_cmp_ps(threshold, above, _CMP_LT_OQ)));
}

// 1 + (n - 1) / 2^24 as bits, less 1 - 2^-24, is the draw n / 2^24; `bits` has m in its bits 7 to 22.
INLINE __m256 draw_of(__m256i bits, const rounder *r) {
  bits = _mm256_or_si256(_mm256_and_si256(bits, _mm256_set1_epi32(0x7FFF80)), r->low_byte);
  return _mm256_sub_ps(_mm256_castsi256_ps(bits), _mm256_set1_ps(0x1.fffffep-1f));
}

INLINE __m256i searched_half(const float *values, __m256i x, const rounder *r, int is_signed, int size) {
  __m256 low_draw = draw_of(_mm256_srli_epi32(x, 9), r), high_draw = draw_of(_mm256_slli_epi32(x, 7), r);
  __m256i low = rounded(_mm256_loadu_ps(values), low_draw, r, is_signed, size);
  __m256i high = rounded(_mm256_loadu_ps(values + 16), high_draw, r, is_signed, size);
  __m256i symbols = _mm256_or_si256(low, _mm256_slli_epi32(high, 16));
  return is_signed ? symbols : with_signs(symbols, values, r);
}

// The symbols of 16 coordinates of a block of 32, those of elements 8 * half + j and 8 * half + j + 16 in lane j.
INLINE __m256i half_of(const float *values, size_t index, int half, rounder *r, const plain *p, int is_signed,
                       int size) {
  __m256i x = next_words(&r->counter[half], r->second);
  values += 8 * half;
  index += 8 * (size_t)half;
  return size == UNIFORM ? uniform_half(values, index, x, r, p, is_signed)
                         : searched_half(values, x, r, is_signed, size);
}

INLINE __m256i narrow(__m256i low, __m256i high) {
  __m256i evens = _mm256_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15,  //
                                   0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
  __m256i bytes = _mm256_shuffle_epi8(_mm256_packus_epi16(low, high), evens);
  return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

// One copy of the loops for each way to find levels.
#define FOR_LEVELS(DO)                                         \
  if (levels->is_signed) {                                     \
    if (levels->uniform_factor > 0) { DO(1, UNIFORM); }        \
    else if (levels->count <= FEW) { DO(1, FEW); }             \
    else { DO(1, SOME); }                                      \
  } else {                                                     \
    if (levels->uniform_factor > 0) { DO(0, UNIFORM); }        \
    else if (levels->count <= FEW) { DO(0, FEW); }             \
    else { DO(0, SOME); }                                      \
  }

FOR_AVX2 void laminak_avx2_round(const float *values, size_t count, float scale, const laminak_levels *levels,
                                 laminak_stream stream, uint8_t *symbols) {
  if (levels->count > SOME && levels->uniform_factor == 0) {
    laminak_portable_round(values, count, scale, levels, stream, symbols);
    return;
  }
  size_t whole = count / BLOCK * BLOCK;
  plain p = {levels, stream, scale, 7};
#define BLOCKS(is_signed, size)                                                 \
  rounder r = rounder_of(scale, levels, stream, 7, size);                       \
  for (size_t i = 0; i < whole; i += BLOCK) {                                   \
    laminak_fetch_ahead(values + i, BLOCK);                                     \
    __m256i low = half_of(values + i, i, 0, &r, &p, is_signed, size);           \
    __m256i high = half_of(values + i, i, 1, &r, &p, is_signed, size);          \
    _mm256_storeu_si256((__m256i *)(symbols + i), narrow(low, high));           \
  }
  FOR_LEVELS(BLOCKS)
#undef BLOCKS
  for (size_t i = whole; i < count; ++i) symbols[i] = laminak_symbol(values[i], i, scale, levels, stream);
}

// Two blocks make one field of 4 * width bits in each lane, which is appended to the string of the lane.
INLINE void pack_half(const float *values, size_t count, int half, rounder *r, const plain *p, unsigned width,
                      int is_signed, int size, uint8_t *words) {
  __m256i merge = _mm256_set1_epi32((int)(1u << width << 16 | 1));
  __m128i shift = _mm_cvtsi32_si128((int)(2 * width));
  __m256i word = _mm256_setzero_si256();
  unsigned filled = 0;
  words += 32 * half;
  for (size_t i = 0; i < count; i += 2 * BLOCK) {
    laminak_fetch_ahead(values + i + BLOCK * half, BLOCK);
    __m256i low = _mm256_madd_epi16(half_of(values + i, i, half, r, p, is_signed, size), merge);
    __m256i high = _mm256_madd_epi16(half_of(values + i + BLOCK, i + BLOCK, half, r, p, is_signed, size), merge);
    __m256i field = _mm256_or_si256(low, _mm256_sll_epi32(high, shift));
    word = _mm256_or_si256(word, _mm256_sll_epi32(field, _mm_cvtsi32_si128((int)filled)));
    filled += 4 * width;
    if (filled < 32) continue;
    _mm256_storeu_si256((__m256i *)words, word);
    words += 64;
    filled -= 32;
    word = _mm256_srl_epi32(field, _mm_cvtsi32_si128((int)(4 * width - filled)));
  }
}

FOR_AVX2 void laminak_avx2_round_pack(const float *values, size_t blocks, float scale, const laminak_levels *levels,
                                      laminak_stream stream, unsigned width, void *words) {
  if (levels->count > SOME && levels->uniform_factor == 0) {
    laminak_portable_round_pack(values, blocks, scale, levels, stream, width, words);
    return;
  }
  plain p = {levels, stream, scale, width - 1};
  for (int half = 0; half < 2; ++half) {
#define BLOCKS(is_signed, size)                                         \
  rounder r = rounder_of(scale, levels, stream, width - 1, size);       \
  pack_half(values, 512 * blocks, half, &r, &p, width, is_signed, size, words);
    FOR_LEVELS(BLOCKS)
#undef BLOCKS
  }
}
#endif
