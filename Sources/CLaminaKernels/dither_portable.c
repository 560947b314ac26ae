#include "dither.h"
#include "portable.h"
#include "quads.h"
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

// Of four coordinates, what is added to their sums. 2^17 (q + 1/2 - draw) is an integer below 2^30, 2 m its last term.
INLINE floats4 undithered(const uint8_t *numbers, const uint8_t *lows, words4 twice_m, unsigned raw_bits, float step) {
  words4 q = laminak_four_bytes(numbers) << raw_bits;
  if (lows != 0) q |= laminak_four_bytes(lows);
  words4 centred = (q << 17) - ((16u << raw_bits << 17) - 0xFFFF) - twice_m;
  return step * (__builtin_convertvector((ints4)centred, floats4) * 0x1p-17f);
}

INLINE int has_escape(const uint8_t *numbers) {
  typedef uint8_t bytes16 __attribute__((ext_vector_type(16)));
  bytes16 rows[2];
  __builtin_memcpy(rows, numbers, sizeof rows);
  bytes16 are_zero = (bytes16)(rows[0] == 0) | (bytes16)(rows[1] == 0);
  uint64_t halves[2];
  __builtin_memcpy(halves, &are_zero, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

// `lows` is null where no low bits travel.
INLINE void undither_blocks(const uint8_t *numbers, const uint8_t *lows, size_t start, size_t end, unsigned raw_bits,
                            float step, laminak_stream stream, float *sums) {
  words4 counters = laminak_counters(stream, (uint32_t)(start / 2)), second_word = stream.second_word;
  for (size_t i = start; i < end; i += LANES) {
    float values[LANES];
    for (uint32_t lane = 0; lane < 16; lane += 4) {
      words4 x = laminak_hashes(counters, second_word);
      counters += 4 * LAMINAK_GAMMA;
      for (size_t row = 0; row < 2; ++row) {
        size_t place = i + 16 * row + lane;
        words4 twice_m = row == 0 ? x >> 15 & 0x1FFFE : x + x & 0x1FFFE;
        floats4 value =
            undithered(numbers + place, lows != 0 ? lows + place : 0, twice_m, raw_bits, step);
        __builtin_memcpy(values + 16 * row + lane, &value, sizeof value);
      }
    }
    if (__builtin_expect(has_escape(numbers + i), 0)) {
      for (size_t j = 0; j < LANES; ++j)
        if (numbers[i + j] != 0) sums[i + j] += values[j];
    } else {
      for (size_t j = 0; j < LANES; j += 4) {
        floats4 sum = laminak_four(sums + i + j) + laminak_four(values + j);
        __builtin_memcpy(sums + i + j, &sum, sizeof sum);
      }
    }
  }
}

void laminak_portable_undither_from(size_t start, const uint8_t *numbers, const uint8_t *lows, size_t count,
                                    unsigned raw_bits, float step, laminak_stream stream, float *sums) {
  size_t end = start + (count - start) / LANES * LANES, rest = count - end;
  if (raw_bits == 0) undither_blocks(numbers, 0, start, end, raw_bits, step, stream, sums);
  else undither_blocks(numbers, lows, start, end, raw_bits, step, stream, sums);
  if (rest == 0) return;
  // The last block, with escapes in the places that are missing.
  uint8_t some_numbers[LANES] = {0}, some_lows[LANES] = {0};
  float some_sums[LANES] = {0};
  __builtin_memcpy(some_numbers, numbers + end, rest);
  if (raw_bits > 0) __builtin_memcpy(some_lows, lows + end, rest);
  __builtin_memcpy(some_sums, sums + end, rest * sizeof *sums);
  stream.first_word += (uint32_t)(end / 2) * 0x9E3779B9u;
  undither_blocks(some_numbers, some_lows, 0, LANES, raw_bits, step, stream, some_sums);
  __builtin_memcpy(sums + end, some_sums, rest * sizeof *sums);
}

void laminak_portable_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                               laminak_stream stream, float *sums) {
  laminak_portable_undither_from(0, numbers, lows, count, raw_bits, step, stream, sums);
}
