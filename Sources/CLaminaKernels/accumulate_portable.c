#include "fetch.h"
#include "portable.h"
#include "quads.h"
#pragma STDC FP_CONTRACT OFF

static inline __attribute__((always_inline)) void run(const uint8_t *symbols, size_t count, float norm,
                                                      const float *levels, int adds, float *sums) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    laminak_fetch_ahead(sums + i, 8);
    for (int half = 0; half < 8; half += 4) {
      const uint8_t *s = symbols + i + half;
      floats4 value = norm * (floats4){levels[s[0]], levels[s[1]], levels[s[2]], levels[s[3]]};
      floats4 sum = (adds ? laminak_four(sums + i + half) : 0) + value;
      __builtin_memcpy(sums + i + half, &sum, sizeof sum);
    }
  }
  for (; i < count; ++i) {
    float value = norm * levels[symbols[i]];
    sums[i] = (adds ? sums[i] : 0) + value;
  }
}

void laminak_portable_accumulate(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                                 float *sums) {
  run(symbols, count, norm, levels->values, 1, sums);
}

void laminak_portable_decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                             float *sums) {
  run(symbols, count, norm, levels->values, 0, sums);
}

void laminak_portable_add(const float *values, size_t count, float *sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += values[i];
}

void laminak_portable_scale(float *values, size_t count, float factor) {
  for (size_t i = 0; i < count; ++i) values[i] *= factor;
}
