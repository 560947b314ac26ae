#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET "avx512f,avx512bw,avx512vl,avx512dq"
#define ROUND laminak_avx512_round
#define ROUND_PACK laminak_avx512_round_pack
#define CELLS coarse
enum { CELL_BITS = 5 };

static inline __attribute__((always_inline, target(TARGET))) void cell_table(const unsigned char *first,
                                                                             __m512i *table) {
  table[0] = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)first));
  table[1] = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(first + 16)));
}

static inline __attribute__((always_inline, target(TARGET))) __m512i first_intervals(__m512i cell,
                                                                                     const __m512i *table) {
  return _mm512_permutex2var_epi32(table[0], cell, table[1]);
}

// The lower bytes of the 32 words, those of even words first.
static inline __attribute__((always_inline, target(TARGET))) __m256i narrow(__m512i words) {
  __m256i order = _mm256_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15,  //
                                   0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
  return _mm256_permute4x64_epi64(_mm256_shuffle_epi8(_mm512_cvtepi16_epi8(words), order), 0xD8);
}

#include "round_avx512.h"
#endif
