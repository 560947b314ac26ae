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

/// A table from the leading bits of a magnitude plus an offset to the first interval that it may lie in.
typedef struct laminak_cells {
  float offset;           // added to the magnitude, so that cells near 0 are as narrow as the levels ask
  uint32_t shift;         // of the bit pattern of the sum; its low bits are then the cell
  uint32_t steps;         // halving steps from the first interval to the last of the most crowded cell
  uint8_t first[128];     // the sign of a signed level is the highest bit of a cell
} laminak_cells;

/// Levels with the tables that kernels find them by, prepared once for many buckets.
typedef struct laminak_levels {
  float levels[384];      // behind the last but one: infinity, which nothing reaches
  float gaps[256];        // gaps[j] = levels[j + 1] - levels[j]
  float values[256];      // the decoded value of every symbol
  float halvings[6][8];   // [i]: the levels at the odd multiples of 16 >> i below 32; [5] goes on from [4]
  uint32_t count;         // 2 to 256
  uint32_t is_signed;     // the levels begin at -1; else at 0, and bit 7 of a symbol is the sign
  float uniform_factor;   // intervals per unit where the levels are equally spaced, else 0
  float uniform_origin;   // the place of 0 among the intervals
  uint32_t margin;        // how near to a multiple of 65536 uniform kernels leave a sum undecided: a power of 2
  laminak_cells fine;     // cells in 7 bits
  laminak_cells coarse;   // cells in 5 bits
} laminak_levels;

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

/// The tables of a rANS code of up to 32 numbers and a total frequency of 2^12.
typedef struct laminak_rans laminak_rans;

/// What became of decoding.
typedef enum laminak_rans_result {
  LAMINAK_RANS_DONE = 0,
  LAMINAK_RANS_TRUNCATED = 1,  // the bytes ended
  LAMINAK_RANS_BAD_START = 2,  // a lane began below 2^16
  LAMINAK_RANS_BAD_END = 3,    // a lane did not end at 2^16
} laminak_rans_result;

typedef struct laminak_table {
  /// Rounds the coordinates of one bucket to levels. Twin: LevelRounding. `scale` is the reciprocal of the norm.
  void (*round)(const float *values, size_t count, float scale, const laminak_levels *levels, laminak_stream stream,
                uint8_t *symbols);

  /// `round` and `pack` in one for blocks of 512 coordinates, with a sign where the levels have none.
  void (*round_pack)(const float *values, size_t blocks, float scale, const laminak_levels *levels,
                     laminak_stream stream, unsigned width, void *words);

  /// sums[i] += norm * levels.values[symbols[i]], for symbols of these levels only. Twin: LevelTable.
  void (*accumulate)(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, float *sums);

  /// sums[i] = 0 + norm * levels.values[symbols[i]]: what `accumulate` makes of zeros.
  void (*decode)(const uint8_t *symbols, size_t count, float norm, const laminak_levels *levels, float *sums);

  /// Packs blocks of 512 symbols into 16 * width words of 32 bits each, little endian. Twin: VerticalPacking.
  /// With `has_sign`, bit 7 of a symbol moves to the top bit of its field.
  void (*pack)(const uint8_t *symbols, size_t blocks, unsigned width, int has_sign, void *words);

  /// Unpacks what `pack` packed and returns the largest index, signs apart; with `has_sign`, a zero with a sign counts
  /// as index 255.
  uint8_t (*unpack)(const void *words, size_t blocks, unsigned width, int has_sign, uint8_t *symbols);

  /// The largest bit pattern of a magnitude: NaN is above infinity, and infinity above all numbers. Twin: Norm.
  uint32_t (*largest)(const float *values, size_t count);

  /// Sums of magnitudes and of squares in binary64, in 16 lanes that are added in halves. Twin: Norm.
  double (*sum_of_magnitudes)(const float *values, size_t count);
  double (*sum_of_squares)(const float *values, size_t count);

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

  /// Codes one block of numbers that the model has. Twin: RANSTables.
  ///
  /// lanes is a power of two up to 128. The block is written to the end of `bytes`, which has room for
  /// 4 * lanes + 2 * count of them; returns how many there are.
  size_t (*rans_encode)(const laminak_rans *model, const uint8_t *numbers, size_t count, unsigned lanes,
                        uint8_t *bytes);

  /// Decodes one block, from any bytes, and says how many it used if it is done or has a bad end.
  laminak_rans_result (*rans_decode)(const laminak_rans *model, uint8_t *numbers, size_t count, unsigned lanes,
                                     const uint8_t *bytes, size_t byte_count, size_t *used);

  /// Adds to 32 counts how often each number appears; the numbers are below 32, the count below 2^32.
  void (*histogram)(const uint8_t *numbers, size_t count, uint32_t *counts);

  /// The register of the cyclic redundancy check CRC-32C after `bytes`, NULL where no instruction helps. Twin: CRC32C.
  uint32_t (*crc32c)(uint32_t state, const uint8_t *bytes, size_t count);
} laminak_table;

/// The bytes of a laminak_rans, which is to be aligned to 8.
size_t laminak_rans_size(void);

/// Makes the tables for `count` positive frequencies, 1...32, that sum to 2^12.
void laminak_rans_prepare(laminak_rans *model, const uint16_t *frequencies, size_t count);

/// Prepares `count` levels: 2 to 128 from 0, or 2 to 256 from -1, strictly increasing to 1.
void laminak_prepare(const float *levels, size_t count, laminak_levels *prepared);

/// The compiler, in its own words.
const char *laminak_compiler(void);

/// The kernels of `tier`, or NULL where this processor or this build has not got it. Some kernels of a tier may be those
/// of a lower one.
const laminak_table *laminak_table_of(laminak_tier tier);

#endif
