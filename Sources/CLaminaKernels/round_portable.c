#include "portable.h"
#include "rounding.h"
#pragma STDC FP_CONTRACT OFF

static inline __attribute__((always_inline)) uint32_t bits_of(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline __attribute__((always_inline)) float float_of(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

static inline __attribute__((always_inline)) float unit_of(float value, float scale, int is_signed) {
  float unit = (is_signed ? value : __builtin_fabsf(value)) * scale;
  unit = unit < 1 ? unit : 1;
  return unit > -1 ? unit : -1;
}

static inline __attribute__((always_inline)) uint32_t cell_of(float unit, const laminak_cells *cells, int is_signed) {
  uint32_t cell = bits_of(__builtin_fabsf(unit) + cells->offset) >> cells->shift;
  if (!is_signed) return cell % CELL_COUNT;
  return cell % (CELL_COUNT / 2) | bits_of(unit) >> 31 << 6;
}

// 1 + (n - 1) / 2^24 as bits, less 1 - 2^-24: n / 2^24 for odd n below 2^24.
static inline __attribute__((always_inline)) float draw_of(uint32_t m, uint32_t low_byte) {
  return float_of(0x3F800000u | m << 7 | low_byte >> 1) - 0x1.fffffep-1f;
}

// The last interval that begins at or below the unit, or the first.
static inline __attribute__((always_inline)) uint32_t interval_of(float unit, uint32_t first, uint32_t steps,
                                                                  const laminak_levels *levels) {
  uint32_t interval = first;
  for (uint32_t step = steps; step-- > 0;) {
    uint32_t next = interval + (1u << step);
    interval = unit >= levels->levels[next] ? next : interval;
  }
  return interval;
}

static inline __attribute__((always_inline)) uint32_t rounded(float unit, float draw, uint32_t interval,
                                                              const laminak_levels *levels) {
  float threshold = draw * levels->gaps[interval];
  float above = unit - levels->levels[interval];
  return interval + (threshold < above);
}

static inline __attribute__((always_inline)) uint8_t signed_symbol(uint32_t level, float value, int is_signed) {
  uint32_t sign = is_signed || level == 0 ? 0 : bits_of(value) >> 24 & 0x80;
  return (uint8_t)(level | sign);
}

uint8_t laminak_symbol(float value, size_t index, float scale, const laminak_levels *levels, laminak_stream stream) {
  int is_signed = (int)levels->is_signed;
  uint32_t word = laminak_hash(stream, (uint32_t)(index / BLOCK * 16 + index % 16));
  float draw = draw_of(index & 16 ? word & 0xFFFF : word >> 16, stream.low_byte);
  float unit = unit_of(value, scale, is_signed);
  const laminak_cells *cells = &levels->fine;
  uint32_t interval = interval_of(unit, cells->first[cell_of(unit, cells, is_signed)], cells->steps, levels);
  return signed_symbol(rounded(unit, draw, interval, levels), value, is_signed);
}

static inline __attribute__((always_inline)) void round_block(const float *restrict values, size_t block, float scale,
                                                              const laminak_levels *levels, uint32_t steps,
                                                              int is_signed, laminak_stream stream,
                                                              uint8_t *restrict symbols) {
  float units[BLOCK], draws[BLOCK];
  uint32_t cells[BLOCK];
  for (uint32_t lane = 0; lane < 16; ++lane) {
    uint32_t word = laminak_hash(stream, (uint32_t)block * 16 + lane);
    draws[lane] = draw_of(word >> 16, stream.low_byte);
    draws[lane + 16] = draw_of(word & 0xFFFF, stream.low_byte);
  }
  for (int i = 0; i < BLOCK; ++i) units[i] = unit_of(values[i], scale, is_signed);
  for (int i = 0; i < BLOCK; ++i) cells[i] = cell_of(units[i], &levels->fine, is_signed);
  for (int i = 0; i < BLOCK; ++i) {
    uint32_t interval = interval_of(units[i], levels->fine.first[cells[i]], steps, levels);
    symbols[i] = signed_symbol(rounded(units[i], draws[i], interval, levels), values[i], is_signed);
  }
}

// Returns whether a coordinate is within the margin.
static inline __attribute__((always_inline)) uint32_t round_uniform_block(const float *restrict values, size_t block,
                                                                          float factor, const laminak_levels *levels,
                                                                          int is_signed, laminak_stream stream,
                                                                          uint32_t *restrict sums,
                                                                          uint8_t *restrict symbols) {
  float margin = (float)levels->margin, top = (float)(levels->count - 1) * 65536;
  float origin = levels->uniform_origin * 65536 + margin + 0.5f;
  for (int i = 0; i < BLOCK; ++i) {
    if (is_signed) {
      float place = values[i] * factor + origin;
      place = place < top + margin ? place : top + margin;
      sums[i] = (uint32_t)(int32_t)(place > margin ? place : margin);
    } else {
      float place = __builtin_fabsf(values[i]) * factor;
      // Adding 2^23 leaves the nearest integer in the low bits.
      sums[i] = bits_of((place < top ? place : top) + (0x1p23f + margin)) & 0x7FFFFF;
    }
  }
  for (uint32_t lane = 0; lane < 16; ++lane) {
    uint32_t word = ~laminak_hash(stream, (uint32_t)block * 16 + lane);
    sums[lane] += word >> 16;
    sums[lane + 16] += word & 0xFFFF;
  }
  uint32_t close = 0;
  for (int i = 0; i < BLOCK; ++i) close |= (sums[i] & 0xFFFF) < 2 * levels->margin;
  for (int i = 0; i < BLOCK; ++i) symbols[i] = signed_symbol(sums[i] >> 16, values[i], is_signed);
  return close;
}

static inline __attribute__((always_inline)) void round_blocks(const float *values, size_t count, float scale,
                                                               const laminak_levels *levels, int is_signed,
                                                               laminak_stream stream, uint8_t *symbols) {
  float factor = scale * levels->uniform_factor * 65536;
  uint32_t sums[BLOCK];
  for (size_t start = 0; start < count; start += BLOCK) {
    const float *source = values + start;
    uint8_t *target = symbols + start;
    if (factor == 0) {
      if (levels->fine.steps == 1)
        round_block(source, start / BLOCK, scale, levels, 1, is_signed, stream, target);
      else
        round_block(source, start / BLOCK, scale, levels, levels->fine.steps, is_signed, stream, target);
    } else if (round_uniform_block(source, start / BLOCK, factor, levels, is_signed, stream, sums, target)) {
      for (size_t i = 0; i < BLOCK; ++i)
        if ((sums[i] & 0xFFFF) < 2 * levels->margin) target[i] = laminak_symbol(source[i], start + i, scale, levels, stream);
    }
  }
}

void laminak_portable_round(const float *values, size_t count, float scale, const laminak_levels *levels,
                            laminak_stream stream, uint8_t *symbols) {
  size_t whole = count / BLOCK * BLOCK;
  if (levels->is_signed)
    round_blocks(values, whole, scale, levels, 1, stream, symbols);
  else
    round_blocks(values, whole, scale, levels, 0, stream, symbols);
  for (size_t i = whole; i < count; ++i) symbols[i] = laminak_symbol(values[i], i, scale, levels, stream);
}
