#include "rans.h"

static void store32(uint8_t *bytes, uint32_t x) {
  for (int i = 0; i < 4; ++i) bytes[i] = (uint8_t)(x >> 8 * i);
}

static uint32_t load32(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

size_t rans_encode_block(rans_writer writer, const laminak_rans *model, const uint8_t *numbers, size_t count,
                         unsigned lanes, uint8_t *bytes) {
  uint32_t states[RANS_LANES];
  uint8_t *end = bytes + 4 * lanes + 2 * count, *words = end;
  size_t groups = count / lanes, rest = count % lanes;
  for (unsigned lane = 0; lane < lanes; ++lane) states[lane] = RANS_FLOOR;
  // The incomplete group is the last and so the first to be coded.
  words = rans_write_portable(model, states, (unsigned)rest, numbers + groups * lanes, rest > 0, words);
  words = writer(model, states, lanes, numbers, groups, words);
  words -= 4 * lanes;
  for (unsigned lane = 0; lane < lanes; ++lane) store32(words + 4 * lane, states[lane]);
  return (size_t)(end - words);
}

static laminak_rans_result decode_rest(const laminak_rans *model, uint32_t *states, uint8_t *numbers, size_t rest,
                                       const uint8_t **words, const uint8_t *end) {
  for (size_t lane = 0; lane < rest; ++lane) {
    uint32_t state = states[lane], slot = model->slots[state & ((1u << RANS_BITS) - 1)];
    numbers[lane] = slot & 31;
    state = (slot >> 17) * (state >> RANS_BITS) + (slot >> 5 & 0xFFF);
    if (state < RANS_FLOOR) {
      if (end - *words < 2) return LAMINAK_RANS_TRUNCATED;
      state = state << 16 | (*words)[0] | (uint32_t)(*words)[1] << 8;
      *words += 2;
    }
    states[lane] = state;
  }
  return LAMINAK_RANS_DONE;
}

laminak_rans_result rans_decode_block(rans_reader reader, const laminak_rans *model, uint8_t *numbers, size_t count,
                                      unsigned lanes, const uint8_t *bytes, size_t byte_count, size_t *used) {
  uint32_t states[RANS_LANES];
  size_t groups = count / lanes, head = 4 * lanes, reach = 2 * lanes;
  if (byte_count < head) return LAMINAK_RANS_TRUNCATED;
  for (unsigned lane = 0; lane < lanes; ++lane) {
    states[lane] = load32(bytes + 4 * lane);
    if (states[lane] < RANS_FLOOR) return LAMINAK_RANS_BAD_START;
  }
  rans_progress progress = {bytes + head, 0};
  const uint8_t *end = bytes + head + (byte_count - head) / 2 * 2;
  if ((size_t)(end - progress.words) >= reach)
    progress = reader(model, states, lanes, numbers, groups, progress.words, end - reach);
  if (progress.groups < groups) {
    // Fewer words than lanes are left: go on in a copy behind which zeros can be read.
    uint8_t copy[4 * RANS_LANES] = {0};
    size_t left = (size_t)(end - progress.words);
    __builtin_memcpy(copy, progress.words, left);
    rans_progress last = reader(model, states, lanes, numbers + progress.groups * lanes, groups - progress.groups,
                                copy, copy + left);
    if (last.words > copy + left) return LAMINAK_RANS_TRUNCATED;
    progress.words += last.words - copy;
  }
  laminak_rans_result result =
      decode_rest(model, states, numbers + groups * lanes, count % lanes, &progress.words, end);
  if (result != LAMINAK_RANS_DONE) return result;
  *used = (size_t)(progress.words - bytes);
  for (unsigned lane = 0; lane < lanes; ++lane)
    if (states[lane] != RANS_FLOOR) return LAMINAK_RANS_BAD_END;
  return LAMINAK_RANS_DONE;
}
