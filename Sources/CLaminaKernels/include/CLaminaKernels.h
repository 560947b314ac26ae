#ifndef LAMINA_KERNELS_H
#define LAMINA_KERNELS_H
#include <stddef.h>
#include <stdint.h>

// The portable kernels. Each has a readable twin in Swift that it must match bit for bit: LevelRounding for rounding,
// LevelTable for decoding, VerticalPacking for packing. No allocation, no globals, no fused arithmetic.

/// The draws of one bucket, see RoundingStream.
typedef struct laminak_stream {
  uint32_t first_word;
  uint32_t second_word;
  uint32_t low_byte;
} laminak_stream;

/// Rounds the coordinates of one bucket to levels.
///
/// `scale` is the reciprocal of the norm. Levels that begin at 0 are magnitudes, and the sign goes to bit 7 of the
/// symbol; levels that begin at -1 are signed. `gaps[j]` is levels[j + 1] - levels[j]; 2 <= level_count <= 256.
void laminak_round(const float *values, size_t count, float scale, const float *levels, const float *gaps,
                   size_t level_count, laminak_stream stream, uint8_t *symbols);

/// sums[i] += norm * values[symbols[i]], `values` a table of 256.
void laminak_accumulate(const uint8_t *symbols, size_t count, float norm, const float *values, float *sums);

/// Packs blocks of 512 symbols into 16 * width words of 32 bits each, in the byte order of the machine.
///
/// With `has_sign`, bit 7 of a symbol moves to the top bit of its field.
void laminak_pack(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, uint32_t *words);

/// Unpacks what laminak_pack packed and returns the largest index, signs apart.
///
/// With `has_sign`, a zero with a sign counts as index 255.
uint8_t laminak_unpack(const uint32_t *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols);

/// Squared distances in binary64, in 8 lanes that are added in halves.
typedef struct laminak_tally {
  double norm;    // of `sent`
  double change;  // of `sent` from `before`
  double error;   // of `sent` from `wanted`
  double source;  // norm of `wanted`
} laminak_tally;

laminak_tally laminak_tally_of(const float *sent, const float *before, const float *wanted, size_t count);

/// sums[i] += values[i], and sums[i] *= factor.
void laminak_add(const float *values, size_t count, float *sums);
void laminak_scale(float *values, size_t count, float factor);

#endif
