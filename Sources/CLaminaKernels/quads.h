#ifndef LAMINA_QUADS_H
#define LAMINA_QUADS_H
#include "CLaminaKernels.h"

// Four lanes in the vectors of the C compiler, which any target has: as many as every register holds.
typedef uint32_t words4 __attribute__((ext_vector_type(4)));
typedef int32_t ints4 __attribute__((ext_vector_type(4)));
typedef float floats4 __attribute__((ext_vector_type(4)));
typedef uint8_t bytes4 __attribute__((ext_vector_type(4)));

// The words of a stream are hashes of multiples of this.
#define LAMINAK_GAMMA 0x9E3779B9u

/// What four words from `index` on are hashes of.
static inline __attribute__((always_inline)) words4 laminak_counters(laminak_stream stream, uint32_t index) {
  return ((words4){0, 1, 2, 3} + index) * LAMINAK_GAMMA + stream.first_word;
}

static inline __attribute__((always_inline)) words4 laminak_hashes(words4 x, words4 second_word) {
  x ^= x >> 16;
  x = x * 0x21F0AAADu + second_word;
  x ^= x >> 15;
  x *= 0xD35A2D97u;
  return x ^ x >> 15;
}

static inline __attribute__((always_inline)) floats4 laminak_four(const float *values) {
  floats4 four;
  __builtin_memcpy(&four, values, sizeof four);
  return four;
}

static inline __attribute__((always_inline)) words4 laminak_four_bytes(const uint8_t *bytes) {
  bytes4 four;
  __builtin_memcpy(&four, bytes, sizeof four);
  return __builtin_convertvector(four, words4);
}

#endif
