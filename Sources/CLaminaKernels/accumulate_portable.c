#include "portable.h"
#pragma STDC FP_CONTRACT OFF

void laminak_portable_accumulate(const uint8_t *symbols, size_t count, float norm, const float *values, float *sums) {
  for (size_t i = 0; i < count; ++i) {
    float value = norm * values[symbols[i]];
    sums[i] += value;
  }
}

void laminak_portable_add(const float *values, size_t count, float *sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += values[i];
}

void laminak_portable_scale(float *values, size_t count, float factor) {
  for (size_t i = 0; i < count; ++i) values[i] *= factor;
}
