#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi"
#define ROUND laminak_avx512_vbmi_round
#define ROUND_PACK laminak_avx512_vbmi_round_pack
#define CELLS fine
enum { CELL_BITS = 7 };

static inline __attribute__((always_inline, target(TARGET))) void cell_table(const unsigned char *first,
                                                                             __m512i *table) {
  table[0] = _mm512_loadu_si512(first);
  table[1] = _mm512_loadu_si512(first + 64);
}

static inline __attribute__((always_inline, target(TARGET))) __m512i first_intervals(__m512i cell,
                                                                                     const __m512i *table) {
  return _mm512_permutex2var_epi8(table[0], cell, table[1]);
}

// The lower bytes of the 32 words, those of even words first.
static inline __attribute__((always_inline, target(TARGET))) __m256i narrow(__m512i words) {
  __m256i evens = _mm256_setr_epi8(0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60,  //
                                   2, 6, 10, 14, 18, 22, 26, 30, 34, 38, 42, 46, 50, 54, 58, 62);
  return _mm512_castsi512_si256(_mm512_permutexvar_epi8(_mm512_castsi256_si512(evens), words));
}

#include "round_avx512.h"
#endif
