#include "portable.h"
#include "rans.h"

// Nothing here branches on whether a word is due: that is close to random, and no branch predictor can learn it.

uint8_t *rans_write_portable(const laminak_rans *model, uint32_t *states, unsigned lanes, const uint8_t *numbers,
                             size_t groups, uint8_t *words) {
  while (groups-- > 0) {
    const uint8_t *group = numbers + groups * lanes;
    for (unsigned lane = lanes; lane-- > 0;) {
      uint32_t n = group[lane] & 31u, state = states[lane];
      uint32_t emits = state >> (32 - RANS_BITS) >= model->frequencies[n];
      // The states, which come last, leave room below for a word that is not due.
      words[-2] = (uint8_t)state;
      words[-1] = (uint8_t)(state >> 8);
      words -= 2 * emits;
      state >>= 16 * emits;
      uint32_t quotient = (uint32_t)(state * model->divisors[n] >> 44);
      states[lane] = state + quotient * model->complements[n] + model->starts[n];
    }
  }
  return words;
}

rans_progress rans_read_portable(const laminak_rans *model, uint32_t *states, unsigned lanes, uint8_t *numbers,
                                 size_t groups, const uint8_t *words, const uint8_t *limit) {
  size_t group = 0;
  for (; group < groups && words <= limit; ++group) {
    uint8_t *target = numbers + group * lanes;
#pragma clang loop unroll_count(4)
    for (unsigned lane = 0; lane < lanes; ++lane) {
      uint32_t state = states[lane], slot = model->slots[state & ((1u << RANS_BITS) - 1)];
      target[lane] = slot & 31;
      state = (slot >> 17) * (state >> RANS_BITS) + (slot >> 5 & 0xFFF);
      uint32_t word = words[0] | (uint32_t)words[1] << 8;
      uint32_t refilled = state << 16 | word;
      words += 2 * (state < RANS_FLOOR);
      states[lane] = state < RANS_FLOOR ? refilled : state;
    }
  }
  return (rans_progress){words, group};
}

size_t laminak_portable_rans_encode(const laminak_rans *model, const uint8_t *numbers, size_t count, unsigned lanes,
                                    uint8_t *bytes) {
  return rans_encode_block(rans_write_portable, model, numbers, count, lanes, bytes);
}

laminak_rans_result laminak_portable_rans_decode(const laminak_rans *model, uint8_t *numbers, size_t count,
                                                 unsigned lanes, const uint8_t *bytes, size_t byte_count,
                                                 size_t *used) {
  return rans_decode_block(rans_read_portable, model, numbers, count, lanes, bytes, byte_count, used);
}
