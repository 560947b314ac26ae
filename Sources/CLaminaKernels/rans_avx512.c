#include "rans_avx512.h"
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF

RANS_INLINE uint8_t *write_groups(const laminak_rans *model, uint32_t *memory, int vectors, const uint8_t *numbers,
                                  size_t groups, uint8_t *words) {
  rans_encoder tables = rans_load_encoder(model);
  __m512i states[8];
  for (int i = 0; i < vectors; ++i) states[i] = _mm512_loadu_si512(memory + 16 * i);
  while (groups-- > 0) {
    const uint8_t *group = numbers + groups * 16 * (size_t)vectors;
#pragma clang loop unroll(full)
    for (int i = vectors - 1; i >= 0; --i) {
      __m512i taken = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(group + 16 * i)));
      __m512i frequencies = rans_look_up(tables.frequencies, taken), state = states[i];
      __mmask16 emits = rans_emits(state, frequencies);
      unsigned count = (unsigned)_mm_popcnt_u32(emits);
      __m256i emitted = _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(emits, state));
      words -= 2 * count;
      _mm256_mask_storeu_epi16(words, (__mmask16)_bzhi_u32(0xFFFF, count), emitted);
      state = _mm512_mask_srli_epi32(state, emits, state, 16);
      states[i] = rans_push(&tables, state, taken, frequencies);
    }
  }
  for (int i = 0; i < vectors; ++i) _mm512_storeu_si512(memory + 16 * i, states[i]);
  return words;
}

RANS_AVX512 uint8_t *rans_write_avx512(const laminak_rans *model, uint32_t *states, unsigned lanes,
                                       const uint8_t *numbers, size_t groups, uint8_t *words) {
  switch (lanes) {
    case 16: return write_groups(model, states, 1, numbers, groups, words);
    case 32: return write_groups(model, states, 2, numbers, groups, words);
    case 64: return write_groups(model, states, 4, numbers, groups, words);
    case 128: return write_groups(model, states, 8, numbers, groups, words);
    default: return rans_write_portable(model, states, lanes, numbers, groups, words);
  }
}

size_t laminak_avx512_rans_encode(const laminak_rans *model, const uint8_t *numbers, size_t count, unsigned lanes,
                                  uint8_t *bytes) {
  return rans_encode_block(rans_write_avx512, model, numbers, count, lanes, bytes);
}

RANS_INLINE __m512i expanded(const uint8_t *words, __mmask16 mask) {
  __m512i loaded = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)words));
  return _mm512_maskz_expand_epi32(mask, loaded);
}

RANS_AVX512 static rans_progress read_groups(const laminak_rans *model, uint32_t *memory, uint8_t *numbers,
                                             size_t groups, const uint8_t *words, const uint8_t *limit) {
  enum { VECTORS = RANS_LANES / 32 };
  __m512i scales = _mm512_loadu_si512(model->scales), offsets = _mm512_loadu_si512(model->offsets), bounds[5];
  for (int i = 0; i < 5; ++i) bounds[i] = _mm512_loadu_si512(model->bounds[i]);
  rans_halves states[VECTORS];
  for (int i = 0; i < VECTORS; ++i) states[i] = rans_load_states(memory + 32 * i);
  size_t group = 0;
  for (; group < groups && words <= limit; ++group) {
    uint8_t *target = numbers + group * RANS_LANES;
#pragma clang loop unroll(full)
    for (int i = 0; i < VECTORS; ++i) {
      __m512i slots = rans_slots(states[i].lower);
      __m512i found = rans_bisect(bounds, _mm512_setzero_si512(), slots, 5);
      _mm256_storeu_si256((__m256i *)(target + 32 * i), _mm512_cvtepi16_epi8(found));
      rans_halves popped = rans_pop(states[i], slots, _mm512_permutexvar_epi16(found, scales),
                                    _mm512_permutexvar_epi16(found, offsets));
      __mmask32 is_small = _mm512_testn_epi16_mask(popped.upper, popped.upper);
      unsigned first_count = (unsigned)_mm_popcnt_u32(is_small & 0xFFFF);
      __m512i first = expanded(words, (__mmask16)(is_small & 0xFFFF));
      __m512i second = expanded(words + 2 * first_count, (__mmask16)(is_small >> 16));
      __m512i refill = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(first)),
                                          _mm512_cvtepi32_epi16(second), 1);
      words += 2 * (unsigned)_mm_popcnt_u32(is_small);
      states[i].upper = _mm512_mask_mov_epi16(popped.upper, is_small, popped.lower);
      states[i].lower = _mm512_mask_mov_epi16(popped.lower, is_small, refill);
    }
  }
  for (int i = 0; i < VECTORS; ++i) rans_store_states(memory + 32 * i, states[i]);
  return (rans_progress){words, group};
}

RANS_AVX512 static rans_progress read_lanes(const laminak_rans *model, uint32_t *states, unsigned lanes,
                                            uint8_t *numbers, size_t groups, const uint8_t *words,
                                            const uint8_t *limit) {
  // Fewer lanes wait for the search, and are faster by gathered slots. A scale of 2^16 fits no word.
  if (lanes == RANS_LANES && model->count > 1) return read_groups(model, states, numbers, groups, words, limit);
  return rans_read_avx2(model, states, lanes, numbers, groups, words, limit);
}

laminak_rans_result laminak_avx512_rans_decode(const laminak_rans *model, uint8_t *numbers, size_t count,
                                               unsigned lanes, const uint8_t *bytes, size_t byte_count, size_t *used) {
  return rans_decode_block(read_lanes, model, numbers, count, lanes, bytes, byte_count, used);
}
#endif
