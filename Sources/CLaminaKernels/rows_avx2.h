#ifndef LAMINA_ROWS_AVX2_H
#define LAMINA_ROWS_AVX2_H
#if defined(__x86_64__)
#include <immintrin.h>

#include "rounding.h"
#pragma STDC FP_CONTRACT OFF

// Rounding of four rows of coordinates at once, which round_avx2.c makes symbols and fields of.

#define INLINE static inline __attribute__((always_inline, target("avx2")))

// How levels are found: by their equal distances, by a search among 8, 16 or 32 in registers, or among 16 by a table of
// cells and one step.
enum { UNIFORM = 0, LEAST = 8, FEW = 16, SOME = 32, CELLS = 16 | 1 };

typedef struct rounder {
  __m256 scale, origin, bottom, top;  // of coordinates to intervals, or to units
  __m256i second, low_byte, sign_mask, margin;
  __m128i sign_shift;
  // The levels of steps[i] are those at the odd multiples of 16 >> i.
  __m256 steps[6], levels[4], gaps[4];
  __m256 next_levels[2], offset;
  __m256i cells[2];
  __m128i cell_shifts[4];
} rounder;

INLINE rounder rounder_of(float scale, const laminak_levels *levels, laminak_stream stream, unsigned sign_bit,
                          int size) {
  float top = (float)(levels->count - 1) * 65536, margin = (float)levels->margin;
  rounder r;
  r.second = _mm256_set1_epi32((int)stream.second_word);
  r.sign_shift = _mm_cvtsi32_si128((int)(7 - sign_bit));
  r.sign_mask = _mm256_set1_epi8((char)(1u << sign_bit));
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
  if (size == CELLS) {
    const laminak_cells *cells = &levels->coarse;
    r.offset = _mm256_set1_ps(cells->offset);
    for (int i = 0; i < 2; ++i) {
      r.next_levels[i] = _mm256_loadu_ps(levels->levels + 1 + 8 * i);
      r.cells[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(cells->first + 16 * i)));
    }
    for (int i = 0; i < 3; ++i) r.cell_shifts[i] = _mm_cvtsi32_si128((int)cells->shift - 8 * i);
    r.cell_shifts[3] = _mm_cvtsi32_si128(24 - (int)cells->shift);
    return r;
  }
  for (int i = 0; i < 6; ++i) r.steps[i] = _mm256_loadu_ps(levels->halvings[i]);
  return r;
}

enum { GAMMA = (int)0x9E3779B9u };

// What the words of one half of the first block are made of; those of the next block are 16 * GAMMA on.
INLINE __m256i counter_of(laminak_stream stream, int half) {
  __m256i lanes = _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(8 * half));
  return _mm256_add_epi32(_mm256_mullo_epi32(lanes, _mm256_set1_epi32(GAMMA)),
                          _mm256_set1_epi32((int)stream.first_word));
}

INLINE __m256i on(__m256i counter, int blocks) {
  return _mm256_add_epi32(counter, _mm256_set1_epi32((int)(16u * (unsigned)blocks * (unsigned)GAMMA)));
}

INLINE __m256i hash(__m256i x, const rounder *r) {
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 16));
  x = _mm256_add_epi32(_mm256_mullo_epi32(x, _mm256_set1_epi32(0x21F0AAAD)), r->second);
  x = _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
  x = _mm256_mullo_epi32(x, _mm256_set1_epi32((int)0xD35A2D97u));
  return _mm256_xor_si256(x, _mm256_srli_epi32(x, 15));
}

INLINE __m256 magnitude(__m256 value) {
  return _mm256_and_ps(value, _mm256_castsi256_ps(_mm256_set1_epi32(0x7FFFFFFF)));
}

// Two blocks of 32 coordinates, or one in both places, are four rows of 16, of which a vector takes a half. Each 32-bit
// lane holds the symbols of its four rows in its bytes.
enum { ROWS = 4 };

typedef struct rows {
  const float *values[2];  // the coordinates of one half of rows 0 and 1, and of rows 2 and 3
  size_t index[2];         // of the first of these in the bucket
} rows;

INLINE const float *row(const rows *rows, int i) { return rows->values[i / 2] + 16 * (i % 2); }

// The upper 16 bits of two rows.
INLINE __m256i uppers(__m256i low, __m256i high) { return _mm256_blend_epi16(_mm256_srli_epi32(low, 16), high, 0xAA); }

INLINE __m256i with_signs(__m256i symbols, const rows *rows, const rounder *r) {
  __m256i bits[ROWS];
  for (int i = 0; i < ROWS; ++i) bits[i] = _mm256_loadu_si256((const __m256i *)row(rows, i));
  __m256i even = _mm256_srli_epi16(uppers(bits[0], bits[2]), 8), odd = uppers(bits[1], bits[3]);
  __m256i signs = _mm256_blendv_epi8(even, odd, _mm256_set1_epi16((short)0xFF00));
  // A level above 0 carries into the place of the sign.
  signs = _mm256_and_si256(signs, _mm256_add_epi8(symbols, _mm256_set1_epi8(0x7F)));
  signs = _mm256_and_si256(_mm256_srl_epi16(signs, r->sign_shift), r->sign_mask);
  return _mm256_or_si256(symbols, signs);
}

// What decides single symbols.
typedef struct plain {
  const laminak_levels *levels;
  laminak_stream stream;
  float scale;
  unsigned sign_bit;
} plain;

// Decides the symbols whose sums are within the margin.
__attribute__((noinline)) static void settle(const uint32_t *sums, const rows *rows, const plain *p,
                                             uint8_t *symbols) {
  uint32_t margin = p->levels->margin;
  for (unsigned i = 0; i < 8 * ROWS; ++i) {
    unsigned place = i / 8 % 2 * 16 + i % 8;
    if ((sums[i] & 0xFFFF) >= 2 * margin) continue;
    unsigned symbol = laminak_symbol(rows->values[i / 16][place], rows->index[i / 16] + place, p->scale, p->levels,
                                     p->stream);
    if (!p->levels->is_signed) symbol = (symbol & 0x7F) | (symbol >> 7) << p->sign_bit;
    symbols[i % 8 * ROWS + i / 8] = (uint8_t)symbol;
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

INLINE __m256i uniform_rows(const rows *rows, __m256i counter, const rounder *r, const plain *p, int is_signed) {
  __m256i sums[ROWS], symbols;
  for (int i = 0; i < ROWS; i += 2) {
    __m256i noise = _mm256_xor_si256(hash(on(counter, i / 2), r), _mm256_set1_epi32(-1));
    sums[i] = _mm256_add_epi32(place_of(_mm256_loadu_ps(row(rows, i)), r, is_signed), _mm256_srli_epi32(noise, 16));
    sums[i + 1] = _mm256_add_epi32(place_of(_mm256_loadu_ps(row(rows, i + 1)), r, is_signed),
                                   _mm256_and_si256(noise, _mm256_set1_epi32(0xFFFF)));
  }
  symbols = _mm256_and_si256(uppers(sums[0], sums[2]), _mm256_set1_epi16(0xFF));
  symbols = _mm256_or_si256(symbols, _mm256_slli_epi16(uppers(sums[1], sums[3]), 8));
  if (!is_signed) symbols = with_signs(symbols, rows, r);
  __m256i least = _mm256_min_epu16(_mm256_min_epu16(sums[0], sums[1]), _mm256_min_epu16(sums[2], sums[3]));
  __m256i close = _mm256_cmpeq_epi32(_mm256_and_si256(least, r->margin), _mm256_setzero_si256());
  if (__builtin_expect(_mm256_movemask_epi8(close), 0)) {
    uint32_t stored_sums[8 * ROWS];
    uint8_t stored[8 * ROWS];
    struct rows stored_rows = *rows;
    for (int i = 0; i < ROWS; ++i) _mm256_storeu_si256((__m256i *)(stored_sums + 8 * i), sums[i]);
    _mm256_storeu_si256((__m256i *)stored, symbols);
    settle(stored_sums, &stored_rows, p, stored);
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

INLINE __m256i halved(__m256 unit, const rounder *r, int size) {
  __m256i interval = _mm256_setzero_si256();
  for (int step = size == SOME ? 0 : size == FEW ? 1 : 2; step < 5; ++step)
    interval = next_step(interval, unit, entry(interval, r->steps + step, step == 4 && size == SOME ? 16 : 8));
  return interval;
}

// The first intervals that the units of four rows may lie in, one in each byte.
INLINE __m256i first_intervals(const __m256 *units, const rounder *r) {
  __m256i cells[ROWS];
  for (int i = 0; i < ROWS; ++i) {
    cells[i] = _mm256_castps_si256(_mm256_add_ps(units[i], r->offset));
    cells[i] = i < 3 ? _mm256_srl_epi32(cells[i], r->cell_shifts[i]) : _mm256_sll_epi32(cells[i], r->cell_shifts[i]);
  }
  __m256i even = _mm256_blend_epi16(cells[0], cells[2], 0xAA), odd = _mm256_blend_epi16(cells[1], cells[3], 0xAA);
  __m256i cell = _mm256_blendv_epi8(even, odd, _mm256_set1_epi16((short)0xFF00));
  cell = _mm256_and_si256(cell, _mm256_set1_epi8(0x1F));
  return _mm256_blendv_epi8(_mm256_shuffle_epi8(r->cells[0], cell), _mm256_shuffle_epi8(r->cells[1], cell),
                            _mm256_slli_epi16(cell, 3));
}

INLINE __m256 unit_of(__m256 value, const rounder *r, int is_signed) {
  __m256 unit = _mm256_mul_ps(is_signed ? value : magnitude(value), r->scale);
  unit = _mm256_min_ps(unit, _mm256_set1_ps(1));
  return is_signed ? _mm256_max_ps(unit, _mm256_set1_ps(-1)) : unit;
}

INLINE __m256i rounded(__m256 unit, __m256 draw, __m256i interval, const rounder *r, int size) {
  __m256 above = _mm256_sub_ps(unit, entry(interval, r->levels, size));
  __m256 threshold = _mm256_mul_ps(draw, entry(interval, r->gaps, size));
  return _mm256_sub_epi32(interval, _mm256_castps_si256(_mm256_cmp_ps(threshold, above, _CMP_LT_OQ)));
}

// 1 + (n - 1) / 2^24 as bits, less 1 - 2^-24, is the draw n / 2^24; `bits` has m in its bits 7 to 22.
INLINE __m256 draw_of(__m256i bits, const rounder *r) {
  bits = _mm256_or_si256(_mm256_and_si256(bits, _mm256_set1_epi32(0x7FFF80)), r->low_byte);
  return _mm256_sub_ps(_mm256_castsi256_ps(bits), _mm256_set1_ps(0x1.fffffep-1f));
}

INLINE __m256i searched_rows(const rows *rows, __m256i counter, const rounder *r, int is_signed, int size) {
  __m256 units[ROWS];
  __m256i symbols[ROWS], firsts = _mm256_setzero_si256();
  if (size == CELLS) {
    for (int i = 0; i < ROWS; ++i) units[i] = unit_of(_mm256_loadu_ps(row(rows, i)), r, is_signed);
    firsts = first_intervals(units, r);
  }
#pragma clang loop unroll(full)
  for (int pair = 0; pair < ROWS / 2; ++pair) {
    __m256i x = hash(on(counter, pair), r);
#pragma clang loop unroll(full)
    for (int i = 2 * pair; i < 2 * pair + 2; ++i) {
      __m256 draw = draw_of(i % 2 == 0 ? _mm256_srli_epi32(x, 9) : _mm256_slli_epi32(x, 7), r);
      if (size == CELLS) {
        // The upper bytes of an interval mean nothing.
        __m256i first = _mm256_srli_epi32(firsts, 8 * i);
        __m256 is_above = _mm256_cmp_ps(units[i], entry(first, r->next_levels, 16), _CMP_GE_OQ);
        symbols[i] = rounded(units[i], draw, _mm256_sub_epi32(first, _mm256_castps_si256(is_above)), r, 16);
      } else {
        __m256 unit = unit_of(_mm256_loadu_ps(row(rows, i)), r, is_signed);
        symbols[i] = rounded(unit, draw, halved(unit, r, size), r, size);
      }
    }
  }
  __m256i even = _mm256_blend_epi16(symbols[0], _mm256_slli_epi32(symbols[2], 16), 0xAA);
  __m256i odd = _mm256_blend_epi16(symbols[1], _mm256_slli_epi32(symbols[3], 16), 0xAA);
  __m256i bytes = _mm256_blendv_epi8(even, _mm256_slli_epi16(odd, 8), _mm256_set1_epi16((short)0xFF00));
  return is_signed ? bytes : with_signs(bytes, rows, r);
}

// The symbols of one half of the blocks at `first` and `second`, of which the first begins at `index`.
INLINE __m256i half_of(const float *first, const float *second, size_t index, int half, __m256i counter,
                       const rounder *r, const plain *p, int is_signed, int size) {
  size_t place = 8 * (size_t)half;
  rows rows = {{first + place, second + place}, {index + place, index + place + BLOCK}};
  return size == UNIFORM ? uniform_rows(&rows, counter, r, p, is_signed)
                         : searched_rows(&rows, counter, r, is_signed, size);
}
#endif
#endif
