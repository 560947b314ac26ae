#if defined(__x86_64__)
#include "avx2.h"
#include "fetch.h"
#include "portable.h"
#include "rows_avx2.h"
#pragma STDC FP_CONTRACT OFF

// Rows 0 and 1, and rows 2 and 3.
typedef struct symbols {
  __m256i first, second;
} symbols;

INLINE symbols symbols_of(__m256i low, __m256i high) {
  __m256i bytes = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,  //
                                   0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  low = _mm256_shuffle_epi8(low, bytes);
  high = _mm256_shuffle_epi8(high, bytes);
  return (symbols){_mm256_permutevar8x32_epi32(_mm256_unpacklo_epi32(low, high), order),
                   _mm256_permutevar8x32_epi32(_mm256_unpackhi_epi32(low, high), order)};
}

// One copy of the loops for each way to find levels.
#define FOR_LEVELS(DO)                                                            \
  if (levels->is_signed) {                                                        \
    if (levels->uniform_factor > 0) { DO(1, UNIFORM); }                           \
    else if (levels->count <= LEAST) { DO(1, LEAST); }                            \
    else if (levels->count <= FEW) { DO(1, FEW); }                                \
    else { DO(1, SOME); }                                                         \
  } else {                                                                        \
    if (levels->uniform_factor > 0) { DO(0, UNIFORM); }                           \
    else if (levels->count <= LEAST) { DO(0, LEAST); }                            \
    else if (levels->count <= FEW && levels->coarse.steps <= 1) { DO(0, CELLS); } \
    else if (levels->count <= FEW) { DO(0, FEW); }                                \
    else { DO(0, SOME); }                                                         \
  }

INLINE void round_blocks(const float *values, size_t count, const rounder *r, const plain *p, int is_signed, int size,
                         uint8_t *target) {
  __m256i left = counter_of(p->stream, 0), right = counter_of(p->stream, 1);
  for (size_t i = 0; i < count; i += 2 * BLOCK) {
    laminak_fetch_ahead(values + i, 2 * BLOCK);
    int has_second = i + BLOCK < count;
    const float *first = values + i, *second = has_second ? first + BLOCK : first;
    symbols made = symbols_of(half_of(first, second, i, 0, left, r, p, is_signed, size),
                              half_of(first, second, i, 1, right, r, p, is_signed, size));
    _mm256_storeu_si256((__m256i *)(target + i), made.first);
    if (has_second) _mm256_storeu_si256((__m256i *)(target + i + BLOCK), made.second);
    left = on(left, 2);
    right = on(right, 2);
  }
}

FOR_AVX2 void laminak_avx2_round(const float *values, size_t count, float scale, const laminak_levels *levels,
                                 laminak_stream stream, uint8_t *symbols) {
  if (levels->count > SOME && levels->uniform_factor == 0) {
    laminak_portable_round(values, count, scale, levels, stream, symbols);
    return;
  }
  size_t whole = count / BLOCK * BLOCK;
  plain p = {levels, stream, scale, 7};
#define BLOCKS(is_signed, size)                           \
  rounder r = rounder_of(scale, levels, stream, 7, size); \
  round_blocks(values, whole, &r, &p, is_signed, size, symbols);
  FOR_LEVELS(BLOCKS)
#undef BLOCKS
  for (size_t i = whole; i < count; ++i) symbols[i] = laminak_symbol(values[i], i, scale, levels, stream);
}

// Four rows make one field of 4 * width bits in each lane, which is appended to the string of the lane.
INLINE void pack_half(const float *values, size_t count, int half, const rounder *r, const plain *p, unsigned width,
                      int is_signed, int size, uint8_t *words) {
  // The first factor of the first product is read as unsigned, the symbols, which are below 128, as signed.
  __m256i pairs = _mm256_set1_epi16((short)(1u << width << 8 | 1));
  __m256i fours = _mm256_set1_epi32((int)(1u << 2 * width << 16 | 1));
  __m256i counter = counter_of(p->stream, half), word = _mm256_setzero_si256();
  unsigned filled = 0;
  words += 32 * half;
  for (size_t i = 0; i < count; i += 2 * BLOCK) {
    laminak_fetch_ahead(values + i + BLOCK * half, BLOCK);
    __m256i field = half_of(values + i, values + i + BLOCK, i, half, counter, r, p, is_signed, size);
    counter = on(counter, 2);
    if (width < 8) field = _mm256_madd_epi16(_mm256_maddubs_epi16(pairs, field), fours);
    word = _mm256_or_si256(word, _mm256_sll_epi32(field, _mm_cvtsi32_si128((int)filled)));
    filled += ROWS * width;
    if (filled < 32) continue;
    _mm256_storeu_si256((__m256i *)words, word);
    words += 64;
    filled -= 32;
    word = _mm256_srl_epi32(field, _mm_cvtsi32_si128((int)(ROWS * width - filled)));
  }
}

FOR_AVX2 void laminak_avx2_round_pack(const float *values, size_t blocks, float scale, const laminak_levels *levels,
                                      laminak_stream stream, unsigned width, void *words) {
  if (levels->count > SOME && levels->uniform_factor == 0) {
    laminak_portable_round_pack(values, blocks, scale, levels, stream, width, words);
    return;
  }
  plain p = {levels, stream, scale, width - 1};
#define BLOCKS(is_signed, size)                                   \
  rounder r = rounder_of(scale, levels, stream, width - 1, size); \
  for (int half = 0; half < 2; ++half)                            \
    pack_half(values, 512 * blocks, half, &r, &p, width, is_signed, size, words);
  FOR_LEVELS(BLOCKS)
#undef BLOCKS
}
#endif
