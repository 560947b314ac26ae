#include "portable.h"
#pragma STDC FP_CONTRACT OFF

enum { LANES = 16 };

static double total(double *lanes) {
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

uint32_t laminak_portable_largest(const float *values, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
  }
  return largest;
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
