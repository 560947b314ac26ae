#include "portable.h"
#include "quads.h"
#pragma STDC FP_CONTRACT OFF

enum { LANES = 16 };

static inline __attribute__((always_inline)) floats4 magnitudes(const float *values) {
  return (floats4)((words4)laminak_four(values) & 0x7FFFFFFF);
}

static double total(double *lanes) {
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

// The maximum as integers, in the order of which NaN is above infinity.
static uint32_t largest_pattern(const float *values, size_t count) {
  int32_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    int32_t bits;
    __builtin_memcpy(&bits, values + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
  }
  return (uint32_t)largest;
}

// Most vector units have a maximum of floating-point numbers, some none of integers.
uint32_t laminak_portable_largest(const float *values, size_t count) {
  enum { QUADS = 4 };
  floats4 largest[QUADS] = {0};
  ints4 are_nan = 0;
  size_t i = 0;
  for (; i + 4 * QUADS <= count; i += 4 * QUADS)
    for (int j = 0; j < QUADS; j += 2) {
      floats4 even = magnitudes(values + i + 4 * j), odd = magnitudes(values + i + 4 * j + 4);
      are_nan |= (even != even) | (odd != odd);
      largest[j] = even > largest[j] ? even : largest[j];
      largest[j + 1] = odd > largest[j + 1] ? odd : largest[j + 1];
    }
  int32_t flags = are_nan[0] | are_nan[1] | are_nan[2] | are_nan[3];
  uint32_t whole = largest_pattern((const float *)largest, 4 * QUADS);
  // Where the processor takes subnormal numbers for zeros, their order is not known.
  if (flags != 0 || whole < 0x00800000) return largest_pattern(values, count);
  uint32_t rest = largest_pattern(values + i, count - i);
  return rest > whole ? rest : whole;
}

double laminak_portable_sum_of_magnitudes(const float *values, size_t count) {
  double lanes[LANES] = {0};
  size_t start = 0;
  for (; start + LANES <= count; start += LANES)
    for (int i = 0; i < LANES; ++i) lanes[i] += (double)__builtin_fabsf(values[start + i]);
  for (size_t i = start; i < count; ++i) lanes[i - start] += (double)__builtin_fabsf(values[i]);
  return total(lanes);
}

double laminak_portable_sum_of_squares(const float *values, size_t count) {
  double lanes[LANES] = {0};
  size_t start = 0;
  for (; start + LANES <= count; start += LANES)
    for (int i = 0; i < LANES; ++i) lanes[i] += (double)values[start + i] * (double)values[start + i];
  for (size_t i = start; i < count; ++i) lanes[i - start] += (double)values[i] * (double)values[i];
  return total(lanes);
}
