// The rounding kernels of both tiers of AVX-512. A file that includes this defines TARGET, ROUND, ROUND_PACK, CELLS
// (the field of laminak_levels that its cells come from), CELL_BITS and cell_table, first_intervals and narrow.
#include <immintrin.h>

#include "avx512.h"
#include "fetch.h"
#include "rounding.h"
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline, target(TARGET)))

// By bits: b where the mask is 1, else a; a | (b & mask); ~(a ^ b).
#define SELECT(a, b, mask) _mm512_ternarylogic_epi32(a, b, mask, 0xD8)
#define OR_MASKED(a, b, mask) _mm512_ternarylogic_epi32(a, b, mask, 0xF8)
#define XNOR(a, b) _mm512_ternarylogic_epi32(a, a, b, 0xA5)

// How levels are found: by their equal distances, or by a search among 16 in a register, 32 in two, or more in memory.
enum { UNIFORM = 0, ONE = 16, TWO = 32, MANY = 256 };

// What decides single symbols, apart from the rest, which can then stay in registers.
typedef struct plain {
  const laminak_levels *levels;
  laminak_stream stream;
  float scale;
  unsigned sign_bit;  // where a symbol has its sign: 7, or the top of a field
} plain;

typedef struct rounder {
  const laminak_levels *levels;
  int steps;
  __m512 scale, origin, bottom, top;  // of coordinates to intervals, or to units
  __m512i counter, second, low_byte, sign_shift, sign_mask, one, margin;
  __m512 low_levels, high_levels, low_gaps, high_gaps, next_levels, high_next_levels, offset;
  __m512i table[2];
  __m512i shift;
} rounder;

INLINE rounder rounder_of(float scale, const laminak_levels *levels, laminak_stream stream, unsigned sign_bit,
                          int size) {
  float top = (float)(levels->count - 1) * 65536, margin = (float)levels->margin;
  rounder r = {.levels = levels};
  __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  r.counter = _mm512_add_epi32(_mm512_mullo_epi32(lanes, _mm512_set1_epi32((int)0x9E3779B9u)),
                               _mm512_set1_epi32((int)stream.first_word));
  r.second = _mm512_set1_epi32((int)stream.second_word);
  r.sign_shift = _mm512_set1_epi16((short)(15 - sign_bit));
  r.sign_mask = _mm512_set1_epi16((short)(1u << sign_bit));
  r.one = _mm512_set1_epi32(1);
  // A constant would make the compiler add the mask as a vector, at the price of another instruction.
  __asm__("" : "+v"(r.one));
  r.scale = _mm512_set1_ps(size == UNIFORM ? scale * levels->uniform_factor * 65536 : scale);
  r.origin = _mm512_set1_ps(levels->uniform_origin * 65536 + margin);
  r.bottom = _mm512_set1_ps(levels->is_signed ? margin : 0x1p23f + margin);
  r.top = _mm512_set1_ps(levels->is_signed ? top + margin : top);
  r.margin = _mm512_set1_epi32((int)(0x10000 - 2 * levels->margin));
  if (size == UNIFORM) return r;
  r.low_byte = _mm512_set1_epi32((int)(0x3F800000u | stream.low_byte >> 1));
  r.low_levels = _mm512_loadu_ps(levels->levels);
  r.high_levels = _mm512_loadu_ps(levels->levels + 16);
  r.next_levels = _mm512_loadu_ps(levels->levels + 1);
  r.high_next_levels = _mm512_loadu_ps(levels->levels + 17);
  r.low_gaps = _mm512_loadu_ps(levels->gaps);
  r.high_gaps = _mm512_loadu_ps(levels->gaps + 16);
  r.offset = _mm512_set1_ps(levels->CELLS.offset);
  r.shift = _mm512_set1_epi32((int)levels->CELLS.shift);
  r.steps = (int)levels->CELLS.steps;
  cell_table(levels->CELLS.first, r.table);
  return r;
}

// The words of the next block but for the last stage of the hash, x ^ (x >> 15).
INLINE __m512i next_words(rounder *r) {
  __m512i x = r->counter;
  r->counter = _mm512_add_epi32(x, _mm512_set1_epi32((int)(16 * 0x9E3779B9u)));
  x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 16));
  x = _mm512_add_epi32(_mm512_mullo_epi32(x, _mm512_set1_epi32(0x21F0AAAD)), r->second);
  x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 15));
  return _mm512_mullo_epi32(x, _mm512_set1_epi32((int)0xD35A2D97u));
}

// The smaller of a magnitude and a positive limit; NaN counts as the limit.
INLINE __m512 limited(__m512 value, __m512 limit) { return _mm512_range_ps(value, limit, 0x0A); }

INLINE __m512i with_signs(__m512i symbols, const float *values, const rounder *r) {
  __m512i low = _mm512_loadu_si512(values), high = _mm512_loadu_si512(values + 16);
  __m512i signs = SELECT(_mm512_srli_epi32(low, 16), high, _mm512_set1_epi32((int)0xFFFF0000u));
  __mmask32 above_zero = _mm512_test_epi16_mask(symbols, symbols);
  return OR_MASKED(symbols, _mm512_maskz_srlv_epi16(above_zero, signs, r->sign_shift), r->sign_mask);
}

// Decides the symbols whose sums are within the margin.
__attribute__((noinline, target(TARGET))) static void settle(uint32_t close, const float *values, size_t index,
                                                             const plain *p, uint16_t *symbols) {
  for (; close != 0; close &= close - 1) {
    unsigned i = (unsigned)__builtin_ctz(close);
    unsigned symbol = laminak_symbol(values[i], index + i, p->scale, p->levels, p->stream);
    if (!p->levels->is_signed) symbol = (symbol & 0x7F) | (symbol >> 7) << p->sign_bit;
    symbols[i % 16 * 2 + i / 16] = (uint16_t)symbol;
  }
}

INLINE __m512i place_of(__m512 value, const rounder *r, int is_signed) {
  __m512 place = _mm512_mul_ps(value, r->scale);
  if (is_signed) {
    place = _mm512_min_ps(_mm512_add_ps(place, r->origin), r->top);
    return _mm512_cvtps_epi32(_mm512_max_ps(place, r->bottom));
  }
  // Adding 2^23 leaves the nearest integer in the low bits.
  return _mm512_castps_si512(_mm512_add_ps(limited(place, r->top), r->bottom));
}

INLINE __m512i uniform_block(const float *values, size_t index, rounder *r, const plain *p, int is_signed) {
  __m512i x = next_words(r);
  x = XNOR(x, _mm512_srli_epi32(x, 15));  // inverted, so that 65535 - m takes the place of m
  __m512i low = place_of(_mm512_loadu_ps(values), r, is_signed);
  __m512i high = place_of(_mm512_loadu_ps(values + 16), r, is_signed);
  low = _mm512_add_epi32(low, _mm512_srli_epi32(x, 16));
  high = _mm512_add_epi32(high, _mm512_and_si512(x, _mm512_set1_epi32(0xFFFF)));
  __m512i symbols = SELECT(_mm512_srli_epi32(low, 16), high, _mm512_set1_epi32((int)0xFFFF0000u));
  symbols = _mm512_and_si512(symbols, _mm512_set1_epi16(0xFF));
  if (!is_signed) symbols = with_signs(symbols, values, r);
  if (__builtin_expect(_mm512_testn_epi32_mask(_mm512_min_epu16(low, high), r->margin), 0)) {
    uint16_t stored[BLOCK];
    uint32_t close = _mm512_testn_epi32_mask(low, r->margin) | (uint32_t)_mm512_testn_epi32_mask(high, r->margin) << 16;
    _mm512_storeu_si512(stored, symbols);
    settle(close, values, index, p, stored);
    symbols = _mm512_loadu_si512(stored);
  }
  return symbols;
}

INLINE __m512 levels_at(__m512i interval, const rounder *r, int size) {
  if (size == ONE) return _mm512_permutexvar_ps(interval, r->low_levels);
  if (size == TWO) return _mm512_permutex2var_ps(r->low_levels, interval, r->high_levels);
  return _mm512_i32gather_ps(interval, r->levels->levels, 4);
}

INLINE __m512 gaps_at(__m512i interval, const rounder *r, int size) {
  if (size == ONE) return _mm512_permutexvar_ps(interval, r->low_gaps);
  if (size == TWO) return _mm512_permutex2var_ps(r->low_gaps, interval, r->high_gaps);
  return _mm512_i32gather_ps(interval, r->levels->gaps, 4);
}

// The last interval that begins at or below the unit, or the first, in the lowest byte.
INLINE __m512i interval_of(__m512 unit, const rounder *r, int is_signed, int size, int steps) {
  __m512i cell = _mm512_castps_si512(_mm512_add_ps(is_signed ? _mm512_abs_ps(unit) : unit, r->offset));
  cell = _mm512_srlv_epi32(cell, r->shift);
  if (is_signed) {
    __m512i sign = _mm512_srli_epi32(_mm512_castps_si512(unit), 32 - CELL_BITS);
    cell = SELECT(cell, sign, _mm512_set1_epi32(1 << (CELL_BITS - 1)));
  }
  __m512i interval = first_intervals(cell, r->table);
  if (size != MANY && steps == 1) {
    // The level above lies in a table of its own. Permutations ignore the upper bytes.
    __m512 next = size == ONE ? _mm512_permutexvar_ps(interval, r->next_levels)
                              : _mm512_permutex2var_ps(r->next_levels, interval, r->high_next_levels);
    return _mm512_mask_add_epi32(interval, _mm512_cmp_ps_mask(unit, next, _CMP_GE_OQ), interval, r->one);
  }
  interval = _mm512_and_si512(interval, _mm512_set1_epi32(0xFF));
  for (int step = 1 << steps >> 1; step > 0; step >>= 1) {
    __m512i next = _mm512_add_epi32(interval, _mm512_set1_epi32(step));
    if (size == TWO) next = _mm512_min_epu32(next, _mm512_set1_epi32(TWO - 1));
    __mmask16 is_above = _mm512_cmp_ps_mask(unit, levels_at(next, r, size), _CMP_GE_OQ);
    interval = _mm512_mask_mov_epi32(interval, is_above, next);
  }
  return interval;
}

// 1 + (n - 1) / 2^24 as bits, less 1 - 2^-24, is the draw n / 2^24; `bits` has m in its bits 7 to 22.
INLINE __m512 draw_of(__m512i bits, const rounder *r) {
  __m512i shifted = OR_MASKED(r->low_byte, bits, _mm512_set1_epi32(0x7FFF80));
  return _mm512_sub_ps(_mm512_castsi512_ps(shifted), _mm512_set1_ps(0x1.fffffep-1f));
}

INLINE __m512i rounded(__m512 value, __m512 draw, const rounder *r, int is_signed, int size, int steps) {
  __m512 unit = _mm512_mul_ps(value, r->scale), limit = _mm512_set1_ps(1);
  if (is_signed)
    unit = _mm512_max_ps(_mm512_min_ps(unit, limit), _mm512_set1_ps(-1));
  else
    unit = limited(unit, limit);
  __m512i interval = interval_of(unit, r, is_signed, size, steps);
  __m512 above = _mm512_sub_ps(unit, levels_at(interval, r, size));
  __m512 threshold = _mm512_mul_ps(draw, gaps_at(interval, r, size));
  __mmask16 is_up = _mm512_cmp_ps_mask(threshold, above, _CMP_LT_OQ);
  return _mm512_mask_add_epi32(interval, is_up, interval, r->one);
}

INLINE __m512i searched_block(const float *values, rounder *r, int is_signed, int size, int steps) {
  __m512i x = next_words(r);
  x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 15));
  __m512 low_draw = draw_of(_mm512_srli_epi32(x, 9), r), high_draw = draw_of(_mm512_slli_epi32(x, 7), r);
  __m512i low = rounded(_mm512_loadu_ps(values), low_draw, r, is_signed, size, steps);
  __m512i high = rounded(_mm512_loadu_ps(values + 16), high_draw, r, is_signed, size, steps);
  __m512i symbols = SELECT(low, _mm512_slli_epi32(high, 16), _mm512_set1_epi32((int)0xFFFF0000u));
  symbols = _mm512_and_si512(symbols, _mm512_set1_epi16(0xFF));
  return is_signed ? symbols : with_signs(symbols, values, r);
}

// The symbols of 32 coordinates: those of element j and j + 16 in the halves of lane j.
INLINE __m512i block_of(const float *values, size_t index, rounder *r, const plain *p, int is_signed, int size,
                        int steps) {
  if (size == UNIFORM) return uniform_block(values, index, r, p, is_signed);
  return searched_block(values, r, is_signed, size, steps > 0 ? steps : r->steps);
}

// One copy of the loops for each way to find levels. Most often one step is enough.
#define FOR_LEVELS(DO)                                                                        \
  if (levels->is_signed) {                                                                    \
    if (levels->uniform_factor > 0) { DO(1, UNIFORM, 0); }                                    \
    else if (levels->count <= TWO && levels->CELLS.steps <= 1) { DO(1, TWO, 1); }             \
    else if (levels->count <= TWO) { DO(1, TWO, 0); }                                         \
    else { DO(1, MANY, 0); }                                                                  \
  } else {                                                                                    \
    if (levels->uniform_factor > 0) { DO(0, UNIFORM, 0); }                                    \
    else if (levels->count <= ONE && levels->CELLS.steps <= 1) { DO(0, ONE, 1); }             \
    else if (levels->count <= TWO && levels->CELLS.steps <= 1) { DO(0, TWO, 1); }             \
    else if (levels->count <= TWO) { DO(0, TWO, 0); }                                         \
    else { DO(0, MANY, 0); }                                                                  \
  }

__attribute__((target(TARGET))) void ROUND(const float *values, size_t count, float scale,
                                           const laminak_levels *levels, laminak_stream stream, uint8_t *symbols) {
  size_t whole = count / BLOCK * BLOCK;
#define BLOCKS(is_signed, size, steps)                                                                            \
  rounder r = rounder_of(scale, levels, stream, 7, size);                                                         \
  for (size_t i = 0; i < whole; i += BLOCK) {                                                                     \
    laminak_fetch_ahead(values + i, BLOCK);                                                                       \
    _mm256_storeu_si256((__m256i *)(symbols + i), narrow(block_of(values + i, i, &r, &p, is_signed, size, steps))); \
  }
  plain p = {levels, stream, scale, 7};
  FOR_LEVELS(BLOCKS)
#undef BLOCKS
  for (size_t i = whole; i < count; ++i) symbols[i] = laminak_symbol(values[i], i, scale, levels, stream);
}

// Two blocks make one field of 4 * width bits in each lane, which is appended to the string of the lane.
INLINE void pack_blocks(const float *values, size_t count, rounder *r, const plain *p, unsigned width,
                        int is_signed, int size, int steps, uint8_t *words) {
  __m512i merge = _mm512_set1_epi32((int)(1u << width << 16 | 1));
  __m128i half = _mm_cvtsi32_si128((int)(2 * width));
  __m512i word = _mm512_setzero_si512();
  unsigned filled = 0;
  for (size_t i = 0; i < count; i += 2 * BLOCK) {
    laminak_fetch_ahead(values + i, 2 * BLOCK);
    __m512i low = _mm512_madd_epi16(block_of(values + i, i, r, p, is_signed, size, steps), merge);
    __m512i high = _mm512_madd_epi16(block_of(values + i + BLOCK, i + BLOCK, r, p, is_signed, size, steps), merge);
    __m512i field = _mm512_or_si512(low, _mm512_sll_epi32(high, half));
    word = _mm512_or_si512(word, _mm512_sll_epi32(field, _mm_cvtsi32_si128((int)filled)));
    filled += 4 * width;
    if (filled < 32) continue;
    _mm512_storeu_si512(words, word);
    words += 64;
    filled -= 32;
    word = _mm512_srl_epi32(field, _mm_cvtsi32_si128((int)(4 * width - filled)));
  }
}

__attribute__((target(TARGET))) void ROUND_PACK(const float *values, size_t blocks, float scale,
                                                const laminak_levels *levels, laminak_stream stream, unsigned width,
                                                void *words) {
#define BLOCKS(is_signed, size, steps)                                  \
  rounder r = rounder_of(scale, levels, stream, width - 1, size);       \
  pack_blocks(values, 512 * blocks, &r, &p, width, is_signed, size, steps, words);
  plain p = {levels, stream, scale, width - 1};
  FOR_LEVELS(BLOCKS)
#undef BLOCKS
}
