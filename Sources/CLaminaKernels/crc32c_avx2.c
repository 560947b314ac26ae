#if defined(__x86_64__)
#include <nmmintrin.h>

#include "avx2.h"

// Every processor of the tier has the instruction, which takes 8 bytes in 3 cycles but can begin one in each.
#define TARGET __attribute__((target("sse4.2")))

enum { STRIPE = 4096 };

/// The product of two polynomials modulo Castagnoli's, bit 31 the coefficient of 1.
static uint32_t product(uint32_t a, uint32_t b) {
  uint32_t sum = 0;
  for (int bit = 31; bit >= 0; --bit) {
    sum ^= b & (0 - (a >> bit & 1));
    b = b >> 1 ^ (0x82F63B78 & (0 - (b & 1)));
  }
  return sum;
}

static inline uint64_t load64(const uint8_t *bytes) {
  uint64_t word;
  __builtin_memcpy(&word, bytes, sizeof word);
  return word;
}

TARGET uint32_t laminak_avx2_crc32c(uint32_t state, const uint8_t *bytes, size_t count) {
  // x to the power of the bits of one stripe and of two: a register before so many zero bytes, multiplied, is the one
  // after them.
  const uint32_t after_one = 0x35D73A62, after_two = 0x28461564;
  for (; count >= 3 * STRIPE; bytes += 3 * STRIPE, count -= 3 * STRIPE) {
    uint64_t first = state, second = 0, third = 0;
    for (size_t i = 0; i < STRIPE; i += 8) {
      first = _mm_crc32_u64(first, load64(bytes + i));
      second = _mm_crc32_u64(second, load64(bytes + STRIPE + i));
      third = _mm_crc32_u64(third, load64(bytes + 2 * STRIPE + i));
    }
    state = product(after_two, (uint32_t)first) ^ product(after_one, (uint32_t)second) ^ (uint32_t)third;
  }
  uint64_t wide = state;
  for (; count >= 8; bytes += 8, count -= 8) wide = _mm_crc32_u64(wide, load64(bytes));
  state = (uint32_t)wide;
  for (; count > 0; ++bytes, --count) state = _mm_crc32_u8(state, *bytes);
  return state;
}
#endif
