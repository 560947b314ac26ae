#include "portable.h"

enum { LANES = 16, ROWS = 32, BLOCK = 512 };

static inline __attribute__((always_inline)) void pack_block(const uint8_t *restrict symbols, unsigned width,
                                                             uint32_t *restrict words) {
  for (unsigned i = 0; i < LANES * width; ++i) words[i] = 0;
  for (unsigned row = 0; row < ROWS; ++row) {
    unsigned shift = row * width % 32;
    uint32_t *word = words + row * width / 32 * LANES;
    const uint8_t *source = symbols + row * LANES;
    for (unsigned lane = 0; lane < LANES; ++lane) word[lane] |= (uint32_t)source[lane] << shift;
    if (shift + width > 32)
      for (unsigned lane = 0; lane < LANES; ++lane) word[lane + LANES] |= (uint32_t)source[lane] >> (32 - shift);
  }
}

static inline __attribute__((always_inline)) void unpack_block(const uint32_t *restrict words, unsigned width,
                                                               uint8_t *restrict symbols) {
  uint32_t mask = (1u << width) - 1;
  for (unsigned row = 0; row < ROWS; ++row) {
    unsigned shift = row * width % 32;
    const uint32_t *word = words + row * width / 32 * LANES;
    uint8_t *target = symbols + row * LANES;
    if (shift + width > 32) {
      for (unsigned lane = 0; lane < LANES; ++lane)
        target[lane] = (uint8_t)((word[lane] >> shift | word[lane + LANES] << (32 - shift)) & mask);
    } else {
      for (unsigned lane = 0; lane < LANES; ++lane) target[lane] = (uint8_t)(word[lane] >> shift & mask);
    }
  }
}

// The shifts are constants once the width is: one copy of the loops per width.
#define FOR_WIDTH(call) \
  switch (width) {      \
    case 1: call(1); break; case 2: call(2); break; case 3: call(3); break; case 4: call(4); break; \
    case 5: call(5); break; case 6: call(6); break; case 7: call(7); break; default: call(8); break; \
  }

// Words are little endian wherever they lie.
static inline __attribute__((always_inline)) void store(const uint32_t *words, unsigned count, uint8_t *bytes) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  __builtin_memcpy(bytes, words, 4 * count);
#else
  for (unsigned i = 0; i < 4 * count; ++i) bytes[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
#endif
}

static inline __attribute__((always_inline)) void load(const uint8_t *bytes, unsigned count, uint32_t *words) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  __builtin_memcpy(words, bytes, 4 * count);
#else
  for (unsigned i = 0; i < count; ++i) words[i] = 0;
  for (unsigned i = 0; i < 4 * count; ++i) words[i / 4] |= (uint32_t)bytes[i] << 8 * (i % 4);
#endif
}

void laminak_portable_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, void *words) {
  uint8_t fields[BLOCK];
  uint32_t packed[LANES * 8];
  unsigned up = has_sign ? width - 1 : 7;
  uint8_t magnitude = has_sign ? 0x7F : 0xFF;
  uint8_t sign = has_sign ? 0x80 : 0;
  for (size_t block = 0; block < blocks; ++block) {
    const uint8_t *source = symbols + block * BLOCK;
    for (int i = 0; i < BLOCK; ++i)
      fields[i] = (uint8_t)((source[i] & magnitude) | (unsigned)(source[i] & sign) >> (7 - up));
#define PACK(w) pack_block(fields, w, packed)
    FOR_WIDTH(PACK)
    store(packed, LANES * width, (uint8_t *)words + block * 4 * LANES * width);
  }
}

uint8_t laminak_portable_unpack(const void *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols) {
  uint8_t fields[BLOCK];
  uint32_t packed[LANES * 8];
  unsigned up = has_sign ? width - 1 : 7;
  uint8_t magnitude = (uint8_t)(has_sign ? (1u << up) - 1 : 0xFF);
  uint8_t sign = (uint8_t)(has_sign ? 1u << up : 0);
  uint8_t unused = has_sign ? 0x80 : 0xFF;
  uint8_t largest = 0;
  for (size_t block = 0; block < blocks; ++block) {
    load((const uint8_t *)words + block * 4 * LANES * width, LANES * width, packed);
    uint8_t *restrict target = symbols + block * BLOCK;
#define UNPACK(w) unpack_block(packed, w, fields)
    FOR_WIDTH(UNPACK)
    uint8_t found = 0;
    for (int i = 0; i < BLOCK; ++i) {
      uint8_t index = fields[i] & magnitude;
      uint8_t symbol = (uint8_t)(index | (fields[i] & sign) << (7 - up));
      uint8_t is_unused = symbol == unused ? 0xFF : 0;
      index |= is_unused;
      found = index > found ? index : found;
      target[i] = symbol;
    }
    largest = found > largest ? found : largest;
  }
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
