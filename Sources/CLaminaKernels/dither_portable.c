#include "dither.h"
#pragma STDC FP_CONTRACT OFF

enum { LANES = 32 };

static uint32_t hash(laminak_stream stream, uint32_t index) {
  uint32_t x = index * 0x9E3779B9u + stream.first_word;
  x ^= x >> 16;
  x = x * 0x21F0AAADu + stream.second_word;
  x ^= x >> 15;
  x *= 0xD35A2D97u;
  return x ^ (x >> 15);
}

// (2m + 1) * 2^-17 for the 16 bits m of each coordinate; the conversion and the product are exact.
static void draw(laminak_stream stream, size_t block, float *restrict draws) {
  for (uint32_t lane = 0; lane < 16; ++lane) {
    uint32_t word = hash(stream, (uint32_t)block * 16 + lane);
    draws[lane] = (float)(int32_t)(word >> 16 << 1 | 1) * 0x1p-17f;
    draws[lane + 16] = (float)(int32_t)((word & 0xFFFF) << 1 | 1) * 0x1p-17f;
  }
}

#define INLINE static inline __attribute__((always_inline))

INLINE void dither_block(const float *restrict values, const float *restrict draws, int lanes, float reciprocal,
                         unsigned raw_bits, int32_t *restrict numbers, int32_t *restrict lows,
                         laminak_dithered *dithered) {
  uint32_t largest = dithered->largest, escapes = 0;
  for (int i = 0; i < lanes; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
    float scaled = values[i] * reciprocal;
    float shifted = scaled + draws[i];
    // What fits no int32 becomes the smallest one, as on x86.
    float bounded = shifted >= -0x1p31f && shifted < 0x1p31f ? shifted : -0x1p31f;
    int32_t q = (int32_t)bounded;
    q -= (float)q > bounded;
    uint32_t number = (uint32_t)(q >> raw_bits) + 16;
    number = number < 32 ? number : 0;
    escapes += number == 0;
    numbers[i] = (int32_t)number;
    lows[i] = q & ((1 << raw_bits) - 1);
  }
  dithered->largest = largest;
  dithered->escapes += escapes;
}

laminak_dithered laminak_portable_dither_from(size_t start, const float *values, size_t count, float reciprocal,
                                              laminak_stream stream, unsigned raw_bits, uint8_t *numbers, uint8_t *lows,
                                              laminak_dithered before) {
  float draws[LANES];
  int32_t wide_numbers[LANES], wide_lows[LANES];
  laminak_dithered dithered = before;
  for (; start < count; start += LANES) {
    int lanes = count - start < LANES ? (int)(count - start) : LANES;
    draw(stream, start / LANES, draws);
    if (lanes == LANES)
      dither_block(values + start, draws, LANES, reciprocal, raw_bits, wide_numbers, wide_lows, &dithered);
    else
      dither_block(values + start, draws, lanes, reciprocal, raw_bits, wide_numbers, wide_lows, &dithered);
    for (int i = 0; i < lanes; ++i) numbers[start + i] = (uint8_t)wide_numbers[i];
    if (raw_bits > 0)
      for (int i = 0; i < lanes; ++i) lows[start + i] = (uint8_t)wide_lows[i];
  }
  return dithered;
}

laminak_dithered laminak_portable_dither(const float *values, size_t count, float reciprocal, laminak_stream stream,
                                         unsigned raw_bits, uint8_t *numbers, uint8_t *lows) {
  laminak_dithered none = {0, 0};
  return laminak_portable_dither_from(0, values, count, reciprocal, stream, raw_bits, numbers, lows, none);
}

INLINE void undither_block(const uint8_t *restrict numbers, const uint8_t *restrict lows, const float *restrict draws,
                           int lanes, unsigned raw_bits, float step, float *restrict sums) {
  for (int i = 0; i < lanes; ++i) {
    uint32_t high = (uint32_t)(numbers[i] - 16);
    int32_t q = (int32_t)(high << raw_bits | lows[i]);
    float middle = (float)q + 0.5f;
    float centred = middle - draws[i];
    float value = step * centred;
    float sum = sums[i] + value;
    sums[i] = numbers[i] != 0 ? sum : sums[i];
  }
}

void laminak_portable_undither_from(size_t start, const uint8_t *numbers, const uint8_t *lows, size_t count,
                                    unsigned raw_bits, float step, laminak_stream stream, float *sums) {
  static const uint8_t zeros[LANES];
  float draws[LANES];
  for (; start < count; start += LANES) {
    size_t lanes = count - start < LANES ? count - start : LANES;
    const uint8_t *low = raw_bits > 0 ? lows + start : zeros;
    draw(stream, start / LANES, draws);
    if (lanes == LANES) undither_block(numbers + start, low, draws, LANES, raw_bits, step, sums + start);
    else undither_block(numbers + start, low, draws, (int)lanes, raw_bits, step, sums + start);
  }
}

void laminak_portable_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                               laminak_stream stream, float *sums) {
  laminak_portable_undither_from(0, numbers, lows, count, raw_bits, step, stream, sums);
}
