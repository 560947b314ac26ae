#include "portable.h"
#pragma STDC FP_CONTRACT OFF

enum { LANES = 32, LONGEST_COUNTED = 34 };

static uint32_t hash(laminak_stream stream, uint32_t index) {
  uint32_t x = index * 0x9E3779B9u + stream.first_word;
  x ^= x >> 16;
  x = x * 0x21F0AAADu + stream.second_word;
  x ^= x >> 15;
  x *= 0xD35A2D97u;
  return x ^ (x >> 15);
}

static void draw(laminak_stream stream, size_t block, float *restrict draws) {
  for (uint32_t lane = 0; lane < 16; ++lane) {
    uint32_t word = hash(stream, (uint32_t)block * 16 + lane);
    draws[lane] = (float)(int32_t)(word >> 16 << 8 | stream.low_byte) * 0x1p-24f;
    draws[lane + 16] = (float)(int32_t)((word & 0xFFFF) << 8 | stream.low_byte) * 0x1p-24f;
  }
}

// A coordinate counts every interval whose drawn threshold it exceeds: all below its own, none above, and its own with
// the probability of rounding up.
static void count_intervals(const float *restrict units, const float *restrict draws, const float *levels,
                            const float *gaps, size_t intervals, int32_t *restrict bins) {
  for (int i = 0; i < LANES; ++i) bins[i] = 0;
  for (size_t j = 0; j < intervals; ++j) {
    float level = levels[j], gap = gaps[j];
    for (int i = 0; i < LANES; ++i) {
      float threshold = draws[i] * gap;
      float above = units[i] - level;
      bins[i] += threshold < above;
    }
  }
}

static void search_intervals(const float *restrict units, const float *restrict draws, const float *levels,
                             const float *gaps, size_t intervals, int32_t *restrict bins) {
  for (int i = 0; i < LANES; ++i) {
    size_t low = 0, high = intervals;
    while (high - low > 1) {
      size_t middle = (low + high) / 2;
      if (units[i] >= levels[middle]) low = middle; else high = middle;
    }
    float threshold = draws[i] * gaps[low];
    float above = units[i] - levels[low];
    bins[i] = (int32_t)low + (threshold < above);
  }
}

static void normalise(const float *restrict values, size_t count, float scale, int is_signed, float *restrict units) {
  if (is_signed) {
    for (size_t i = 0; i < count; ++i) {
      float unit = values[i] * scale;
      units[i] = unit < -1 ? -1 : unit < 1 ? unit : 1;
    }
  } else {
    for (size_t i = 0; i < count; ++i) {
      float unit = __builtin_fabsf(values[i]) * scale;
      units[i] = unit < 1 ? unit : 1;
    }
  }
}

static void finish(const float *restrict values, const int32_t *restrict bins, size_t count, int is_signed,
                   uint8_t *restrict symbols) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + i, sizeof bits);
    uint32_t sign = is_signed || bins[i] == 0 ? 0 : bits >> 24 & 0x80;
    symbols[i] = (uint8_t)((uint32_t)bins[i] | sign);
  }
}

void laminak_portable_round(const float *values, size_t count, float scale, const float *levels, const float *gaps,
                   size_t level_count, laminak_stream stream, uint8_t *symbols) {
  float units[LANES] = {0}, draws[LANES];
  int32_t bins[LANES];
  int is_signed = levels[0] < 0;
  for (size_t start = 0; start < count; start += LANES) {
    size_t lanes = count - start < LANES ? count - start : LANES;
    if (lanes == LANES) normalise(values + start, LANES, scale, is_signed, units);
    else normalise(values + start, lanes, scale, is_signed, units);
    draw(stream, start / LANES, draws);
    if (level_count <= LONGEST_COUNTED) count_intervals(units, draws, levels, gaps, level_count - 1, bins);
    else search_intervals(units, draws, levels, gaps, level_count - 1, bins);
    if (lanes == LANES) finish(values + start, bins, LANES, is_signed, symbols + start);
    else finish(values + start, bins, lanes, is_signed, symbols + start);
  }
}
