#if defined(__aarch64__)
#include <arm_neon.h>

#include "neon.h"

#define INLINE static inline __attribute__((always_inline))

// Four rows of 16 symbols become one field of 4 * width bits in each lane of the layout.
enum { ROWS = 4, GROUPS = 8, SYMBOLS = 64, LANES = 16 };

// Where a symbol has its index and where a field has the sign; without a sign the index is the whole byte.
typedef struct layout {
  uint8x16_t index, sign, top, unused;
  int8x16_t up, down;
  int16x8_t pair;
  int32x4_t four;
} layout;

INLINE layout layout_of(unsigned width, int has_sign) {
  layout layout;
  layout.index = vdupq_n_u8((uint8_t)(has_sign ? (1u << (width - 1)) - 1 : 0xFF));
  layout.sign = vdupq_n_u8((uint8_t)(has_sign ? 1u << (width - 1) : 0));
  layout.top = vdupq_n_u8(has_sign ? 0x80 : 0);
  layout.unused = vdupq_n_u8(has_sign ? 0x80 : 0xFF);
  layout.up = vdupq_n_s8((int8_t)(8 - width));
  layout.down = vdupq_n_s8((int8_t)(width - 8));
  layout.pair = vdupq_n_s16((int16_t)width);
  layout.four = vdupq_n_s32((int32_t)(2 * width));
  return layout;
}

INLINE uint8x16_t row_of(const uint8_t *symbols, const layout *layout) {
  uint8x16_t row = vld1q_u8(symbols);
  return vorrq_u8(vandq_u8(row, layout->index), vandq_u8(vshlq_u8(row, layout->down), layout->sign));
}

INLINE uint16x8_t merged_pairs(uint8x16_t pairs, const layout *layout) {
  uint16x8_t x = vreinterpretq_u16_u8(pairs);
  return vorrq_u16(vandq_u16(x, vdupq_n_u16(0xFF)), vshlq_u16(vshrq_n_u16(x, 8), layout->pair));
}

INLINE uint32x4_t merged_fours(uint16x8_t fours, const layout *layout) {
  uint32x4_t x = vreinterpretq_u32_u16(fours);
  return vorrq_u32(vandq_u32(x, vdupq_n_u32(0xFFFF)), vshlq_u32(vshrq_n_u32(x, 16), layout->four));
}

void laminak_neon_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, void *words) {
  layout layout = layout_of(width, has_sign);
  uint8_t *target = words;
  uint32x4_t word[4] = {0};
  unsigned filled = 0;
  for (size_t group = 0; group < blocks * GROUPS; ++group, symbols += SYMBOLS) {
    uint8x16_t rows[ROWS];
    for (int i = 0; i < ROWS; ++i) rows[i] = row_of(symbols + LANES * i, &layout);
    uint16x8_t pairs[] = {merged_pairs(vzip1q_u8(rows[0], rows[1]), &layout),
                          merged_pairs(vzip2q_u8(rows[0], rows[1]), &layout),
                          merged_pairs(vzip1q_u8(rows[2], rows[3]), &layout),
                          merged_pairs(vzip2q_u8(rows[2], rows[3]), &layout)};
    uint32x4_t fields[] = {merged_fours(vzip1q_u16(pairs[0], pairs[2]), &layout),
                           merged_fours(vzip2q_u16(pairs[0], pairs[2]), &layout),
                           merged_fours(vzip1q_u16(pairs[1], pairs[3]), &layout),
                           merged_fours(vzip2q_u16(pairs[1], pairs[3]), &layout)};
    for (int i = 0; i < 4; ++i)
      word[i] = vorrq_u32(word[i], vshlq_u32(fields[i], vdupq_n_s32((int32_t)filled)));
    filled += ROWS * width;
    if (filled < 32) continue;
    filled -= 32;
    int32x4_t used = vdupq_n_s32((int32_t)filled - (int32_t)(ROWS * width));
    for (int i = 0; i < 4; ++i) {
      vst1q_u8(target + 16 * i, vreinterpretq_u8_u32(word[i]));
      word[i] = vshlq_u32(fields[i], used);
    }
    target += 64;
  }
}

// Four bytes from a field of 4 * width bits.
INLINE uint8x16_t split(uint32x4_t field, unsigned width, const layout *layout) {
  uint32x4_t pair = vdupq_n_u32((1u << 2 * width) - 1);
  uint16x8_t one = vdupq_n_u16((uint16_t)((1u << width) - 1));
  uint32x4_t high = vandq_u32(vshlq_u32(field, vnegq_s32(layout->four)), pair);
  uint16x8_t pairs = vreinterpretq_u16_u32(vorrq_u32(vandq_u32(field, pair), vshlq_n_u32(high, 16)));
  uint16x8_t odd = vandq_u16(vshlq_u16(pairs, vnegq_s16(layout->pair)), one);
  return vreinterpretq_u8_u16(vorrq_u16(vandq_u16(pairs, one), vshlq_n_u16(odd, 8)));
}

uint8_t laminak_neon_unpack(const void *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols) {
  layout layout = layout_of(width, has_sign);
  const uint8_t *source = words;
  uint8x16_t largest = vdupq_n_u8(0), least = vdupq_n_u8(0xFF);
  unsigned used = 0;
  for (size_t group = 0; group < blocks * GROUPS; ++group, symbols += SYMBOLS) {
    uint8x16_t bytes[4];
    int has_more = used + ROWS * width > 32;
    for (int i = 0; i < 4; ++i) {
      uint32x4_t word = vreinterpretq_u32_u8(vld1q_u8(source + 16 * i));
      uint32x4_t field = vshlq_u32(word, vdupq_n_s32(-(int32_t)used));
      if (has_more) {
        uint32x4_t more = vreinterpretq_u32_u8(vld1q_u8(source + 64 + 16 * i));
        field = vorrq_u32(field, vshlq_u32(more, vdupq_n_s32(32 - (int32_t)used)));
      }
      bytes[i] = split(field, width, &layout);
    }
    used += ROWS * width;
    if (used >= 32) {
      used -= 32;
      source += 64;
    }
    uint16x8_t x[4];
    for (int i = 0; i < 4; ++i) x[i] = vreinterpretq_u16_u8(bytes[i]);
    uint8x16_t first[] = {vreinterpretq_u8_u16(vuzp1q_u16(x[0], x[1])), vreinterpretq_u8_u16(vuzp1q_u16(x[2], x[3]))};
    uint8x16_t last[] = {vreinterpretq_u8_u16(vuzp2q_u16(x[0], x[1])), vreinterpretq_u8_u16(vuzp2q_u16(x[2], x[3]))};
    uint8x16_t rows[] = {vuzp1q_u8(first[0], first[1]), vuzp2q_u8(first[0], first[1]), vuzp1q_u8(last[0], last[1]),
                         vuzp2q_u8(last[0], last[1])};
    for (int i = 0; i < ROWS; ++i) {
      uint8x16_t index = vandq_u8(rows[i], layout.index);
      uint8x16_t symbol = vorrq_u8(index, vandq_u8(vshlq_u8(rows[i], layout.up), layout.top));
      largest = vmaxq_u8(largest, index);
      least = vminq_u8(least, veorq_u8(symbol, layout.unused));
      vst1q_u8(symbols + LANES * i, symbol);
    }
  }
  return vminvq_u8(least) == 0 ? 0xFF : vmaxvq_u8(largest);
}
#endif
