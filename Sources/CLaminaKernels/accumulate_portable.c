#include "portable.h"
#pragma STDC FP_CONTRACT OFF

void laminak_portable_accumulate(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                                 float *sums) {
  for (size_t i = 0; i < count; ++i) {
    float value = norm * levels->values[symbols[i]];
    sums[i] += value;
  }
}

void laminak_portable_decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                             float *sums) {
  for (size_t i = 0; i < count; ++i) {
    float value = norm * levels->values[symbols[i]];
    sums[i] = 0 + value;
  }
}

void laminak_portable_add(const float *values, size_t count, float *sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += values[i];
}

void laminak_portable_scale(float *values, size_t count, float factor) {
  for (size_t i = 0; i < count; ++i) values[i] *= factor;
}
