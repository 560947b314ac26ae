#if defined(__aarch64__)
#pragma STDC FP_CONTRACT OFF
#include <arm_neon.h>

#include "fetch.h"
#include "neon.h"
#include "portable.h"
#include "rounding.h"

#define INLINE static inline __attribute__((always_inline))

// How levels are found: by their equal distances, or by a search among 16 or 32 in registers.
enum { UNIFORM = 0, FEW = 16, SOME = 32 };

typedef struct rounder {
  float32x4_t scale, origin, bottom, top;  // of coordinates to intervals, or to units
  uint32x4_t second, low_byte, margin;
  uint8x16x4_t levels[2], gaps[2];
} rounder;

INLINE uint8x16x4_t table_of(const float *values) {
  uint8x16x4_t table;
  for (int i = 0; i < 4; ++i) table.val[i] = vreinterpretq_u8_f32(vld1q_f32(values + 4 * i));
  return table;
}

INLINE rounder rounder_of(float scale, const laminak_levels *levels, laminak_stream stream, int size) {
  float top = (float)(levels->count - 1) * 65536, margin = (float)levels->margin;
  rounder r;
  r.second = vdupq_n_u32(stream.second_word);
  r.scale = vdupq_n_f32(size == UNIFORM ? scale * levels->uniform_factor * 65536 : scale);
  r.origin = vdupq_n_f32(levels->uniform_origin * 65536 + margin);
  r.bottom = vdupq_n_f32(levels->is_signed ? margin : 0x1p23f + margin);
  r.top = vdupq_n_f32(levels->is_signed ? top + margin : top);
  r.margin = vdupq_n_u32(0x10000 - 2 * levels->margin);
  r.low_byte = vdupq_n_u32(0x3F800000u | stream.low_byte >> 1);
  for (int i = 0; i < 2; ++i) {
    r.levels[i] = table_of(levels->levels + 16 * i);
    r.gaps[i] = table_of(levels->gaps + 16 * i);
  }
  return r;
}

INLINE uint32x4_t hash(uint32x4_t x, const rounder *r) {
  x = veorq_u32(x, vshrq_n_u32(x, 16));
  x = vaddq_u32(vmulq_u32(x, vdupq_n_u32(0x21F0AAADu)), r->second);
  x = veorq_u32(x, vshrq_n_u32(x, 15));
  x = vmulq_u32(x, vdupq_n_u32(0xD35A2D97u));
  return veorq_u32(x, vshrq_n_u32(x, 15));
}

// The value where it is below the limit, else the limit, as for NaN.
INLINE float32x4_t limited(float32x4_t value, float32x4_t limit) {
  return vbslq_f32(vcltq_f32(value, limit), value, limit);
}

INLINE uint32x4_t place_of(float32x4_t value, const rounder *r, int is_signed) {
  if (is_signed) {
    float32x4_t place = limited(vaddq_f32(vmulq_f32(value, r->scale), r->origin), r->top);
    return vcvtnq_u32_f32(vmaxq_f32(place, r->bottom));
  }
  // Adding 2^23 leaves the nearest integer in the low bits.
  float32x4_t place = limited(vmulq_f32(vabsq_f32(value), r->scale), r->top);
  return vreinterpretq_u32_f32(vaddq_f32(place, r->bottom));
}

// Entry `index` of a table of 16 or 32 numbers of four bytes.
INLINE float32x4_t entry(uint32x4_t index, const uint8x16x4_t *table, int size) {
  uint32x4_t places = vmlaq_u32(vdupq_n_u32(0x03020100), index, vdupq_n_u32(0x04040404));
  uint8x16_t bytes = vreinterpretq_u8_u32(places);
  uint8x16_t found = vqtbl4q_u8(table[0], bytes);
  if (size == SOME) found = vqtbx4q_u8(found, table[1], vsubq_u8(bytes, vdupq_n_u8(64)));
  return vreinterpretq_f32_u8(found);
}

// 1 + (n - 1) / 2^24 as bits, less 1 - 2^-24, is the draw n / 2^24; `bits` has m in its bits 7 to 22.
INLINE float32x4_t draw_of(uint32x4_t bits, const rounder *r) {
  bits = vorrq_u32(vandq_u32(bits, vdupq_n_u32(0x7FFF80)), r->low_byte);
  return vsubq_f32(vreinterpretq_f32_u32(bits), vdupq_n_f32(0x1.fffffep-1f));
}

INLINE uint32x4_t searched(float32x4_t value, float32x4_t draw, const rounder *r, int is_signed, int size) {
  float32x4_t unit = vmulq_f32(is_signed ? value : vabsq_f32(value), r->scale);
  unit = limited(unit, vdupq_n_f32(1));
  if (is_signed) unit = vmaxq_f32(unit, vdupq_n_f32(-1));
  uint32x4_t interval = vdupq_n_u32(0);
  for (unsigned step = (unsigned)size / 2; step > 0; step /= 2) {
    uint32x4_t next = vaddq_u32(interval, vdupq_n_u32(step));
    interval = vbslq_u32(vcgeq_f32(unit, entry(next, r->levels, size)), next, interval);
  }
  float32x4_t above = vsubq_f32(unit, entry(interval, r->levels, size));
  float32x4_t threshold = vmulq_f32(draw, entry(interval, r->gaps, size));
  return vsubq_u32(interval, vcltq_f32(threshold, above));
}

// The symbols of four coordinates and of those 16 behind them; for uniform levels in the upper halves.
typedef struct pair {
  uint32x4_t low, high;
} pair;

INLINE pair quarter(const float *values, uint32x4_t counter, const rounder *r, int is_signed, int size) {
  uint32x4_t x = hash(counter, r);
  float32x4_t low = vld1q_f32(values), high = vld1q_f32(values + 16);
  if (size == UNIFORM) {
    x = vmvnq_u32(x);
    return (pair){vaddq_u32(place_of(low, r, is_signed), vshrq_n_u32(x, 16)),
                  vaddq_u32(place_of(high, r, is_signed), vandq_u32(x, vdupq_n_u32(0xFFFF)))};
  }
  float32x4_t low_draw = draw_of(vshrq_n_u32(x, 9), r), high_draw = draw_of(vshlq_n_u32(x, 7), r);
  return (pair){searched(low, low_draw, r, is_signed, size), searched(high, high_draw, r, is_signed, size)};
}

// Eight symbols from two quarters, with the signs of eight coordinates.
INLINE uint8x8_t narrow(uint32x4_t first, uint32x4_t second, const float *values, int is_signed, int size) {
  uint16x8_t symbols = size == UNIFORM ? vcombine_u16(vshrn_n_u32(first, 16), vshrn_n_u32(second, 16))
                                       : vcombine_u16(vmovn_u32(first), vmovn_u32(second));
  symbols = vandq_u16(symbols, vdupq_n_u16(0xFF));
  if (is_signed) return vmovn_u16(symbols);
  uint32x4_t low = vreinterpretq_u32_f32(vld1q_f32(values)), high = vreinterpretq_u32_f32(vld1q_f32(values + 4));
  uint16x8_t signs = vshrq_n_u16(vcombine_u16(vshrn_n_u32(low, 16), vshrn_n_u32(high, 16)), 8);
  signs = vbicq_u16(vandq_u16(signs, vdupq_n_u16(0x80)), vceqzq_u16(symbols));
  return vmovn_u16(vorrq_u16(symbols, signs));
}

__attribute__((noinline)) static void settle(const pair *quarters, const float *values, size_t index, float scale,
                                             const laminak_levels *levels, const laminak_stream *stream,
                                             uint8_t *symbols) {
  for (unsigned i = 0; i < BLOCK; ++i) {
    uint32_t sums[4];
    vst1q_u32(sums, i < 16 ? quarters[i / 4].low : quarters[i / 4 - 4].high);
    if ((sums[i % 4] & 0xFFFF) < 2 * levels->margin)
      symbols[i] = laminak_symbol(values[i], index + i, scale, levels, *stream);
  }
}

INLINE void run(const float *values, size_t count, float scale, const laminak_levels *levels,
                const laminak_stream *stream, int is_signed, int size, uint8_t *symbols) {
  static const uint32_t first_lanes[] = {0, 1, 2, 3};
  rounder r = rounder_of(scale, levels, *stream, size);
  uint32x4_t lanes = vmlaq_n_u32(vdupq_n_u32(stream->first_word), vld1q_u32(first_lanes), 0x9E3779B9u);
  for (size_t i = 0; i < count; i += BLOCK) {
    pair quarters[4];
    laminak_fetch_ahead(values + i, BLOCK);
    for (int q = 0; q < 4; ++q) {
      quarters[q] = quarter(values + i + 4 * q, lanes, &r, is_signed, size);
      lanes = vaddq_u32(lanes, vdupq_n_u32(4 * 0x9E3779B9u));
    }
    for (int half = 0; half < 2; ++half) {
      pair a = quarters[2 * half], b = quarters[2 * half + 1];
      const float *source = values + i + 8 * half;
      vst1_u8(symbols + i + 8 * half, narrow(a.low, b.low, source, is_signed, size));
      vst1_u8(symbols + i + 16 + 8 * half, narrow(a.high, b.high, source + 16, is_signed, size));
    }
    if (size != UNIFORM) continue;
    uint32x4_t far = vdupq_n_u32(0xFFFFFFFF);
    for (int q = 0; q < 4; ++q) {
      far = vandq_u32(far, vtstq_u32(quarters[q].low, r.margin));
      far = vandq_u32(far, vtstq_u32(quarters[q].high, r.margin));
    }
    if (vminvq_u32(far) == 0) settle(quarters, values + i, i, scale, levels, stream, symbols + i);
  }
}

void laminak_neon_round(const float *values, size_t count, float scale, const laminak_levels *levels,
                        laminak_stream stream, uint8_t *symbols) {
  if (levels->count > SOME && levels->uniform_factor == 0) {
    laminak_portable_round(values, count, scale, levels, stream, symbols);
    return;
  }
  size_t whole = count / BLOCK * BLOCK;
#define RUN(size)                                                                                   \
  if (levels->is_signed) run(values, whole, scale, levels, &stream, 1, size, symbols);              \
  else run(values, whole, scale, levels, &stream, 0, size, symbols)
  if (levels->uniform_factor > 0) RUN(UNIFORM);
  else if (levels->count <= FEW) RUN(FEW);
  else RUN(SOME);
#undef RUN
  for (size_t i = whole; i < count; ++i) symbols[i] = laminak_symbol(values[i], i, scale, levels, stream);
}

void laminak_neon_round_pack(const float *values, size_t blocks, float scale, const laminak_levels *levels,
                             laminak_stream stream, unsigned width, void *words) {
  uint8_t symbols[512];
  for (size_t block = 0; block < blocks; ++block) {
    laminak_neon_round(values + block * 512, 512, scale, levels, stream, symbols);
    laminak_neon_pack(symbols, 1, width, !levels->is_signed, (uint8_t *)words + block * 64 * width);
    // The words of the stream go on where those of this block end.
    stream.first_word += 256 * 0x9E3779B9u;
  }
}
#endif
