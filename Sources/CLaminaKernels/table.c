#include "portable.h"

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
};

static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

#if defined(__aarch64__)
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
};
#endif

const laminak_table *laminak_table_of(laminak_tier tier) {
  switch (tier) {
    case LAMINAK_PORTABLE: return &portable;
#if defined(__x86_64__)
    case LAMINAK_AVX2: return __builtin_cpu_supports("avx2") ? &avx2 : 0;
    case LAMINAK_AVX512: return has_avx512() ? &avx512 : 0;
    case LAMINAK_AVX512_VBMI:
      return has_avx512() && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2")
                 ? &avx512_vbmi
                 : 0;
#endif
#if defined(__aarch64__)
    case LAMINAK_NEON: return &neon;
#endif
    default: return 0;
  }
}
