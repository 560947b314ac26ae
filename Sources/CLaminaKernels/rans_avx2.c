#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2.h"
#include "rans.h"
#pragma STDC FP_CONTRACT OFF

#define TARGET __attribute__((target("avx2,popcnt")))
#define INLINE static inline __attribute__((always_inline)) TARGET

// For every mask of 8 lanes, where lane k finds its own: in the first table, of the values of the lanes in the mask
// that follow one another from lane 0; in the second, of the lanes in the mask so that they fill the upper lanes.
#define RANK(mask, k) __builtin_popcount((mask) & ((1 << (k)) - 1))
#define SPREAD(mask)                                                \
  {RANK(mask, 0), RANK(mask, 1), RANK(mask, 2), RANK(mask, 3), \
   RANK(mask, 4), RANK(mask, 5), RANK(mask, 6), RANK(mask, 7)}
#define HAS(mask, k) ((mask) >> (k) & 1)
// The j-th place from above belongs to the lane k of the mask with j lanes of the mask above it.
#define IS_NTH(mask, k, j) (HAS(mask, k) && __builtin_popcount((mask) >> (k)) == (j) + 1)
#define NTH(mask, j)                                                                                        \
  (IS_NTH(mask, 1, j) * 1 + IS_NTH(mask, 2, j) * 2 + IS_NTH(mask, 3, j) * 3 + IS_NTH(mask, 4, j) * 4 +      \
   IS_NTH(mask, 5, j) * 5 + IS_NTH(mask, 6, j) * 6 + IS_NTH(mask, 7, j) * 7)
#define GATHER(mask) \
  {NTH(mask, 7), NTH(mask, 6), NTH(mask, 5), NTH(mask, 4), NTH(mask, 3), NTH(mask, 2), NTH(mask, 1), NTH(mask, 0)}
#define FOUR(row, mask) row(mask), row((mask) + 1), row((mask) + 2), row((mask) + 3)
#define SIXTEEN(row, mask) FOUR(row, mask), FOUR(row, (mask) + 4), FOUR(row, (mask) + 8), FOUR(row, (mask) + 12)
#define SIXTY_FOUR(row, mask) \
  SIXTEEN(row, mask), SIXTEEN(row, (mask) + 16), SIXTEEN(row, (mask) + 32), SIXTEEN(row, (mask) + 48)
#define ALL(row) SIXTY_FOUR(row, 0), SIXTY_FOUR(row, 64), SIXTY_FOUR(row, 128), SIXTY_FOUR(row, 192)

static const uint8_t spread_places[256][8] = {ALL(SPREAD)};
static const uint8_t upper_places[256][8] = {ALL(GATHER)};

INLINE __m256i places(const uint8_t table[256][8], unsigned mask) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)table[mask]));
}

typedef struct encoder {
  __m256i intervals[4];  // f + c * 2^16
  __m256 reciprocals[4];
} encoder;

INLINE encoder load_encoder(const laminak_rans *model) {
  encoder tables;
  for (int i = 0; i < 4; ++i) {
    __m256i frequencies = _mm256_loadu_si256((const __m256i *)(model->frequencies + 8 * i));
    __m256i starts = _mm256_loadu_si256((const __m256i *)(model->starts + 8 * i));
    tables.intervals[i] = _mm256_or_si256(frequencies, _mm256_slli_epi32(starts, 16));
    tables.reciprocals[i] = _mm256_loadu_ps(model->reciprocals + 8 * i);
  }
  return tables;
}

INLINE __m256 look_up(const __m256 tables[4], __m256i numbers) {
  __m256 bit3 = _mm256_castsi256_ps(_mm256_slli_epi32(numbers, 28));
  __m256 bit4 = _mm256_castsi256_ps(_mm256_slli_epi32(numbers, 27));
  __m256 first = _mm256_blendv_ps(_mm256_permutevar8x32_ps(tables[0], numbers),
                                  _mm256_permutevar8x32_ps(tables[1], numbers), bit3);
  __m256 second = _mm256_blendv_ps(_mm256_permutevar8x32_ps(tables[2], numbers),
                                   _mm256_permutevar8x32_ps(tables[3], numbers), bit3);
  return _mm256_blendv_ps(first, second, bit4);
}

INLINE __m256i look_up_integers(const __m256i tables[4], __m256i numbers) {
  __m256 casts[4];
  for (int i = 0; i < 4; ++i) casts[i] = _mm256_castsi256_ps(tables[i]);
  return _mm256_castps_si256(look_up(casts, numbers));
}

// Of the states as integers without a sign; in two roundings, which the reciprocals allow for.
INLINE __m256 converted(__m256i states) {
  __m256 wrap = _mm256_and_ps(_mm256_castsi256_ps(_mm256_srai_epi32(states, 31)), _mm256_set1_ps(0x1p32f));
  return _mm256_add_ps(_mm256_cvtepi32_ps(states), wrap);
}

/// Codes 8 numbers; the words fill the space below `words` from above.
INLINE uint8_t *write_vector(const encoder *tables, uint32_t *memory, const uint8_t *numbers, uint8_t *words) {
  __m256i state = _mm256_loadu_si256((const __m256i *)memory);
  __m256i taken = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)numbers));
  __m256i intervals = look_up_integers(tables->intervals, taken);
  __m256i frequencies = _mm256_and_si256(intervals, _mm256_set1_epi32(0xFFFF));
  __m256i keeps = _mm256_cmpgt_epi32(frequencies, _mm256_srli_epi32(state, 32 - RANS_BITS));
  unsigned emits = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(keeps)) ^ 0xFF;
  __m256i emitted = _mm256_permutevar8x32_epi32(state, places(upper_places, emits));
  emitted = _mm256_and_si256(emitted, _mm256_set1_epi32(0xFFFF));
  __m128i packed = _mm_packus_epi32(_mm256_castsi256_si128(emitted), _mm256_extracti128_si256(emitted, 1));
  // The states, which come last, leave room below for the words that are not due.
  _mm_storeu_si128((__m128i *)(words - 16), packed);
  state = _mm256_blendv_epi8(_mm256_srli_epi32(state, 16), state, keeps);

  // The quotient in binary32 is that of the integers or one less, which the remainder tells.
  __m256 ratios = _mm256_mul_ps(converted(state), look_up(tables->reciprocals, taken));
  __m256i quotients = _mm256_cvttps_epi32(ratios);
  __m256i complements = _mm256_sub_epi32(_mm256_set1_epi32(1 << RANS_BITS), frequencies);
  __m256i pushed = _mm256_add_epi32(state, _mm256_mullo_epi32(quotients, complements));
  __m256i remainders = _mm256_sub_epi32(pushed, _mm256_slli_epi32(quotients, RANS_BITS));
  __m256i is_right = _mm256_cmpgt_epi32(frequencies, remainders);
  pushed = _mm256_add_epi32(pushed, _mm256_srli_epi32(intervals, 16));
  pushed = _mm256_add_epi32(pushed, _mm256_andnot_si256(is_right, complements));
  _mm256_storeu_si256((__m256i *)memory, pushed);
  return words - 2 * _mm_popcnt_u32(emits);
}

TARGET static uint8_t *write_lanes(const laminak_rans *model, uint32_t *states, unsigned lanes, const uint8_t *numbers,
                                   size_t groups, uint8_t *words) {
  if (lanes < 16) return rans_write_portable(model, states, lanes, numbers, groups, words);
  encoder tables = load_encoder(model);
  while (groups-- > 0) {
    const uint8_t *group = numbers + groups * lanes;
    for (unsigned lane = lanes; lane > 0;) {
      lane -= 8;
      words = write_vector(&tables, states + lane, group + lane, words);
    }
  }
  return words;
}

size_t laminak_avx2_rans_encode(const laminak_rans *model, const uint8_t *numbers, size_t count, unsigned lanes,
                                uint8_t *bytes) {
  return rans_encode_block(write_lanes, model, numbers, count, lanes, bytes);
}

/// Decodes 8 numbers.
INLINE __m256i read_vector(const laminak_rans *model, uint32_t *memory, const uint8_t **words) {
  __m256i state = _mm256_loadu_si256((const __m256i *)memory);
  __m256i places_of_slots = _mm256_and_si256(state, _mm256_set1_epi32((1 << RANS_BITS) - 1));
  __m256i slots = _mm256_i32gather_epi32((const int *)model->slots, places_of_slots, 4);
  __m256i scaled = _mm256_mullo_epi32(_mm256_srli_epi32(slots, 17), _mm256_srli_epi32(state, RANS_BITS));
  __m256i rests = _mm256_and_si256(_mm256_srli_epi32(slots, 5), _mm256_set1_epi32(0xFFF));
  state = _mm256_add_epi32(scaled, rests);
  __m256i is_small = _mm256_cmpeq_epi32(_mm256_srli_epi32(state, 16), _mm256_setzero_si256());
  unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(is_small));
  __m256i loaded = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)*words));
  __m256i refill = _mm256_permutevar8x32_epi32(loaded, places(spread_places, mask));
  refill = _mm256_or_si256(_mm256_slli_epi32(state, 16), refill);
  _mm256_storeu_si256((__m256i *)memory, _mm256_blendv_epi8(state, refill, is_small));
  *words += 2 * _mm_popcnt_u32(mask);
  return _mm256_and_si256(slots, _mm256_set1_epi32(31));
}

TARGET rans_progress rans_read_avx2(const laminak_rans *model, uint32_t *states, unsigned lanes, uint8_t *numbers,
                                    size_t groups, const uint8_t *words, const uint8_t *limit) {
  if (lanes < 16) return rans_read_portable(model, states, lanes, numbers, groups, words, limit);
  size_t group = 0;
  for (; group < groups && words <= limit; ++group) {
    uint8_t *target = numbers + group * lanes;
    for (unsigned lane = 0; lane < lanes; lane += 16) {
      __m256i first = read_vector(model, states + lane, &words);
      __m256i second = read_vector(model, states + lane + 8, &words);
      __m256i both = _mm256_permute4x64_epi64(_mm256_packus_epi32(first, second), 0xD8);
      __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
      _mm_storeu_si128((__m128i *)(target + lane), bytes);
    }
  }
  return (rans_progress){words, group};
}

laminak_rans_result laminak_avx2_rans_decode(const laminak_rans *model, uint8_t *numbers, size_t count, unsigned lanes,
                                             const uint8_t *bytes, size_t byte_count, size_t *used) {
  return rans_decode_block(rans_read_avx2, model, numbers, count, lanes, bytes, byte_count, used);
}
#endif
