#include "portable.h"

enum { PAIRS = 1024 };

// Counting pairs takes half the increments, and two tables, taken in turn, spare most waiting for the same counter.
void laminak_portable_histogram(const uint8_t *numbers, size_t count, uint32_t *counts) {
  uint32_t pairs[2][PAIRS] = {{0}};
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    __builtin_memcpy(&word, numbers + i, sizeof word);
    // Of two adjacent numbers, one becomes the low and one the high five bits of a 16-bit field.
    word = (word & 0x001F001F001F001F) | (word >> 3 & 0x03E003E003E003E0);
    ++pairs[0][word & 0xFFFF];
    ++pairs[1][word >> 16 & 0xFFFF];
    ++pairs[0][word >> 32 & 0xFFFF];
    ++pairs[1][word >> 48];
  }
  for (; i < count; ++i) ++counts[numbers[i] & 31];
  for (unsigned pair = 0; pair < PAIRS; ++pair) {
    uint32_t seen = pairs[0][pair] + pairs[1][pair];
    counts[pair & 31] += seen;
    counts[pair >> 5] += seen;
  }
}
