#ifndef LAMINA_RANS_H
#define LAMINA_RANS_H
#include "CLaminaKernels.h"

enum { RANS_BITS = 12, RANS_FLOOR = 1 << 16, RANS_LANES = 128 };

struct laminak_rans {
  uint32_t frequencies[32];  // f; 0 for numbers the code has not got
  uint32_t complements[32];  // 2^12 - f
  uint32_t starts[32];       // c, the cumulative frequency
  uint64_t divisors[32];     // 2^44/f, rounded up: x * divisor / 2^44 is x/f, exactly, for x < f * 2^20
  float reciprocals[32];     // a little below 1/f
  uint16_t scales[32];       // 16 f; 0 where that is 2^16
  uint16_t offsets[32];      // -c
  uint16_t bounds[5][32];    // [k][n]: the start of number n + 2^k, 2^16 - 1 where there is none
  uint8_t cells[128];        // the number of slot 32 i
  uint8_t edges[128];        // the number of slot (i - 64) mod 2^12
  uint32_t cell_steps;       // how many bisections find a number from that of its cell, slots of `edges` apart
  uint32_t count;            // the number of numbers
  uint32_t slots[4096];      // f * 2^17 + (slot - c) * 2^5 + number
};

// A tier supplies the loops over whole groups of one symbol per lane; what surrounds them is common to all.

/// Takes the symbols of `groups` groups from last to first, writes words downwards from `words`, returns the lowest.
typedef uint8_t *(*rans_writer)(const laminak_rans *model, uint32_t *states, unsigned lanes, const uint8_t *numbers,
                                size_t groups, uint8_t *words);

typedef struct rans_progress {
  const uint8_t *words;
  size_t groups;
} rans_progress;

/// Decodes groups while some are left and `words` is at most `limit`, at which a word for every lane may be read.
typedef rans_progress (*rans_reader)(const laminak_rans *model, uint32_t *states, unsigned lanes, uint8_t *numbers,
                                     size_t groups, const uint8_t *words, const uint8_t *limit);

size_t rans_encode_block(rans_writer writer, const laminak_rans *model, const uint8_t *numbers, size_t count,
                         unsigned lanes, uint8_t *bytes);
laminak_rans_result rans_decode_block(rans_reader reader, const laminak_rans *model, uint8_t *numbers, size_t count,
                                      unsigned lanes, const uint8_t *bytes, size_t byte_count, size_t *used);

uint8_t *rans_write_portable(const laminak_rans *model, uint32_t *states, unsigned lanes, const uint8_t *numbers,
                             size_t groups, uint8_t *words);
rans_progress rans_read_portable(const laminak_rans *model, uint32_t *states, unsigned lanes, uint8_t *numbers,
                                 size_t groups, const uint8_t *words, const uint8_t *limit);

#if defined(__x86_64__)
rans_progress rans_read_avx2(const laminak_rans *model, uint32_t *states, unsigned lanes, uint8_t *numbers,
                             size_t groups, const uint8_t *words, const uint8_t *limit);
#endif

#endif
