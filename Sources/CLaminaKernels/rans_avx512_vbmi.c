#include "rans_avx512.h"
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE uint8_t *write_groups(const laminak_rans *model, uint32_t *memory, int pairs, const uint8_t *numbers,
                             size_t groups, uint8_t *words) {
  rans_encoder tables = rans_load_encoder(model);
  __m512i low_halves = _mm512_set_epi16(62, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42, 40, 38, 36, 34, 32, 30, 28, 26, 24,
                                        22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  __m512i states[8];
  for (int i = 0; i < 2 * pairs; ++i) states[i] = _mm512_loadu_si512(memory + 16 * i);
  while (groups-- > 0) {
    const uint8_t *group = numbers + groups * 32 * (size_t)pairs;
#pragma clang loop unroll(full)
    for (int pair = pairs - 1; pair >= 0; --pair) {
      __m512i low = states[2 * pair], high = states[2 * pair + 1];
      __m512i low_numbers = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(group + 32 * pair)));
      __m512i high_numbers = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(group + 32 * pair + 16)));
      __m512i low_f = rans_look_up(tables.frequencies, low_numbers);
      __m512i high_f = rans_look_up(tables.frequencies, high_numbers);
      __mmask16 low_emits = rans_emits(low, low_f), high_emits = rans_emits(high, high_f);
      __mmask32 emits = _mm512_kunpackw(high_emits, low_emits);
      __m512i emitted = _mm512_maskz_compress_epi16(emits, _mm512_permutex2var_epi16(low, low_halves, high));
      unsigned count = (unsigned)_mm_popcnt_u32(emits);
      words -= 2 * count;
      _mm512_mask_storeu_epi16(words, _bzhi_u32(~0u, count), emitted);
      low = _mm512_mask_srli_epi32(low, low_emits, low, 16);
      high = _mm512_mask_srli_epi32(high, high_emits, high, 16);
      states[2 * pair] = rans_push(&tables, low, low_numbers, low_f);
      states[2 * pair + 1] = rans_push(&tables, high, high_numbers, high_f);
    }
  }
  for (int i = 0; i < 2 * pairs; ++i) _mm512_storeu_si512(memory + 16 * i, states[i]);
  return words;
}

TARGET static uint8_t *write_lanes(const laminak_rans *model, uint32_t *states, unsigned lanes, const uint8_t *numbers,
                                   size_t groups, uint8_t *words) {
  switch (lanes) {
    case 32: return write_groups(model, states, 1, numbers, groups, words);
    case 64: return write_groups(model, states, 2, numbers, groups, words);
    case 128: return write_groups(model, states, 4, numbers, groups, words);
    default: return rans_write_avx512(model, states, lanes, numbers, groups, words);
  }
}

size_t laminak_avx512_vbmi_rans_encode(const laminak_rans *model, const uint8_t *numbers, size_t count, unsigned lanes,
                                       uint8_t *bytes) {
  return rans_encode_block(write_lanes, model, numbers, count, lanes, bytes);
}

typedef struct decoder {
  __m512i scales, offsets, bounds[5], cells[2], edges[2];
} decoder;

INLINE decoder load_decoder(const laminak_rans *model) {
  decoder tables;
  tables.scales = _mm512_loadu_si512(model->scales);
  tables.offsets = _mm512_loadu_si512(model->offsets);
  for (int i = 0; i < 5; ++i) tables.bounds[i] = _mm512_loadu_si512(model->bounds[i]);
  for (int i = 0; i < 2; ++i) {
    tables.cells[i] = _mm512_loadu_si512(model->cells + 64 * i);
    tables.edges[i] = _mm512_loadu_si512(model->edges + 64 * i);
  }
  return tables;
}

/// The numbers of slots: by bisection, or from the numbers of their cells where few steps are left from there.
///
/// Rare numbers, which crowd the first and the last slots of a quantizer's code, are read from a table of those.
INLINE __m512i find(const decoder *tables, __m512i lower, __m512i slots, int steps) {
  if (steps == 5) return rans_bisect(tables->bounds, _mm512_setzero_si512(), slots, 5);
  const __mmask64 low_bytes = 0x5555555555555555;
  __m512i numbers =
      _mm512_maskz_permutex2var_epi8(low_bytes, tables->cells[0], _mm512_srli_epi16(slots, 5), tables->cells[1]);
  __m512i places = rans_slots(_mm512_add_epi16(lower, _mm512_set1_epi16(64)));
  __mmask32 at_edge = _mm512_cmplt_epu16_mask(places, _mm512_set1_epi16(128));
  __m512i edges = _mm512_maskz_permutex2var_epi8(low_bytes, tables->edges[0], places, tables->edges[1]);
  return _mm512_mask_mov_epi16(rans_bisect(tables->bounds, numbers, slots, steps), at_edge, edges);
}

// Expanding from memory is slow on some processors, expanding a register is not: keep the compiler from joining them.
INLINE __m512i load_words(const uint8_t *words) {
  __m512i loaded = _mm512_loadu_si512(words);
  __asm__("" : "+v"(loaded));
  return loaded;
}

INLINE rans_progress read_groups(const laminak_rans *model, uint32_t *memory, int vectors, int steps, uint8_t *numbers,
                                 size_t groups, const uint8_t *words, const uint8_t *limit) {
  decoder tables = load_decoder(model);
  rans_halves states[4];
  for (int i = 0; i < vectors; ++i) states[i] = rans_load_states(memory + 32 * i);
  size_t group = 0;
  for (; group < groups && words <= limit; ++group) {
    uint8_t *target = numbers + group * 32 * (size_t)vectors;
#pragma clang loop unroll(full)
    for (int i = 0; i < vectors; ++i) {
      __m512i slots = rans_slots(states[i].lower);
      __m512i found = find(&tables, states[i].lower, slots, steps);
      _mm256_storeu_si256((__m256i *)(target + 32 * i), _mm512_cvtepi16_epi8(found));
      rans_halves popped = rans_pop(states[i], slots, _mm512_permutexvar_epi16(found, tables.scales),
                                    _mm512_permutexvar_epi16(found, tables.offsets));
      __mmask32 is_small = _mm512_testn_epi16_mask(popped.upper, popped.upper);
      states[i].upper = _mm512_mask_mov_epi16(popped.upper, is_small, popped.lower);
      states[i].lower = _mm512_mask_expand_epi16(popped.lower, is_small, load_words(words));
      words += 2 * (unsigned)_mm_popcnt_u32(is_small);
    }
  }
  for (int i = 0; i < vectors; ++i) rans_store_states(memory + 32 * i, states[i]);
  return (rans_progress){words, group};
}

INLINE rans_progress read_vectors(const laminak_rans *model, uint32_t *states, int vectors, uint8_t *numbers,
                                  size_t groups, const uint8_t *words, const uint8_t *limit) {
  switch (model->cell_steps) {
    case 0:
    case 1: return read_groups(model, states, vectors, 1, numbers, groups, words, limit);
    case 2: return read_groups(model, states, vectors, 2, numbers, groups, words, limit);
    default: return read_groups(model, states, vectors, 5, numbers, groups, words, limit);
  }
}

TARGET static rans_progress read_lanes(const laminak_rans *model, uint32_t *states, unsigned lanes, uint8_t *numbers,
                                       size_t groups, const uint8_t *words, const uint8_t *limit) {
  // 16 lanes wait for the search, and are faster by gathered slots. A scale of 2^16 fits no word.
  if (model->count > 1) {
    switch (lanes) {
      case 32: return read_vectors(model, states, 1, numbers, groups, words, limit);
      case 64: return read_vectors(model, states, 2, numbers, groups, words, limit);
      case 128: return read_vectors(model, states, 4, numbers, groups, words, limit);
    }
  }
  return rans_read_avx2(model, states, lanes, numbers, groups, words, limit);
}

laminak_rans_result laminak_avx512_vbmi_rans_decode(const laminak_rans *model, uint8_t *numbers, size_t count,
                                                    unsigned lanes, const uint8_t *bytes, size_t byte_count,
                                                    size_t *used) {
  return rans_decode_block(read_lanes, model, numbers, count, lanes, bytes, byte_count, used);
}
#endif
