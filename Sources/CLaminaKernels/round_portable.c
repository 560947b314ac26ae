#include "fetch.h"
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

// Sixteen lanes in the vectors of the C compiler, which any target has.
typedef uint32_t words16 __attribute__((vector_size(64)));
typedef int32_t ints16 __attribute__((ext_vector_type(16)));
typedef float floats16 __attribute__((ext_vector_type(16)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));

typedef struct uniform {
  float factor, origin, bottom, top;
  uint32_t margin;
} uniform;

// The symbols of sixteen coordinates, whose noise is the inverted upper 16 bits of their draws.
static inline __attribute__((always_inline)) void round_row(const float *values, const words16 *noise,
                                                            const uniform *u, int is_signed, uint32_t *sums,
                                                            words16 *far, uint8_t *symbols) {
  floats16 top = (floats16){0} + u->top, bottom = (floats16){0} + u->bottom;
  words16 bits, sum;
  __builtin_memcpy(&bits, values, sizeof bits);
  if (is_signed) {
    floats16 place = (floats16)bits * u->factor + u->origin;
    place = place < top ? place : top;
    place = place > bottom ? place : bottom;
    sum = (words16)__builtin_convertvector(place, ints16);
  } else {
    floats16 place = (floats16)(bits & 0x7FFFFFFF) * u->factor;
    place = place < top ? place : top;
    // Adding 2^23 leaves the nearest integer in the low bits.
    sum = (words16)(place + bottom);
  }
  sum += *noise;
  *far &= (words16)((sum & (0x10000 - 2 * u->margin)) != 0);
  bytes16 levels = __builtin_convertvector(sum >> 16, bytes16);
  if (!is_signed) {
    bytes16 signs = __builtin_convertvector(bits >> 24, bytes16) & 0x80;
    levels |= signs & (bytes16)(levels != 0);
  }
  __builtin_memcpy(symbols, &levels, sizeof levels);
  __builtin_memcpy(sums, &sum, sizeof sum);
}

// Returns whether a coordinate is within the margin.
static inline __attribute__((always_inline)) int round_uniform_block(const float *values, size_t block,
                                                                     const uniform *u, int is_signed,
                                                                     laminak_stream stream, uint32_t *sums,
                                                                     uint8_t *symbols) {
  words16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  words16 x = (lanes + (uint32_t)block * 16) * 0x9E3779B9u + stream.first_word, far = ~lanes | lanes;
  x ^= x >> 16;
  x = x * 0x21F0AAADu + stream.second_word;
  x ^= x >> 15;
  x *= 0xD35A2D97u;
  x = ~(x ^ x >> 15);
  words16 high = x >> 16, low = x & 0xFFFF;
  round_row(values, &high, u, is_signed, sums, &far, symbols);
  round_row(values + 16, &low, u, is_signed, sums + 16, &far, symbols + 16);
  uint64_t pairs[8], all = UINT64_MAX;
  __builtin_memcpy(pairs, &far, sizeof pairs);
  for (int i = 0; i < 8; ++i) all &= pairs[i];
  return all != UINT64_MAX;
}

static inline __attribute__((always_inline)) void round_blocks(const float *values, size_t count, float scale,
                                                               const laminak_levels *levels, int is_signed,
                                                               laminak_stream stream, uint8_t *symbols) {
  float margin = (float)levels->margin, top = (float)(levels->count - 1) * 65536;
  uniform u = {scale * levels->uniform_factor * 65536, levels->uniform_origin * 65536 + margin + 0.5f,
               is_signed ? margin : 0x1p23f + margin, is_signed ? top + margin : top, levels->margin};
  uint32_t sums[BLOCK];
  for (size_t start = 0; start < count; start += BLOCK) {
    const float *source = values + start;
    laminak_fetch_ahead(source, BLOCK);
    uint8_t *target = symbols + start;
    if (levels->uniform_factor == 0) {
      if (levels->fine.steps == 1)
        round_block(source, start / BLOCK, scale, levels, 1, is_signed, stream, target);
      else
        round_block(source, start / BLOCK, scale, levels, levels->fine.steps, is_signed, stream, target);
    } else if (round_uniform_block(source, start / BLOCK, &u, is_signed, stream, sums, target)) {
      for (size_t i = 0; i < BLOCK; ++i)
        if ((sums[i] & 0xFFFF) < 2 * levels->margin)
          target[i] = laminak_symbol(source[i], start + i, scale, levels, stream);
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
