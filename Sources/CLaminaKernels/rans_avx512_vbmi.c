#include "rans.h"
#if defined(__x86_64__)
#include <immintrin.h>
#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET

typedef struct encoder {
  __m512i frequencies[2], complements[2], starts[2];
  __m512 reciprocals[2];
} encoder;

INLINE encoder load_encoder(const laminak_rans *model) {
  encoder tables;
  for (int i = 0; i < 2; ++i) {
    tables.frequencies[i] = _mm512_loadu_si512(model->frequencies + 16 * i);
    tables.complements[i] = _mm512_loadu_si512(model->complements + 16 * i);
    tables.starts[i] = _mm512_loadu_si512(model->starts + 16 * i);
    tables.reciprocals[i] = _mm512_loadu_ps(model->reciprocals + 16 * i);
  }
  return tables;
}

INLINE __m512i look_up(const __m512i tables[2], __m512i numbers) {
  return _mm512_permutex2var_epi32(tables[0], numbers, tables[1]);
}

// The quotient in binary32 is that of the integers or one less, which the remainder tells.
INLINE __m512i push(const encoder *tables, __m512i states, __m512i numbers, __m512i frequencies) {
  __m512 reciprocals = _mm512_permutex2var_ps(tables->reciprocals[0], numbers, tables->reciprocals[1]);
  __m512i complements = look_up(tables->complements, numbers), starts = look_up(tables->starts, numbers);
  __m512i quotients = _mm512_cvttps_epu32(_mm512_mul_ps(_mm512_cvtepu32_ps(states), reciprocals));
  __m512i pushed = _mm512_add_epi32(states, _mm512_mullo_epi32(quotients, complements));
  __m512i remainders = _mm512_sub_epi32(pushed, _mm512_slli_epi32(quotients, RANS_BITS));
  __mmask16 is_low = _mm512_cmpge_epu32_mask(remainders, frequencies);
  pushed = _mm512_add_epi32(pushed, starts);
  return _mm512_mask_add_epi32(pushed, is_low, pushed, complements);
}

INLINE uint8_t *write_groups(const laminak_rans *model, uint32_t *memory, int pairs, const uint8_t *numbers,
                             size_t groups, uint8_t *words) {
  encoder tables = load_encoder(model);
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
      __m512i low_f = look_up(tables.frequencies, low_numbers), high_f = look_up(tables.frequencies, high_numbers);
      __mmask16 low_emits = _mm512_cmpge_epu32_mask(_mm512_srli_epi32(low, 32 - RANS_BITS), low_f);
      __mmask16 high_emits = _mm512_cmpge_epu32_mask(_mm512_srli_epi32(high, 32 - RANS_BITS), high_f);
      __mmask32 emits = _mm512_kunpackw(high_emits, low_emits);
      __m512i emitted = _mm512_maskz_compress_epi16(emits, _mm512_permutex2var_epi16(low, low_halves, high));
      unsigned count = (unsigned)_mm_popcnt_u32(emits);
      words -= 2 * count;
      _mm512_mask_storeu_epi16(words, _bzhi_u32(~0u, count), emitted);
      low = _mm512_mask_srli_epi32(low, low_emits, low, 16);
      high = _mm512_mask_srli_epi32(high, high_emits, high, 16);
      states[2 * pair] = push(&tables, low, low_numbers, low_f);
      states[2 * pair + 1] = push(&tables, high, high_numbers, high_f);
    }
  }
  for (int i = 0; i < 2 * pairs; ++i) _mm512_storeu_si512(memory + 16 * i, states[i]);
  return words;
}

TARGET static uint8_t *write(const laminak_rans *model, uint32_t *states, unsigned lanes, const uint8_t *numbers,
                             size_t groups, uint8_t *words) {
  switch (lanes) {
    case 32: return write_groups(model, states, 1, numbers, groups, words);
    case 64: return write_groups(model, states, 2, numbers, groups, words);
    case 128: return write_groups(model, states, 4, numbers, groups, words);
    default: return rans_write_portable(model, states, lanes, numbers, groups, words);
  }
}

size_t laminak_avx512_vbmi_rans_encode(const laminak_rans *model, const uint8_t *numbers, size_t count, unsigned lanes,
                                       uint8_t *bytes) {
  return rans_encode_block(write, model, numbers, count, lanes, bytes);
}

// The decoder keeps 32 states as the vector of their upper halves and that of their lower halves, in the order of the
// lanes, so that every step is one of 16-bit words and a refill moves a lower half up and a word in.
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

INLINE __m512i bisect(const decoder *tables, __m512i numbers, __m512i slots, int steps) {
#pragma clang loop unroll(full)
  for (int step = steps - 1; step >= 0; --step) {
    __m512i bounds = _mm512_permutexvar_epi16(numbers, tables->bounds[step]);
    __mmask32 is_beyond = _mm512_cmpge_epu16_mask(slots, bounds);
    numbers = _mm512_mask_add_epi16(numbers, is_beyond, numbers, _mm512_set1_epi16((short)(1 << step)));
  }
  return numbers;
}

INLINE __m512i find(const decoder *tables, __m512i lower, __m512i slots, int steps) {
  if (steps == 5) return bisect(tables, _mm512_setzero_si512(), slots, 5);
  const __mmask64 low_bytes = 0x5555555555555555;
  __m512i numbers = _mm512_maskz_permutex2var_epi8(low_bytes, tables->cells[0], _mm512_srli_epi16(slots, 5),
                                                   tables->cells[1]);
  __m512i places = _mm512_and_si512(_mm512_add_epi16(lower, _mm512_set1_epi16(64)), _mm512_set1_epi16(0xFFF));
  __mmask32 at_edge = _mm512_cmplt_epu16_mask(places, _mm512_set1_epi16(128));
  __m512i edges = _mm512_maskz_permutex2var_epi8(low_bytes, tables->edges[0], places, tables->edges[1]);
  return _mm512_mask_mov_epi16(bisect(tables, numbers, slots, steps), at_edge, edges);
}

// Expanding from memory is slow on some processors, expanding a register is not: keep the compiler from joining them.
INLINE __m512i load_words(const uint8_t *words) {
  __m512i loaded = _mm512_loadu_si512(words);
  __asm__("" : "+v"(loaded));
  return loaded;
}

INLINE rans_progress read_groups(const laminak_rans *model, uint32_t *memory, int pairs, int steps, uint8_t *numbers,
                                 size_t groups, const uint8_t *words, const uint8_t *limit) {
  decoder tables = load_decoder(model);
  __m512i upper[4], lower[4];
  for (int i = 0; i < pairs; ++i) {
    __m512i first = _mm512_loadu_si512(memory + 32 * i), second = _mm512_loadu_si512(memory + 32 * i + 16);
    lower[i] = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(first)),
                                  _mm512_cvtepi32_epi16(second), 1);
    upper[i] = _mm512_inserti64x4(
        _mm512_castsi256_si512(_mm512_cvtepi32_epi16(_mm512_srli_epi32(first, 16))),
        _mm512_cvtepi32_epi16(_mm512_srli_epi32(second, 16)), 1);
  }
  size_t group = 0;
  for (; group < groups && words <= limit; ++group) {
    uint8_t *target = numbers + group * 32 * (size_t)pairs;
#pragma clang loop unroll(full)
    for (int i = 0; i < pairs; ++i) {
      __m512i slots = _mm512_and_si512(lower[i], _mm512_set1_epi16(0xFFF));
      __m512i found = find(&tables, lower[i], slots, steps);
      _mm256_storeu_si256((__m256i *)(target + 32 * i), _mm512_cvtepi16_epi8(found));
      // With the state 2^16 u + 2^12 h + slot and scale 16 f, f * (2^4 u + h) is scale * u + scale * (2^12 h) / 2^16.
      __m512i scales = _mm512_permutexvar_epi16(found, tables.scales);
      __m512i remainders = _mm512_add_epi16(slots, _mm512_permutexvar_epi16(found, tables.offsets));
      __m512i middle = _mm512_mulhi_epu16(scales, _mm512_andnot_si512(_mm512_set1_epi16(0xFFF), lower[i]));
      middle = _mm512_add_epi16(middle, remainders);
      __m512i low = _mm512_add_epi16(_mm512_mullo_epi16(scales, upper[i]), middle);
      __m512i high = _mm512_mulhi_epu16(scales, upper[i]);
      __mmask32 carries = _mm512_cmplt_epu16_mask(low, middle);
      high = _mm512_mask_add_epi16(high, carries, high, _mm512_set1_epi16(1));
      __mmask32 is_small = _mm512_testn_epi16_mask(high, high);
      upper[i] = _mm512_mask_mov_epi16(high, is_small, low);
      lower[i] = _mm512_mask_expand_epi16(low, is_small, load_words(words));
      words += 2 * (unsigned)_mm_popcnt_u32(is_small);
    }
  }
  for (int i = 0; i < pairs; ++i)
    for (int half = 0; half < 2; ++half) {
      __m256i high = half ? _mm512_extracti64x4_epi64(upper[i], 1) : _mm512_castsi512_si256(upper[i]);
      __m256i low = half ? _mm512_extracti64x4_epi64(lower[i], 1) : _mm512_castsi512_si256(lower[i]);
      __m512i wide = _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16);
      _mm512_storeu_si512(memory + 32 * i + 16 * half, _mm512_or_si512(wide, _mm512_cvtepu16_epi32(low)));
    }
  return (rans_progress){words, group};
}

INLINE rans_progress read_pairs(const laminak_rans *model, uint32_t *states, int pairs, uint8_t *numbers, size_t groups,
                                const uint8_t *words, const uint8_t *limit) {
  switch (model->cell_steps) {
    case 0:
    case 1: return read_groups(model, states, pairs, 1, numbers, groups, words, limit);
    case 2: return read_groups(model, states, pairs, 2, numbers, groups, words, limit);
    default: return read_groups(model, states, pairs, 5, numbers, groups, words, limit);
  }
}

TARGET static rans_progress read(const laminak_rans *model, uint32_t *states, unsigned lanes, uint8_t *numbers,
                                 size_t groups, const uint8_t *words, const uint8_t *limit) {
  // A scale of 2^16 fits no word.
  if (model->count > 1) {
    switch (lanes) {
      case 32: return read_pairs(model, states, 1, numbers, groups, words, limit);
      case 64: return read_pairs(model, states, 2, numbers, groups, words, limit);
      case 128: return read_pairs(model, states, 4, numbers, groups, words, limit);
    }
  }
  return rans_read_portable(model, states, lanes, numbers, groups, words, limit);
}

laminak_rans_result laminak_avx512_vbmi_rans_decode(const laminak_rans *model, uint8_t *numbers, size_t count,
                                                    unsigned lanes, const uint8_t *bytes, size_t byte_count,
                                                    size_t *used) {
  return rans_decode_block(read, model, numbers, count, lanes, bytes, byte_count, used);
}
#endif
