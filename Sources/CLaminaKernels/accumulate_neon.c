#if defined(__aarch64__)
#pragma STDC FP_CONTRACT OFF
#include <arm_neon.h>

#include "fetch.h"
#include "neon.h"

#define INLINE static inline __attribute__((always_inline))

// A rounded product of the norm and a level is the same for every coordinate, and its sign is the product's sign: up to
// 32 products lie in registers.
enum { FEW = 16, SOME = 32 };

typedef struct products {
  uint8x16x4_t tables[2];
} products;

INLINE float32x4_t values_at(uint32x4_t symbols, const products *p, int size, int is_signed) {
  uint32x4_t places = vmlaq_u32(vdupq_n_u32(0x03020100), symbols, vdupq_n_u32(0x04040404));
  if (!is_signed)
    places = vmlaq_u32(vdupq_n_u32(0x03020100), vandq_u32(symbols, vdupq_n_u32(0x7F)), vdupq_n_u32(0x04040404));
  uint8x16_t bytes = vreinterpretq_u8_u32(places);
  uint8x16_t found = vqtbl4q_u8(p->tables[0], bytes);
  if (size == SOME) found = vqtbx4q_u8(found, p->tables[1], vsubq_u8(bytes, vdupq_n_u8(64)));
  if (is_signed) return vreinterpretq_f32_u8(found);
  uint32x4_t signs = vandq_u32(vshlq_n_u32(symbols, 24), vdupq_n_u32(0x80000000u));
  return vreinterpretq_f32_u32(veorq_u32(vreinterpretq_u32_u8(found), signs));
}

INLINE void run(const uint8_t *symbols, size_t count, const float *table, int size, int is_signed, int adds,
                float *sums) {
  products p;
  for (int i = 0; i < 8; ++i) p.tables[i / 4].val[i % 4] = vreinterpretq_u8_f32(vld1q_f32(table + 4 * i));
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    laminak_fetch_ahead(sums + i, 8);
    uint16x8_t wide = vmovl_u8(vld1_u8(symbols + i));
    for (int half = 0; half < 2; ++half) {
      uint32x4_t indices = half == 0 ? vmovl_u16(vget_low_u16(wide)) : vmovl_high_u16(wide);
      float32x4_t values = values_at(indices, &p, size, is_signed);
      float32x4_t before = adds ? vld1q_f32(sums + i + 4 * half) : vdupq_n_f32(0);
      vst1q_f32(sums + i + 4 * half, vaddq_f32(before, values));
    }
  }
  for (; i < count; ++i) sums[i] = (adds ? sums[i] : 0) + table[symbols[i]];
}

INLINE void decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, int adds,
                   float *sums) {
  float table[256];
  for (int i = 0; i < 256; ++i) table[i] = norm * levels->values[i];
#define RUN(size)                                                       \
  if (levels->is_signed) run(symbols, count, table, size, 1, adds, sums); \
  else run(symbols, count, table, size, 0, adds, sums)
  if (levels->count <= FEW) RUN(FEW);
  else if (levels->count <= SOME) RUN(SOME);
  else
    for (size_t i = 0; i < count; ++i) sums[i] = (adds ? sums[i] : 0) + table[symbols[i]];
#undef RUN
}

void laminak_neon_accumulate(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                             float *sums) {
  decode(symbols, count, norm, levels, 1, sums);
}

void laminak_neon_decode(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels,
                         float *sums) {
  decode(symbols, count, norm, levels, 0, sums);
}

void laminak_neon_add(const float *values, size_t count, float *sums) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) vst1q_f32(sums + i, vaddq_f32(vld1q_f32(sums + i), vld1q_f32(values + i)));
  for (; i < count; ++i) sums[i] += values[i];
}

void laminak_neon_scale(float *values, size_t count, float factor) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) vst1q_f32(values + i, vmulq_n_f32(vld1q_f32(values + i), factor));
  for (; i < count; ++i) values[i] *= factor;
}
#endif
