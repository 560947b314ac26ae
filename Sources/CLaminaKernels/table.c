#include "portable.h"

#if defined(__x86_64__)
#include "avx2.h"
#include "avx512.h"
#elif defined(__aarch64__)
#include "neon.h"
#endif

// A table is full: no kernel of it is missing, crc32c apart.
#define LAMINAK_ONE(tier, result, name, parameters) +1
_Static_assert(sizeof(laminak_table) == (1 LAMINAK_ROUNDING(LAMINAK_ONE, ) LAMINAK_VECTORS(LAMINAK_ONE, )
                                             LAMINAK_TALLYING(LAMINAK_ONE, ) LAMINAK_CODING(LAMINAK_ONE, )
                                                 LAMINAK_COUNTING(LAMINAK_ONE, )) *
                                            sizeof(void (*)(void)),
               "Every kernel of laminak_table is in a group of kernel_list.h");

static const laminak_table portable = {
  LAMINAK_ROUNDING(LAMINAK_FILL, portable)
  LAMINAK_VECTORS(LAMINAK_FILL, portable)
  LAMINAK_TALLYING(LAMINAK_FILL, portable)
  LAMINAK_CODING(LAMINAK_FILL, portable)
  LAMINAK_COUNTING(LAMINAK_FILL, portable)
};

#if defined(__x86_64__)
static const laminak_table avx2 = {
  LAMINAK_ROUNDING(LAMINAK_FILL, avx2)
  LAMINAK_VECTORS(LAMINAK_FILL, avx2)
  LAMINAK_TALLYING(LAMINAK_FILL, avx2)
  LAMINAK_CODING(LAMINAK_FILL, avx2)
  LAMINAK_COUNTING(LAMINAK_FILL, portable)
  LAMINAK_CHECKING(LAMINAK_FILL, avx2)
};

static const laminak_table avx512 = {
  LAMINAK_ROUNDING(LAMINAK_FILL, avx512)
  LAMINAK_VECTORS(LAMINAK_FILL, avx512)
  LAMINAK_TALLYING(LAMINAK_FILL, avx512)
  LAMINAK_CODING(LAMINAK_FILL, avx512)
  LAMINAK_COUNTING(LAMINAK_FILL, portable)
  LAMINAK_CHECKING(LAMINAK_FILL, avx2)
};

static const laminak_table avx512_vbmi = {
  LAMINAK_ROUNDING(LAMINAK_FILL, avx512_vbmi)
  LAMINAK_VECTORS(LAMINAK_FILL, avx512)
  LAMINAK_TALLYING(LAMINAK_FILL, avx512)
  LAMINAK_CODING(LAMINAK_FILL, avx512_vbmi)
  LAMINAK_COUNTING(LAMINAK_FILL, portable)
  LAMINAK_CHECKING(LAMINAK_FILL, avx2)
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
  LAMINAK_ROUNDING(LAMINAK_FILL, neon)
  LAMINAK_VECTORS(LAMINAK_FILL, neon)
  LAMINAK_TALLYING(LAMINAK_FILL, portable)
  LAMINAK_CODING(LAMINAK_FILL, portable)
  LAMINAK_COUNTING(LAMINAK_FILL, portable)
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
