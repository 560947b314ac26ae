#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2.h"

#define INLINE static inline __attribute__((always_inline, target("avx2")))

// Four rows of 16 symbols become one field of 4 * width bits in each lane of the layout: neighbouring rows are
// interleaved and merged by two multiply-adds.
enum { ROWS = 4, GROUPS = 8, SYMBOLS = 64 };

// Bytes 0 of all lanes of a half, then bytes 1, 2 and 3, and back.
INLINE __m256i transposed(__m256i bytes) {
  return _mm256_shuffle_epi8(bytes, _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,  //
                                                     0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}

// Where a symbol has its index and where a field has the sign; without a sign the index is the whole byte.
typedef struct layout {
  __m256i index, sign, top, unused;
} layout;

INLINE layout layout_of(unsigned width, int has_sign) {
  __m256i index = _mm256_set1_epi8((char)(has_sign ? (1u << (width - 1)) - 1 : 0xFF));
  __m256i sign = _mm256_set1_epi8((char)(has_sign ? 1u << (width - 1) : 0));
  __m256i top = _mm256_set1_epi8((char)(has_sign ? 0x80 : 0));
  return (layout){index, sign, top, _mm256_set1_epi8((char)(has_sign ? 0x80 : 0xFF))};
}

// The fields of two rows of symbols.
INLINE __m256i fields_of(const uint8_t *symbols, unsigned width, const layout *layout) {
  __m256i rows = _mm256_loadu_si256((const __m256i *)symbols);
  __m256i signs = _mm256_and_si256(_mm256_srli_epi16(rows, 8 - width), layout->sign);
  return _mm256_or_si256(_mm256_and_si256(rows, layout->index), signs);
}

// Four bytes in each 32-bit lane become a field of 4 * width bits.
INLINE __m256i merged(__m256i fields, unsigned width) {
  if (width == 8) return fields;
  // The first factor is read as unsigned, the fields, which are below 128, as signed.
  __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi16((short)(1u << width << 8 | 1)), fields);
  return _mm256_madd_epi16(pairs, _mm256_set1_epi32((int)(1u << 2 * width << 16 | 1)));
}

// Lanes 0 to 7 and 8 to 15 of the layout.
typedef struct lanes {
  __m256i first, second;
} lanes;

INLINE void store(lanes word, uint8_t *target) {
  _mm256_storeu_si256((__m256i *)target, word.first);
  _mm256_storeu_si256((__m256i *)(target + 32), word.second);
}

INLINE lanes load(const uint8_t *source) {
  return (lanes){_mm256_loadu_si256((const __m256i *)source), _mm256_loadu_si256((const __m256i *)(source + 32))};
}

INLINE void pack_block(const uint8_t *symbols, unsigned width, const layout *layout, uint8_t *words) {
  lanes word = {_mm256_setzero_si256(), _mm256_setzero_si256()};
#pragma clang loop unroll(disable)
  for (unsigned group = 0; group < GROUPS; ++group) {
    // Both rows of lanes 0 to 3, of lanes 8 to 11, 4 to 7 and 12 to 15.
    __m256i order = _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7);
    __m256i low = fields_of(symbols + group * SYMBOLS, width, layout);
    __m256i high = fields_of(symbols + group * SYMBOLS + 32, width, layout);
    low = _mm256_permutevar8x32_epi32(low, order);
    high = _mm256_permutevar8x32_epi32(high, order);
    __m256i first = merged(transposed(_mm256_unpacklo_epi64(low, high)), width);
    __m256i second = merged(transposed(_mm256_unpackhi_epi64(low, high)), width);
    unsigned place = group * ROWS * width, shift = place % 32;
    word.first = shift == 0 ? first : _mm256_or_si256(word.first, _mm256_slli_epi32(first, shift));
    word.second = shift == 0 ? second : _mm256_or_si256(word.second, _mm256_slli_epi32(second, shift));
    if (shift + ROWS * width < 32) continue;
    store(word, words + place / 32 * 64);
    if (shift + ROWS * width > 32)
      word = (lanes){_mm256_srli_epi32(first, 32 - shift), _mm256_srli_epi32(second, 32 - shift)};
  }
}

typedef struct reach {
  __m256i largest, least;  // of the indices; of the differences from the byte that no symbol is
} reach;

// A field of 4 * width bits in each 32-bit lane becomes four bytes.
INLINE __m256i split(__m256i fields, unsigned width) {
  if (width == 8) return fields;
  uint32_t pair = (1u << 2 * width) - 1, one = (1u << width) - 1;
  __m256i low = _mm256_and_si256(fields, _mm256_set1_epi32((int)pair));
  __m256i high = _mm256_slli_epi32(fields, 16 - 2 * width);
  fields = _mm256_or_si256(low, _mm256_and_si256(high, _mm256_set1_epi32((int)(pair << 16))));
  low = _mm256_and_si256(fields, _mm256_set1_epi16((short)one));
  high = _mm256_slli_epi16(fields, 8 - width);
  return _mm256_or_si256(low, _mm256_and_si256(high, _mm256_set1_epi16((short)(one << 8))));
}

INLINE void finish(__m256i fields, unsigned width, const layout *layout, uint8_t *symbols, reach *reach) {
  __m256i index = _mm256_and_si256(fields, layout->index);
  fields = _mm256_or_si256(index, _mm256_and_si256(_mm256_slli_epi16(fields, 8 - width), layout->top));
  reach->largest = _mm256_max_epu8(reach->largest, index);
  reach->least = _mm256_min_epu8(reach->least, _mm256_xor_si256(fields, layout->unused));
  _mm256_storeu_si256((__m256i *)symbols, fields);
}

INLINE void unpack_block(const uint8_t *words, unsigned width, const layout *layout, uint8_t *symbols,
                         reach *reach) {
#pragma clang loop unroll(disable)
  for (unsigned group = 0; group < GROUPS; ++group) {
    unsigned place = group * ROWS * width, shift = place % 32;
    lanes fields = load(words + place / 32 * 64);
    fields.first = _mm256_srli_epi32(fields.first, shift);
    fields.second = _mm256_srli_epi32(fields.second, shift);
    if (shift + ROWS * width > 32) {
      lanes more = load(words + place / 32 * 64 + 64);
      fields.first = _mm256_or_si256(fields.first, _mm256_slli_epi32(more.first, 32 - shift));
      fields.second = _mm256_or_si256(fields.second, _mm256_slli_epi32(more.second, 32 - shift));
    }
    __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i first = transposed(split(fields.first, width)), second = transposed(split(fields.second, width));
    __m256i low = _mm256_unpacklo_epi32(first, second), high = _mm256_unpackhi_epi32(first, second);
    low = _mm256_permutevar8x32_epi32(low, order);
    high = _mm256_permutevar8x32_epi32(high, order);
    finish(low, width, layout, symbols + group * SYMBOLS, reach);
    finish(high, width, layout, symbols + group * SYMBOLS + 32, reach);
  }
}

FOR_AVX2 void laminak_avx2_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign,
                                void *words) {
  layout layout = layout_of(width, has_sign);
  for (size_t block = 0; block < blocks; ++block)
    pack_block(symbols + block * GROUPS * SYMBOLS, width, &layout, (uint8_t *)words + block * 64 * width);
}

FOR_AVX2 uint8_t laminak_avx2_unpack(const void *words, size_t blocks, unsigned width, int has_sign,
                                     uint8_t *symbols) {
  layout layout = layout_of(width, has_sign);
  reach reach = {_mm256_setzero_si256(), _mm256_set1_epi8((char)0xFF)};
  for (size_t block = 0; block < blocks; ++block)
    unpack_block((const uint8_t *)words + block * 64 * width, width, &layout, symbols + block * GROUPS * SYMBOLS,
                 &reach);
  if (_mm256_movemask_epi8(_mm256_cmpeq_epi8(reach.least, _mm256_setzero_si256()))) return 0xFF;
  uint8_t bytes[32], largest = 0;
  _mm256_storeu_si256((__m256i *)bytes, reach.largest);
  for (int i = 0; i < 32; ++i) largest = bytes[i] > largest ? bytes[i] : largest;
  return largest;
}
#endif
