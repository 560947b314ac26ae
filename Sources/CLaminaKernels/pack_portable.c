#include "portable.h"

enum { LANES = 16, ROWS = 32, BLOCK = 512 };

// Sixteen lanes in the vectors of the C compiler, which any target has.
typedef uint32_t words16 __attribute__((vector_size(64)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

// Words are little endian wherever they lie.
INLINE void swap_where_big_endian(words16 *word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  for (int i = 0; i < LANES; ++i) (*word)[i] = __builtin_bswap32((*word)[i]);
#else
  (void)word;
#endif
}

INLINE void store(const words16 *word, uint8_t *bytes) {
  words16 swapped = *word;
  swap_where_big_endian(&swapped);
  __builtin_memcpy(bytes, &swapped, sizeof swapped);
}

INLINE void load(const uint8_t *bytes, words16 *word) {
  __builtin_memcpy(word, bytes, sizeof *word);
  swap_where_big_endian(word);
}

INLINE bytes16 row_of(const uint8_t *symbols) {
  bytes16 row;
  __builtin_memcpy(&row, symbols, sizeof row);
  return row;
}

INLINE void pack_block(const uint8_t *symbols, unsigned width, bytes16 index, bytes16 sign, uint8_t *words) {
  words16 word = {0};
  for (unsigned row = 0; row < ROWS; ++row) {
    bytes16 symbol = row_of(symbols + row * LANES);
    bytes16 fields = (symbol & index) | ((bytes16)(symbol > 0x7F) & sign);
    words16 wide = __builtin_convertvector(fields, words16);
    unsigned place = row * width, shift = place % 32;
    word = shift == 0 ? wide : word | wide << shift;
    if (shift + width < 32) continue;
    store(&word, words + place / 32 * 64);
    if (shift + width > 32) word = wide >> (32 - shift);
  }
}

INLINE bytes16 larger(bytes16 a, bytes16 b) {
  bytes16 is_larger = (bytes16)(a > b);
  return (a & is_larger) | (b & ~is_larger);
}

// Returns the larger of `reach` and the indices, lane by lane.
INLINE bytes16 unpack_block(const uint8_t *words, unsigned width, bytes16 index, bytes16 sign, bytes16 top,
                            bytes16 unused, bytes16 reach, uint8_t *symbols) {
  for (unsigned row = 0; row < ROWS; ++row) {
    unsigned place = row * width, shift = place % 32;
    words16 wide, more;
    load(words + place / 32 * 64, &wide);
    wide >>= shift;
    if (shift + width > 32) {
      load(words + place / 32 * 64 + 64, &more);
      wide |= more << (32 - shift);
    }
    bytes16 fields = __builtin_convertvector(wide & ((1u << width) - 1), bytes16);
    bytes16 indices = fields & index;
    bytes16 symbol = indices | ((bytes16)((fields & sign) != 0) & top);
    reach = larger(reach, indices | (bytes16)(symbol == unused));
    __builtin_memcpy(symbols + row * LANES, &symbol, sizeof symbol);
  }
  return reach;
}

static bytes16 all(unsigned byte) { return (bytes16){0} + (uint8_t)byte; }

void laminak_portable_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, void *words) {
  bytes16 index = all(has_sign ? 0x7F : 0xFF), sign = all(has_sign ? 1u << (width - 1) : 0);
  for (size_t block = 0; block < blocks; ++block) {
    uint8_t *target = (uint8_t *)words + block * 4 * LANES * width;
    pack_block(symbols + block * BLOCK, width, index, sign, target);
  }
}

uint8_t laminak_portable_unpack(const void *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols) {
  bytes16 sign = all(has_sign ? 1u << (width - 1) : 0), top = all(has_sign ? 0x80 : 0);
  bytes16 index = all(has_sign ? (1u << (width - 1)) - 1 : 0xFF), unused = all(has_sign ? 0x80 : 0xFF);
  bytes16 reach = {0};
  for (size_t block = 0; block < blocks; ++block) {
    const uint8_t *source = (const uint8_t *)words + block * 4 * LANES * width;
    reach = unpack_block(source, width, index, sign, top, unused, reach, symbols + block * BLOCK);
  }
  uint8_t largest = 0;
  for (int i = 0; i < LANES; ++i) largest = reach[i] > largest ? reach[i] : largest;
  return largest;
}

void laminak_portable_round_pack(const float *values, size_t blocks, float scale, const laminak_levels *levels,
                                 laminak_stream stream, unsigned width, void *words) {
  uint8_t symbols[BLOCK];
  for (size_t block = 0; block < blocks; ++block) {
    laminak_portable_round(values + block * BLOCK, BLOCK, scale, levels, stream, symbols);
    laminak_portable_pack(symbols, 1, width, !levels->is_signed, (uint8_t *)words + block * 4 * LANES * width);
    // The words of the stream go on where those of this block end.
    stream.first_word += BLOCK / 2 * 0x9E3779B9u;
  }
}
