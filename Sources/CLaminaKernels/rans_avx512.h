#ifndef LAMINA_RANS_AVX512_H
#define LAMINA_RANS_AVX512_H
#if defined(__x86_64__)
#include <immintrin.h>

#include "avx512.h"
#include "rans.h"

// What the coders of both AVX-512 tiers have in common.

#define RANS_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,bmi,bmi2,popcnt")))
#define RANS_INLINE static inline __attribute__((always_inline)) RANS_AVX512

uint8_t *rans_write_avx512(const laminak_rans *model, uint32_t *states, unsigned lanes, const uint8_t *numbers,
                           size_t groups, uint8_t *words);

typedef struct rans_encoder {
  __m512i frequencies[2], complements[2], starts[2];
  __m512 reciprocals[2];
} rans_encoder;

RANS_INLINE rans_encoder rans_load_encoder(const laminak_rans *model) {
  rans_encoder tables;
  for (int i = 0; i < 2; ++i) {
    tables.frequencies[i] = _mm512_loadu_si512(model->frequencies + 16 * i);
    tables.complements[i] = _mm512_loadu_si512(model->complements + 16 * i);
    tables.starts[i] = _mm512_loadu_si512(model->starts + 16 * i);
    tables.reciprocals[i] = _mm512_loadu_ps(model->reciprocals + 16 * i);
  }
  return tables;
}

RANS_INLINE __m512i rans_look_up(const __m512i tables[2], __m512i numbers) {
  return _mm512_permutex2var_epi32(tables[0], numbers, tables[1]);
}

RANS_INLINE __mmask16 rans_emits(__m512i states, __m512i frequencies) {
  return _mm512_cmpge_epu32_mask(_mm512_srli_epi32(states, 32 - RANS_BITS), frequencies);
}

// The quotient in binary32 is that of the integers or one less, which the remainder tells.
RANS_INLINE __m512i rans_push(const rans_encoder *tables, __m512i states, __m512i numbers, __m512i frequencies) {
  __m512 reciprocals = _mm512_permutex2var_ps(tables->reciprocals[0], numbers, tables->reciprocals[1]);
  __m512i complements = rans_look_up(tables->complements, numbers), starts = rans_look_up(tables->starts, numbers);
  __m512i quotients = _mm512_cvttps_epu32(_mm512_mul_ps(_mm512_cvtepu32_ps(states), reciprocals));
  __m512i pushed = _mm512_add_epi32(states, _mm512_mullo_epi32(quotients, complements));
  __m512i remainders = _mm512_sub_epi32(pushed, _mm512_slli_epi32(quotients, RANS_BITS));
  __mmask16 is_low = _mm512_cmpge_epu32_mask(remainders, frequencies);
  pushed = _mm512_add_epi32(pushed, starts);
  return _mm512_mask_add_epi32(pushed, is_low, pushed, complements);
}

// Decoders keep 32 states as the vector of their upper halves and that of their lower halves, in the order of the
// lanes, so that every step is one of 16-bit words and a refill moves a lower half up and a word in.
typedef struct rans_halves {
  __m512i upper, lower;
} rans_halves;

RANS_INLINE rans_halves rans_load_states(const uint32_t *memory) {
  __m512i first = _mm512_loadu_si512(memory), second = _mm512_loadu_si512(memory + 16);
  rans_halves states;
  states.lower = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(first)),
                                    _mm512_cvtepi32_epi16(second), 1);
  states.upper = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(_mm512_srli_epi32(first, 16))),
                                    _mm512_cvtepi32_epi16(_mm512_srli_epi32(second, 16)), 1);
  return states;
}

RANS_INLINE void rans_store_states(uint32_t *memory, rans_halves states) {
  for (int half = 0; half < 2; ++half) {
    __m256i high = half ? _mm512_extracti64x4_epi64(states.upper, 1) : _mm512_castsi512_si256(states.upper);
    __m256i low = half ? _mm512_extracti64x4_epi64(states.lower, 1) : _mm512_castsi512_si256(states.lower);
    __m512i wide = _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16);
    _mm512_storeu_si512(memory + 16 * half, _mm512_or_si512(wide, _mm512_cvtepu16_epi32(low)));
  }
}

/// Steps from the number of a cell, or from 0 with five steps, to the last number that begins at most at its slot.
RANS_INLINE __m512i rans_bisect(const __m512i *bounds, __m512i numbers, __m512i slots, int steps) {
#pragma clang loop unroll(full)
  for (int step = steps - 1; step >= 0; --step) {
    __mmask32 is_beyond = _mm512_cmpge_epu16_mask(slots, _mm512_permutexvar_epi16(numbers, bounds[step]));
    numbers = _mm512_mask_add_epi16(numbers, is_beyond, numbers, _mm512_set1_epi16((short)(1 << step)));
  }
  return numbers;
}

RANS_INLINE __m512i rans_slots(__m512i lower) { return _mm512_and_si512(lower, _mm512_set1_epi16(0xFFF)); }

/// Takes the numbers from the states.
///
/// With the state 2^16 u + 2^12 h + slot and the scale 16 f, f * (2^4 u + h) is scale * u + scale * (2^12 h) / 2^16,
/// and the second term and slot - c together stay below 2^16.
RANS_INLINE rans_halves rans_pop(rans_halves states, __m512i slots, __m512i scales, __m512i offsets) {
  __m512i middle = _mm512_mulhi_epu16(scales, _mm512_andnot_si512(_mm512_set1_epi16(0xFFF), states.lower));
  middle = _mm512_add_epi16(middle, _mm512_add_epi16(slots, offsets));
  rans_halves popped;
  popped.lower = _mm512_add_epi16(_mm512_mullo_epi16(scales, states.upper), middle);
  popped.upper = _mm512_mulhi_epu16(scales, states.upper);
  __mmask32 carries = _mm512_cmplt_epu16_mask(popped.lower, middle);
  popped.upper = _mm512_mask_add_epi16(popped.upper, carries, popped.upper, _mm512_set1_epi16(1));
  return popped;
}

#endif
#endif
