#if defined(__x86_64__)
#include <immintrin.h>

#include "avx512.h"

#define INLINE static inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl,avx512dq")))

// Four rows of 16 symbols, a row in each 128-bit lane, are transposed so that each 32-bit lane holds the four symbols
// of one lane of the layout in its bytes; these are then merged into one field of 4 * width bits.
enum { ROWS = 4, GROUPS = 8, SYMBOLS = 64 };

#define OR_MASKED(a, b, mask) _mm512_ternarylogic_epi32(a, b, mask, 0xF8)

INLINE __m512i transposition(void) {
  return _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}

INLINE __m512i exchange(void) { return _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15); }

// Where a symbol has its index and where a field has the sign; without a sign the index is the whole byte.
typedef struct layout {
  __m512i index, sign, top, unused;
} layout;

INLINE layout layout_of(unsigned width, int has_sign) {
  __m512i index = _mm512_set1_epi8((char)(has_sign ? (1u << (width - 1)) - 1 : 0xFF));
  __m512i sign = _mm512_set1_epi8((char)(has_sign ? 1u << (width - 1) : 0));
  __m512i top = _mm512_set1_epi8((char)(has_sign ? 0x80 : 0));
  return (layout){index, sign, top, _mm512_set1_epi8((char)(has_sign ? 0x80 : 0xFF))};
}

INLINE __m512i merged(__m512i symbols, unsigned width, const layout *layout) {
  __m512i signs = _mm512_srli_epi16(symbols, 8 - width);
  __m512i fields = OR_MASKED(_mm512_and_si512(symbols, layout->index), signs, layout->sign);
  fields = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(exchange(), fields), transposition());
  if (width == 8) return fields;
  // The first factor is read as unsigned, the fields, which are below 128, as signed.
  __m512i pairs = _mm512_maddubs_epi16(_mm512_set1_epi16((short)(1u << width << 8 | 1)), fields);
  return _mm512_madd_epi16(pairs, _mm512_set1_epi32((int)(1u << 2 * width << 16 | 1)));
}

INLINE void pack_block(const uint8_t *symbols, unsigned width, const layout *layout, uint8_t *words) {
  __m512i word = _mm512_setzero_si512();
#pragma clang loop unroll(disable)
  for (unsigned group = 0; group < GROUPS; ++group) {
    __m512i field = merged(_mm512_loadu_si512(symbols + group * SYMBOLS), width, layout);
    unsigned place = group * ROWS * width, shift = place % 32;
    word = shift == 0 ? field : _mm512_or_si512(word, _mm512_slli_epi32(field, shift));
    if (shift + ROWS * width < 32) continue;
    _mm512_storeu_si512(words + place / 32 * 64, word);
    if (shift + ROWS * width > 32) word = _mm512_srli_epi32(field, 32 - shift);
  }
}

// A field of 4 * width bits in each 32-bit lane becomes four rows of symbols.
INLINE __m512i split(__m512i fields, unsigned width) {
  if (width < 8) {
    uint32_t pair = (1u << 2 * width) - 1, one = (1u << width) - 1;
    __m512i low = _mm512_and_si512(fields, _mm512_set1_epi32((int)pair));
    __m512i high = _mm512_slli_epi32(fields, 16 - 2 * width);
    fields = OR_MASKED(low, high, _mm512_set1_epi32((int)(pair << 16)));
    high = _mm512_slli_epi16(fields, 8 - width);
    low = _mm512_and_si512(fields, _mm512_set1_epi16((short)one));
    fields = OR_MASKED(low, high, _mm512_set1_epi16((short)(one << 8)));
  }
  return _mm512_permutexvar_epi32(exchange(), _mm512_shuffle_epi8(fields, transposition()));
}

typedef struct reach {
  __m512i largest, least;  // of the indices; of the differences from the byte that no symbol is
} reach;

INLINE void unpack_block(const uint8_t *words, unsigned width, const layout *layout, uint8_t *symbols,
                         reach *reach) {
#pragma clang loop unroll(disable)
  for (unsigned group = 0; group < GROUPS; ++group) {
    unsigned place = group * ROWS * width, shift = place % 32;
    const uint8_t *source = words + place / 32 * 64;
    __m512i fields = _mm512_srli_epi32(_mm512_loadu_si512(source), shift);
    if (shift + ROWS * width > 32)
      fields = _mm512_or_si512(fields, _mm512_slli_epi32(_mm512_loadu_si512(source + 64), 32 - shift));
    fields = split(fields, width);
    __m512i index = _mm512_and_si512(fields, layout->index);
    fields = OR_MASKED(index, _mm512_slli_epi16(fields, 8 - width), layout->top);
    reach->largest = _mm512_max_epu8(reach->largest, index);
    reach->least = _mm512_min_epu8(reach->least, _mm512_xor_si512(fields, layout->unused));
    _mm512_storeu_si512(symbols + group * SYMBOLS, fields);
  }
}

FOR_AVX512 void laminak_avx512_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign,
                                        void *words) {
  layout layout = layout_of(width, has_sign);
  for (size_t block = 0; block < blocks; ++block)
    pack_block(symbols + block * GROUPS * SYMBOLS, width, &layout, (uint8_t *)words + block * 64 * width);
}

FOR_AVX512 uint8_t laminak_avx512_unpack(const void *words, size_t blocks, unsigned width, int has_sign,
                                             uint8_t *symbols) {
  reach reach = {_mm512_setzero_si512(), _mm512_set1_epi8((char)0xFF)};
  layout layout = layout_of(width, has_sign);
  for (size_t block = 0; block < blocks; ++block)
    unpack_block((const uint8_t *)words + block * 64 * width, width, &layout, symbols + block * GROUPS * SYMBOLS,
                 &reach);
  if (_mm512_testn_epi8_mask(reach.least, reach.least)) return 0xFF;
  uint8_t bytes[64], largest = 0;
  _mm512_storeu_si512(bytes, reach.largest);
  for (int i = 0; i < 64; ++i) largest = bytes[i] > largest ? bytes[i] : largest;
  return largest;
}
#endif
