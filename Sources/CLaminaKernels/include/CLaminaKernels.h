#ifndef LAMINA_KERNELS_H
#define LAMINA_KERNELS_H
#include <stddef.h>
#include <stdint.h>

// One table of kernels per instruction set. Each kernel has a readable twin in Swift, named below, that every tier
// matches bit for bit. No allocation, no globals, no fused arithmetic, no alignment asked of any pointer to data.

/// The instruction sets that kernels are written for.
typedef enum laminak_tier {
  LAMINAK_PORTABLE = 0,
  LAMINAK_AVX2 = 1,
  LAMINAK_AVX512 = 2,
  LAMINAK_AVX512_VBMI = 3,
  LAMINAK_NEON = 4,
} laminak_tier;

/// The draws of one bucket, see RoundingStream.
typedef struct laminak_stream {
  uint32_t first_word;
  uint32_t second_word;
  uint32_t low_byte;
} laminak_stream;

/// Squared distances in binary64, in 8 lanes that are added in halves.
typedef struct laminak_tally {
  double norm;    // of `sent`
  double change;  // of `sent` from `before`
  double error;   // of `sent` from `wanted`
  double source;  // norm of `wanted`
} laminak_tally;

/// What `dither` saw on its way.
typedef struct laminak_dithered {
  uint32_t largest;  // the largest bit pattern of |v|
  size_t escapes;    // how many numbers are 0
} laminak_dithered;

typedef struct laminak_table {
  /// Rounds the coordinates of one bucket to levels. Twin: LevelRounding.
  ///
  /// `scale` is the reciprocal of the norm. Levels that begin at 0 are magnitudes, and the sign goes to bit 7 of the
  /// symbol; levels that begin at -1 are signed. `gaps[j]` is levels[j + 1] - levels[j]; 2 <= level_count <= 256.
  void (*round)(const float *values, size_t count, float scale, const float *levels, const float *gaps,
                size_t level_count, laminak_stream stream, uint8_t *symbols);

  /// sums[i] += norm * values[symbols[i]], `values` a table of 256. Twin: LevelTable.
  void (*accumulate)(const uint8_t *symbols, size_t count, float norm, const float *values, float *sums);

  /// Packs blocks of 512 symbols into 16 * width words of 32 bits each, in the byte order of the machine. Twin:
  /// VerticalPacking. With `has_sign`, bit 7 of a symbol moves to the top bit of its field.
  void (*pack)(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, uint32_t *words);

  /// Unpacks what `pack` packed and returns the largest index, signs apart; with `has_sign`, a zero with a sign counts
  /// as index 255.
  uint8_t (*unpack)(const uint32_t *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols);

  /// The distances of three vectors.
  laminak_tally (*tally)(const float *sent, const float *before, const float *wanted, size_t count);

  /// sums[i] += values[i], and values[i] *= factor.
  void (*add)(const float *values, size_t count, float *sums);
  void (*scale)(float *values, size_t count, float factor);

  /// Quantizes the coordinates of one bucket with the dither of its stream. Twin: DitherRounding.
  ///
  /// q = floor(value * reciprocal + draw); the number is (q >> raw_bits) + 16 where that is 1...31, else 0, an escape.
  /// The raw_bits low bits of q, 0...8, go to `lows`, which is not touched for 0. A q that is no int32 counts as the
  /// smallest one.
  laminak_dithered (*dither)(const float *values, size_t count, float reciprocal, laminak_stream stream,
                             unsigned raw_bits, uint8_t *numbers, uint8_t *lows);

  /// sums[i] += step * (q + 1/2 - draw) for all numbers from 1 to 31; 0 adds nothing. Twin: DitherRounding.
  void (*undither)(const uint8_t *numbers, const uint8_t *lows, size_t count, unsigned raw_bits, float step,
                   laminak_stream stream, float *sums);
} laminak_table;

/// The kernels of `tier`, or NULL where this processor or this build has not got it. Some kernels of a tier may be those
/// of a lower one.
const laminak_table *laminak_table_of(laminak_tier tier);

#endif
