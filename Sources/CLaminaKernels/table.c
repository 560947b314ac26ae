#include "bytes.h"
#include "dither.h"
#include "portable.h"
#include "rans.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx512.h"
#elif defined(__aarch64__)
#include "neon.h"
#endif

static const laminak_table portable = {
  .round = laminak_portable_round,
  .round_pack = laminak_portable_round_pack,
  .accumulate = laminak_portable_accumulate,
  .decode = laminak_portable_decode,
  .pack = laminak_portable_pack,
  .unpack = laminak_portable_unpack,
  .largest = laminak_portable_largest,
  .sum_of_magnitudes = laminak_portable_sum_of_magnitudes,
  .sum_of_squares = laminak_portable_sum_of_squares,
  .tally = laminak_portable_tally,
  .add = laminak_portable_add,
  .scale = laminak_portable_scale,
  .dither = laminak_portable_dither,
  .undither = laminak_portable_undither,
  .rans_encode = laminak_portable_rans_encode,
  .rans_decode = laminak_portable_rans_decode,
  .histogram = laminak_portable_histogram,
};

#if defined(__x86_64__)
static const laminak_table avx2 = {
  .round = laminak_avx2_round,
  .round_pack = laminak_avx2_round_pack,
  .accumulate = laminak_avx2_accumulate,
  .decode = laminak_avx2_decode,
  .pack = laminak_avx2_pack,
  .unpack = laminak_avx2_unpack,
  .largest = laminak_avx2_largest,
  .sum_of_magnitudes = laminak_avx2_sum_of_magnitudes,
  .sum_of_squares = laminak_avx2_sum_of_squares,
  .tally = laminak_avx2_tally,
  .add = laminak_avx2_add,
  .scale = laminak_avx2_scale,
  .dither = laminak_avx2_dither,
  .undither = laminak_avx2_undither,
  .rans_encode = laminak_avx2_rans_encode,
  .rans_decode = laminak_avx2_rans_decode,
  .histogram = laminak_portable_histogram,
  .crc32c = laminak_avx2_crc32c,
};

static const laminak_table avx512 = {
  .round = laminak_avx512_round,
  .round_pack = laminak_avx512_round_pack,
  .accumulate = laminak_avx512_accumulate,
  .decode = laminak_avx512_decode,
  .pack = laminak_avx512_pack,
  .unpack = laminak_avx512_unpack,
  .largest = laminak_avx512_largest,
  .sum_of_magnitudes = laminak_avx512_sum_of_magnitudes,
  .sum_of_squares = laminak_avx512_sum_of_squares,
  .tally = laminak_avx512_tally,
  .add = laminak_avx512_add,
  .scale = laminak_avx512_scale,
  .dither = laminak_avx512_dither,
  .undither = laminak_avx512_undither,
  .rans_encode = laminak_avx512_rans_encode,
  .rans_decode = laminak_avx512_rans_decode,
  .histogram = laminak_portable_histogram,
  .crc32c = laminak_avx2_crc32c,
};

static const laminak_table avx512_vbmi = {
  .round = laminak_avx512_vbmi_round,
  .round_pack = laminak_avx512_vbmi_round_pack,
  .accumulate = laminak_avx512_accumulate,
  .decode = laminak_avx512_decode,
  .pack = laminak_avx512_pack,
  .unpack = laminak_avx512_unpack,
  .largest = laminak_avx512_largest,
  .sum_of_magnitudes = laminak_avx512_sum_of_magnitudes,
  .sum_of_squares = laminak_avx512_sum_of_squares,
  .tally = laminak_avx512_tally,
  .add = laminak_avx512_add,
  .scale = laminak_avx512_scale,
  .dither = laminak_avx512_dither,
  .undither = laminak_avx512_undither,
  .rans_encode = laminak_avx512_vbmi_rans_encode,
  .rans_decode = laminak_avx512_vbmi_rans_decode,
  .histogram = laminak_portable_histogram,
  .crc32c = laminak_avx2_crc32c,
};

static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("sse4.2") &&
         __builtin_cpu_supports("popcnt");
}

static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}

static int has_avx512_vbmi(void) {
  return has_avx512() && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
}
#elif defined(__aarch64__)
static const laminak_table neon = {
  .round = laminak_neon_round,
  .round_pack = laminak_neon_round_pack,
  .accumulate = laminak_neon_accumulate,
  .decode = laminak_neon_decode,
  .pack = laminak_neon_pack,
  .unpack = laminak_neon_unpack,
  .largest = laminak_neon_largest,
  .sum_of_magnitudes = laminak_neon_sum_of_magnitudes,
  .sum_of_squares = laminak_neon_sum_of_squares,
  .tally = laminak_portable_tally,
  .add = laminak_neon_add,
  .scale = laminak_neon_scale,
  .dither = laminak_neon_dither,
  .undither = laminak_neon_undither,
  .rans_encode = laminak_portable_rans_encode,
  .rans_decode = laminak_portable_rans_decode,
  .histogram = laminak_portable_histogram,
};
#endif

const laminak_table *laminak_table_of(laminak_tier tier) {
  switch (tier) {
    case LAMINAK_PORTABLE: return &portable;
#if defined(__x86_64__)
    case LAMINAK_AVX2: return has_avx2() ? &avx2 : 0;
    case LAMINAK_AVX512: return has_avx512() ? &avx512 : 0;
    case LAMINAK_AVX512_VBMI: return has_avx512_vbmi() ? &avx512_vbmi : 0;
#elif defined(__aarch64__)
    case LAMINAK_NEON: return &neon;
#endif
    default: return 0;
  }
}

const char *laminak_compiler(void) { return __VERSION__; }
