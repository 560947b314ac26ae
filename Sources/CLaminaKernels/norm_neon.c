#if defined(__aarch64__)
#pragma STDC FP_CONTRACT OFF
#include <arm_neon.h>

#include "neon.h"

#define INLINE static inline __attribute__((always_inline))

uint32_t laminak_neon_largest(const float *values, size_t count) {
  uint32x4_t largest[2] = {vdupq_n_u32(0), vdupq_n_u32(0)};
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int j = 0; j < 2; ++j) {
      float32x4_t magnitudes = vabsq_f32(vld1q_f32(values + i + 4 * j));
      largest[j] = vmaxq_u32(largest[j], vreinterpretq_u32_f32(magnitudes));
    }
  uint32_t result = vmaxvq_u32(vmaxq_u32(largest[0], largest[1]));
  for (; i < count; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + i, sizeof bits);
    bits &= 0x7FFFFFFF;
    result = bits > result ? bits : result;
  }
  return result;
}

INLINE float64x2_t with(float64x2_t sum, float64x2_t value, int is_square) {
  return vaddq_f64(sum, is_square ? vmulq_f64(value, value) : vabsq_f64(value));
}

INLINE double sum(const float *values, size_t count, int is_square) {
  float64x2_t pairs[8] = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int j = 0; j < 4; ++j) {
      float32x4_t four = vld1q_f32(values + i + 4 * j);
      pairs[2 * j] = with(pairs[2 * j], vcvt_f64_f32(vget_low_f32(four)), is_square);
      pairs[2 * j + 1] = with(pairs[2 * j + 1], vcvt_high_f64_f32(four), is_square);
    }
  double lanes[16];
  for (int j = 0; j < 8; ++j) vst1q_f64(lanes + 2 * j, pairs[j]);
  for (size_t j = 0; i + j < count; ++j) {
    double value = values[i + j];
    lanes[j] += is_square ? value * value : __builtin_fabs(value);
  }
  for (int half = 8; half > 0; half /= 2)
    for (int j = 0; j < half; ++j) lanes[j] += lanes[j + half];
  return lanes[0];
}

double laminak_neon_sum_of_magnitudes(const float *values, size_t count) { return sum(values, count, 0); }

double laminak_neon_sum_of_squares(const float *values, size_t count) { return sum(values, count, 1); }
#endif
