#ifndef LAMINA_ROUNDING_H
#define LAMINA_ROUNDING_H
#include "CLaminaKernels.h"

// What the rounding kernels of all tiers share. A block is 32 coordinates, which 16 words of the stream serve.
//
// Levels that are equally spaced are not searched. With T the place of a coordinate among the levels, counted in
// intervals, and a draw d, the symbol is the floor of T + 1 - d. The kernels form it in units of 2^-16 interval as
// floor((65536 T + 65535 - m) / 65536), m the upper 16 bits of the draw, 65536 T rounded to an integer. For s intervals
// the sum errs, in units,
//   from the lower bits of the draw by 0 to 1, always too small;
//   from the roundings of LevelRounding by (1.5 s + 3) / 256, where each level is within 2^-25 of its place,
//   from the roundings of 65536 T by 3 s / 256, and by 0.5 from that to an integer;
// for signed levels, which have twice the span, half the terms in s and once more 0.5 from the sum that moves -1 to 0.
// That is less than 2, 4, 8 for up to 16, 128, 256 levels: the margin. Where the sum is within the margin of a multiple
// of 65536, laminak_symbol decides.
enum { BLOCK = 32, CELL_COUNT = 128 };

static inline __attribute__((always_inline)) uint32_t laminak_hash(laminak_stream stream, uint32_t index) {
  uint32_t x = index * 0x9E3779B9u + stream.first_word;
  x ^= x >> 16;
  x = x * 0x21F0AAADu + stream.second_word;
  x ^= x >> 15;
  x *= 0xD35A2D97u;
  return x ^ (x >> 15);
}

/// The symbol of the coordinate at `index` of its bucket, in the plain order of operations.
uint8_t laminak_symbol(float value, size_t index, float scale, const laminak_levels *levels, laminak_stream stream);

#endif
