#if defined(__aarch64__)
#include <arm_neon.h>

#include "dither.h"
#include "neon.h"
#pragma STDC FP_CONTRACT OFF

enum { BLOCK = 32 };
static const uint32_t counter_step = 0x9E3779B9;

typedef struct source {
  uint32x4_t counters[4];
  uint32x4_t second_word;
} source;

static inline source open_source(laminak_stream stream) {
  const uint32_t lanes[4] = {0, 1, 2, 3};
  source state;
  for (uint32_t i = 0; i < 4; ++i)
    state.counters[i] = vmlaq_n_u32(vdupq_n_u32(stream.first_word), vaddq_u32(vld1q_u32(lanes), vdupq_n_u32(4 * i)),
                                    counter_step);
  state.second_word = vdupq_n_u32(stream.second_word);
  return state;
}

static inline uint32x4_t mixed(uint32x4_t x, uint32x4_t second_word) {
  x = veorq_u32(x, vshrq_n_u32(x, 16));
  x = vmlaq_n_u32(second_word, x, 0x21F0AAAD);
  x = veorq_u32(x, vshrq_n_u32(x, 15));
  x = vmulq_n_u32(x, 0xD35A2D97);
  return veorq_u32(x, vshrq_n_u32(x, 15));
}

// (2m + 1) * 2^-17, exactly.
static inline float32x4_t draw(uint32x4_t bits) {
  return vcvtq_n_f32_u32(vorrq_u32(vaddq_u32(bits, bits), vdupq_n_u32(1)), 17);
}

/// The draws of the next 32 coordinates.
static inline void next_draws(source *state, float32x4_t draws[8]) {
  for (int i = 0; i < 4; ++i) {
    uint32x4_t words = mixed(state->counters[i], state->second_word);
    draws[i] = draw(vshrq_n_u32(words, 16));
    draws[i + 4] = draw(vandq_u32(words, vdupq_n_u32(0xFFFF)));
    state->counters[i] = vaddq_u32(state->counters[i], vdupq_n_u32(16 * counter_step));
  }
}

// What fits no int32 becomes the smallest one, as on x86; the conversion alone would saturate.
static inline int32x4_t floored(float32x4_t x) {
  return vbslq_s32(vcltq_f32(x, vdupq_n_f32(0x1p31f)), vcvtmq_s32_f32(x), vdupq_n_s32(INT32_MIN));
}

// Four vectors of 4 numbers as bytes, numbers below 0 as 0 and those above 255 as 255.
static inline uint8x16_t packed(const int32x4_t numbers[4]) {
  int16x8_t first = vcombine_s16(vqmovn_s32(numbers[0]), vqmovn_s32(numbers[1]));
  int16x8_t second = vcombine_s16(vqmovn_s32(numbers[2]), vqmovn_s32(numbers[3]));
  return vcombine_u8(vqmovun_s16(first), vqmovun_s16(second));
}

laminak_dithered laminak_neon_dither(const float *values, size_t count, float reciprocal, laminak_stream stream,
                                     unsigned raw_bits, uint8_t *numbers, uint8_t *lows) {
  source state = open_source(stream);
  uint32x4_t largest = vdupq_n_u32(0);
  int32x4_t low_mask = vdupq_n_s32((1 << raw_bits) - 1), shift = vdupq_n_s32(-(int)raw_bits);
  size_t escapes = 0, start = 0;
  for (; start + BLOCK <= count; start += BLOCK) {
    float32x4_t draws[8];
    next_draws(&state, draws);
    for (int half = 0; half < 2; ++half) {
      int32x4_t high[4], low[4];
      for (int part = 0; part < 4; ++part) {
        float32x4_t value = vld1q_f32(values + start + 16 * half + 4 * part);
        largest = vmaxq_u32(largest, vreinterpretq_u32_f32(vabsq_f32(value)));
        int32x4_t q = floored(vaddq_f32(vmulq_n_f32(value, reciprocal), draws[4 * half + part]));
        low[part] = vandq_s32(q, low_mask);
        high[part] = vaddq_s32(vshlq_s32(q, shift), vdupq_n_s32(16));
      }
      uint8x16_t bytes = packed(high);
      bytes = vandq_u8(bytes, vcltq_u8(bytes, vdupq_n_u8(32)));
      escapes += vaddvq_u8(vshrq_n_u8(vceqzq_u8(bytes), 7));
      vst1q_u8(numbers + start + 16 * half, bytes);
      if (raw_bits > 0) vst1q_u8(lows + start + 16 * half, packed(low));
    }
  }
  laminak_dithered dithered = {vmaxvq_u32(largest), escapes};
  return laminak_portable_dither_from(start, values, count, reciprocal, stream, raw_bits, numbers, lows, dithered);
}

// Four vectors of 4 from 16 bytes.
static inline void widen(uint8x16_t bytes, uint32x4_t wide[4]) {
  uint16x8_t first = vmovl_u8(vget_low_u8(bytes)), second = vmovl_u8(vget_high_u8(bytes));
  wide[0] = vmovl_u16(vget_low_u16(first));
  wide[1] = vmovl_u16(vget_high_u16(first));
  wide[2] = vmovl_u16(vget_low_u16(second));
  wide[3] = vmovl_u16(vget_high_u16(second));
}

void laminak_neon_undither(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                           laminak_stream stream, float *sums) {
  source state = open_source(stream);
  float32x4_t offset = vdupq_n_f32(0.5f - (float)(16 << raw_bits));
  int32x4_t shift = vdupq_n_s32((int)raw_bits);
  size_t start = 0;
  for (; start + BLOCK <= count; start += BLOCK) {
    float32x4_t draws[8];
    next_draws(&state, draws);
    for (int half = 0; half < 2; ++half) {
      size_t place = start + 16 * (size_t)half;
      uint32x4_t high[4], low[4];
      widen(vld1q_u8(numbers + place), high);
      widen(raw_bits > 0 ? vld1q_u8(lows + place) : vdupq_n_u8(0), low);
      for (int part = 0; part < 4; ++part) {
        uint32x4_t q = vorrq_u32(vshlq_u32(high[part], shift), low[part]);
        // Exact, as the numbers are small: q - 16 * 2^r + 1/2 in one sum.
        float32x4_t middle = vaddq_f32(vcvtq_f32_u32(q), offset);
        float32x4_t value = vmulq_n_f32(vsubq_f32(middle, draws[4 * half + part]), step);
        float32x4_t sum = vld1q_f32(sums + place + 4 * part);
        vst1q_f32(sums + place + 4 * part, vbslq_f32(vtstq_u32(high[part], high[part]), vaddq_f32(sum, value), sum));
      }
    }
  }
  laminak_portable_undither_from(start, numbers, lows, count, raw_bits, step, stream, sums);
}
#endif
