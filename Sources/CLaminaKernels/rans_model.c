#include "rans.h"
#pragma STDC FP_CONTRACT OFF

size_t laminak_rans_size(void) { return sizeof(laminak_rans); }

static void prepare_bounds(laminak_rans *model) {
  for (unsigned k = 0; k < 5; ++k)
    for (unsigned n = 0; n < 32; ++n) {
      unsigned next = n + (1u << k);
      model->bounds[k][n] = next < model->count ? (uint16_t)model->starts[next] : 0xFFFF;
    }
}

static void prepare_cells(laminak_rans *model) {
  enum { MASK = (1 << RANS_BITS) - 1 };
  unsigned widest = 0;
  for (unsigned i = 0; i < 128; ++i) {
    unsigned first = model->slots[32 * i] & 31, last = model->slots[32 * i + 31] & 31;
    model->cells[i] = (uint8_t)first;
    model->edges[i] = model->slots[(i - 64) & MASK] & 31;
    // The first and last two cells have `edges`.
    if (i >= 2 && i < 126 && last - first > widest) widest = last - first;
  }
  model->cell_steps = 0;
  while (widest >> model->cell_steps) ++model->cell_steps;
}

void laminak_rans_prepare(laminak_rans *model, const uint16_t *frequencies, size_t count) {
  uint32_t start = 0;
  model->count = (uint32_t)count;
  for (uint32_t n = 0; n < 32; ++n) {
    uint32_t f = n < count ? frequencies[n] : 0;
    model->frequencies[n] = f;
    model->complements[n] = (1u << RANS_BITS) - f;
    model->starts[n] = start;
    model->divisors[n] = f ? ((UINT64_C(1) << 44) + f - 1) / f : 0;
    // Lowered so far that the rounding of a state to binary32 and of the product cannot lift a quotient.
    model->reciprocals[n] = f ? 0x1.fffffp-1f / (float)f : 0;
    model->scales[n] = (uint16_t)(16 * f);
    model->offsets[n] = (uint16_t)-start;
    for (uint32_t i = 0; i < f; ++i) model->slots[start + i] = f << 17 | i << 5 | n;
    start += f;
  }
  prepare_bounds(model);
  prepare_cells(model);
}
