#include "portable.h"
#pragma STDC FP_CONTRACT OFF

// The cell of a magnitude comes from the leading bits of magnitude + offset. With the offset 1 / (2^octaves - 1) the
// sum runs through that many octaves: cells of equal width for one octave, nearly of equal ratio for many.
enum { MOST_OCTAVES = 32 };

static uint32_t bits_of(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Cells in the order of the numbers they hold: those of negative numbers count down from -1.
static int place_of(float value, const laminak_cells *cells) {
  float magnitude = value < 0 ? -value : value;
  int cell = (int)((bits_of(magnitude + cells->offset) >> cells->shift) - (bits_of(cells->offset) >> cells->shift));
  return value < 0 ? -1 - cell : cell;
}

// `count` cells through `octaves` octaves, the offset a little larger than it need be, so that the last cell holds 1.
static laminak_cells cells_through(uint32_t octaves, uint32_t count) {
  laminak_cells cells = {.offset = 1 / (float)((UINT64_C(1) << octaves) - 1), .shift = 23};
  for (uint32_t per_octave = count / octaves; per_octave > 1; per_octave /= 2) --cells.shift;
  while ((uint32_t)place_of(1, &cells) >= count) cells.offset *= 1 + (float)octaves / (float)(4 * count);
  return cells;
}

static uint32_t steps_of(const int *places, size_t count) {
  uint32_t steps = 0;
  size_t crowd = 0;
  for (size_t j = 1; j + 1 < count; ++j) {
    crowd = j > 1 && places[j] == places[j - 1] ? crowd + 1 : 1;
    while (crowd >> steps > 0) ++steps;
  }
  return steps;
}

static void fill(const int *places, size_t count, uint32_t per_sign, int is_signed, laminak_cells *cells) {
  uint32_t start = bits_of(cells->offset) >> cells->shift;
  size_t below = 0;
  for (int place = is_signed ? -(int)per_sign : 0; place < (int)per_sign; ++place) {
    while (below + 2 < count && places[below + 1] < place) ++below;
    uint32_t cell = (uint32_t)(place < 0 ? -1 - place : place);
    cells->first[((start + cell) & (per_sign - 1)) | (place < 0 ? per_sign : 0)] = (uint8_t)below;
  }
}

static laminak_cells chosen(const float *levels, size_t count, uint32_t width) {
  int is_signed = levels[0] < 0;
  uint32_t per_sign = 1u << (is_signed ? width - 1 : width);
  laminak_cells best = {.steps = UINT32_MAX};
  int places[256], best_places[256];
  for (uint32_t octaves = 1; octaves <= MOST_OCTAVES && octaves <= per_sign && best.steps > 1; octaves *= 2) {
    laminak_cells cells = cells_through(octaves, per_sign);
    for (size_t j = 0; j < count; ++j) places[j] = place_of(levels[j], &cells);
    cells.steps = steps_of(places, count);
    if (cells.steps >= best.steps) continue;
    best = cells;
    __builtin_memcpy(best_places, places, count * sizeof *places);
  }
  fill(best_places, count, per_sign, is_signed, &best);
  return best;
}

// Equally spaced to within a rounding, which the margin of the uniform kernels allows for.
static int are_uniform(const float *levels, size_t count) {
  double first = levels[0], step = (1 - first) / (double)(count - 1);
  for (size_t j = 0; j < count; ++j) {
    double error = levels[j] - (first + (double)j * step);
    if (error > 0x1.01p-25 || error < -0x1.01p-25) return 0;
  }
  return 1;
}

void laminak_prepare(const float *levels, size_t count, laminak_levels *prepared) {
  int is_signed = levels[0] < 0;
  for (size_t j = 0; j < 384; ++j) prepared->levels[j] = j + 1 < count ? levels[j] : __builtin_inff();
  for (size_t j = 0; j < 256; ++j) {
    prepared->gaps[j] = j + 1 < count ? levels[j + 1] - levels[j] : 0;
    prepared->values[j] = j < count ? levels[j] : 0;
  }
  if (!is_signed)
    for (size_t j = 0; j < count; ++j) prepared->values[j + 128] = -levels[j];
  for (size_t i = 0; i < 5; ++i)
    for (size_t j = 0; j < 8; ++j) prepared->halvings[i][j] = prepared->levels[((16 >> i) * (2 * j + 1)) % 32];
  for (size_t j = 0; j < 8; ++j) prepared->halvings[5][j] = prepared->levels[17 + 2 * j];
  prepared->count = (uint32_t)count;
  prepared->is_signed = (uint32_t)is_signed;
  int uniform = are_uniform(levels, count);
  prepared->uniform_factor = uniform ? (float)(count - 1) / (is_signed ? 2 : 1) : 0;
  prepared->uniform_origin = is_signed ? (float)(count - 1) / 2 : 0;
  // See rounding.h.
  prepared->margin = count <= 16 ? 2 : count <= 128 ? 4 : 8;
  prepared->fine = chosen(levels, count, 7);
  prepared->coarse = chosen(levels, count, 5);
}
