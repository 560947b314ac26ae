#include "portable.h"
#pragma STDC FP_CONTRACT OFF

enum { LANES = 16 };

// Sixteen lanes in a vector of the C compiler, which any target has.
typedef int32_t ints16 __attribute__((vector_size(64)));

static double total(double *lanes) {
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

uint32_t laminak_portable_largest(const float *values, size_t count) {
  // Magnitudes are ordered alike as signed integers, which every vector unit compares.
  ints16 lanes = {0}, bits;
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    __builtin_memcpy(&bits, values + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    ints16 is_larger = bits > lanes;
    lanes = (bits & is_larger) | (lanes & ~is_larger);
  }
  bits = (ints16){0};
  __builtin_memcpy(&bits, values + i, (count - i) * sizeof *values);
  bits &= 0x7FFFFFFF;
  int32_t largest = 0;
  for (int j = 0; j < LANES; ++j) {
    largest = lanes[j] > largest ? lanes[j] : largest;
    largest = bits[j] > largest ? bits[j] : largest;
  }
  return (uint32_t)largest;
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
