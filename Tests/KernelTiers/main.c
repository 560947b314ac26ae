// Compares the kernels of every tier that this processor has with the portable ones, bit for bit. The portable ones are
// compared with their readable twins by the tests of the Swift modules. Compiled and started by scripts/test-neon.sh.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CLaminaKernels.h"

enum { MOST = 4096 + 64 };

static const size_t sizes[] = {0,  1,  2,   3,   7,   8,   15,  16,   17,   31,   32,   33,  47,
                               63, 64, 65, 127, 255, 511, 512, 513, 1023, 1024, 1025, 2065, 4096};
enum { SIZES = sizeof sizes / sizeof *sizes };

static uint64_t state = 42;

static uint32_t random_bits(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  uint32_t x = (uint32_t)(state >> 32);
  return x ^ x >> 15;
}

static float random_unit(void) { return (float)(random_bits() >> 8) * 0x1p-24f; }

static void fail(const char *what, int tier, const char *detail, size_t size) {
  printf("tier %d differs from the portable one: %s, %s, %zu elements\n", tier, what, detail, size);
  exit(1);
}

static void check(int is_same, const char *what, int tier, const char *detail, size_t size) {
  if (!is_same) fail(what, tier, detail, size);
}

// Vectors

enum { VECTORS = 9 };
static const char *vector_names[VECTORS] = {"uniform", "wide", "special", "random bits", "zeros", "near the grid",
                                            "levels", "tiny", "large"};

static float near_grid(void) {
  float grid[] = {15, 7, 127, 255, 31, 1, 3};
  float s = grid[random_bits() % 7], value = (float)(random_bits() % ((unsigned)s + 1)) / s;
  for (unsigned i = random_bits() % 3; i > 0; --i) value = nextafterf(value, random_bits() & 1 ? 2 : -2);
  return random_bits() & 1 ? -value : value;
}

static float of_vector(int vector, const float *levels, size_t count) {
  static const float special[] = {0, -0.0f, INFINITY, -INFINITY, NAN, -NAN, 0x1p-149f, -0x1p-149f, 0x1.fffffep127f,
                                  1, -1, 0x1.fffffep-1f, 0x1.000002p0f, -0x1.000002p0f};
  float value;
  uint32_t bits;
  switch (vector) {
    case 0: return 2 * random_unit() - 1;
    case 1: return ldexpf(2 * random_unit() - 1, -(int)(random_bits() % 40));
    case 2: return special[random_bits() % (sizeof special / sizeof *special)];
    case 3:
      bits = random_bits();
      memcpy(&value, &bits, sizeof value);
      return value;
    case 4: return random_bits() & 1 ? 0 : -0.0f;
    case 5: return near_grid();
    case 6:
      value = levels[random_bits() % count];
      for (unsigned i = random_bits() % 3; i > 0; --i) value = nextafterf(value, random_bits() & 1 ? 2 : -2);
      return random_bits() & 1 ? -value : value;
    case 7: return ldexpf(2 * random_unit() - 1, -130);
    default: return 8 * random_unit() - 4;
  }
}

// Levels

enum { FAMILIES = 8 };
static const char *family_names[FAMILIES] = {"uniform", "power", "exponential", "random", "signed uniform",
                                             "signed power", "signed random", "mirrored"};

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static int is_signed_family(int family) { return family >= 4; }

// Fills `levels`; returns 0 where the family has no sequence of `count`.
static int make_levels(int family, size_t count, float *levels) {
  if (!is_signed_family(family) && count > 128) return 0;
  float last = (float)(count - 1);
  for (size_t j = 0; j < count; ++j) {
    float t = (float)j / last, s = 2 * t - 1;
    switch (family) {
      case 0: levels[j] = t; break;
      case 1: levels[j] = powf(t, 1.7f); break;
      case 2: levels[j] = j == 0 ? 0 : powf(count > 60 ? 0.85f : 0.5f, last - (float)j); break;
      case 3: levels[j] = random_unit(); break;
      case 4: levels[j] = (float)(-1 + 2 * (double)j / (double)(count - 1)); break;
      case 5: levels[j] = copysignf(powf(fabsf(s), 1.7f), s); break;
      case 6: levels[j] = 2 * random_unit() - 1; break;
      default: levels[j] = s < 0 ? -ldexpf(1, -(int)(j / 2)) : ldexpf(1, -(int)((count - 1 - j) / 2)); break;
    }
  }
  levels[0] = is_signed_family(family) ? -1 : 0;
  levels[count - 1] = 1;
  qsort(levels, count, sizeof *levels, ascending);
  for (size_t j = 1; j < count; ++j)
    if (!(levels[j] - levels[j - 1] >= 0x1p-125f)) return 0;
  for (size_t j = 0; j < count; ++j) levels[j] += 0.0f;
  return 1;
}

static unsigned width_of(const laminak_levels *levels) {
  unsigned width = levels->is_signed ? 0 : 1;
  for (uint32_t last = levels->count - 1; last > 0; last >>= 1) ++width;
  return width;
}

// Checks; buffers are offset by a few elements, so that nothing is aligned, and guarded against writing too far.

static float values[MOST], sums[2][MOST];
static uint8_t symbols[2][MOST], unpacked[2][MOST];
static uint32_t words[2][MOST];

static void fill(uint8_t byte) {
  memset(symbols, byte, sizeof symbols);
  memset(unpacked, byte, sizeof unpacked);
  memset(words, byte, sizeof words);
}

static void check_levels(int tier, const laminak_table *kernels, const laminak_levels *levels, size_t size,
                         const char *name) {
  const laminak_table *portable = laminak_table_of(LAMINAK_PORTABLE);
  laminak_stream stream = {random_bits(), random_bits(), random_bits() >> 25 << 1 | 1};
  float scale = random_bits() % 4 == 0 ? ldexpf(1 + random_unit(), (int)(random_bits() % 8) - 4) : 1;
  size_t blocks = size / 512;
  unsigned width = width_of(levels);
  const float *source = values + 1;
  fill(0xA5);
  portable->round(source, size, scale, levels, stream, symbols[0] + 3);
  kernels->round(source, size, scale, levels, stream, symbols[1] + 3);
  check(memcmp(symbols[0], symbols[1], MOST) == 0, "round", tier, name, size);
  portable->pack(symbols[0] + 3, blocks, width, !levels->is_signed, (char *)words[0] + 3);
  kernels->pack(symbols[0] + 3, blocks, width, !levels->is_signed, (char *)words[1] + 3);
  check(memcmp(words[0], words[1], sizeof words[0]) == 0, "pack", tier, name, size);
  kernels->round_pack(source, blocks, scale, levels, stream, width, (char *)words[1] + 3);
  check(memcmp(words[0], words[1], sizeof words[0]) == 0, "round_pack", tier, name, size);
  for (int i = 0; i < 2; ++i)
    for (size_t j = 0; j < MOST; ++j) sums[i][j] = (float)j * 0.25f - 100;
  float norm = ldexpf(1 + random_unit(), (int)(random_bits() % 100) - 50);
  portable->accumulate(symbols[0] + 3, size, norm, levels, sums[0] + 1);
  kernels->accumulate(symbols[0] + 3, size, norm, levels, sums[1] + 1);
  check(memcmp(sums[0], sums[1], sizeof sums[0]) == 0, "accumulate", tier, name, size);
  portable->decode(symbols[0] + 3, size, norm, levels, sums[0] + 1);
  kernels->decode(symbols[0] + 3, size, norm, levels, sums[1] + 1);
  check(memcmp(sums[0], sums[1], sizeof sums[0]) == 0, "decode", tier, name, size);
}

static void check_unpacking(int tier, const laminak_table *kernels, unsigned width, int has_sign) {
  const laminak_table *portable = laminak_table_of(LAMINAK_PORTABLE);
  for (int trial = 0; trial < 12; ++trial) {
    size_t blocks = (size_t)trial % 4;
    fill(0xA5);
    uint32_t mask = trial < 4 ? 0xFFFFFFFF : trial < 8 ? 0x11111111 : 0;
    for (size_t i = 0; i < MOST; ++i) words[0][i] = random_bits() & mask;
    if (trial >= 8) words[0][1 + random_bits() % 400] = 1u << random_bits() % 32;
    uint8_t first = portable->unpack((char *)words[0] + 1, blocks, width, has_sign, unpacked[0] + 5);
    uint8_t second = kernels->unpack((char *)words[0] + 1, blocks, width, has_sign, unpacked[1] + 5);
    check(first == second, "the largest index of unpack", tier, has_sign ? "with signs" : "no signs", width);
    check(memcmp(unpacked[0], unpacked[1], MOST) == 0, "unpack", tier, has_sign ? "with signs" : "no signs", width);
  }
}

static int same_number(double a, double b) { return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)); }

static void check_vector(int tier, const laminak_table *kernels, size_t size, const char *name) {
  const laminak_table *portable = laminak_table_of(LAMINAK_PORTABLE);
  const float *v = values + 1;
  check(portable->largest(v, size) == kernels->largest(v, size), "largest", tier, name, size);
  check(same_number(portable->sum_of_magnitudes(v, size), kernels->sum_of_magnitudes(v, size)), "sum_of_magnitudes",
        tier, name, size);
  check(same_number(portable->sum_of_squares(v, size), kernels->sum_of_squares(v, size)), "sum_of_squares", tier, name,
        size);
  size_t third = size / 3;
  laminak_tally a = portable->tally(v, v + third, v + 2 * third, third);
  laminak_tally b = kernels->tally(v, v + third, v + 2 * third, third);
  check(same_number(a.norm, b.norm) && same_number(a.change, b.change) && same_number(a.error, b.error) &&
            same_number(a.source, b.source),
        "tally", tier, name, size);
  for (int i = 0; i < 2; ++i) {
    for (size_t j = 0; j < MOST; ++j) sums[i][j] = (float)j * 0.25f - 100;
    const laminak_table *table = i == 0 ? portable : kernels;
    table->add(v, size, sums[i] + 1);
    table->scale(sums[i] + 1, size, 0.3f);
  }
  for (size_t j = 0; j < MOST; ++j)
    check(same_number(sums[0][j], sums[1][j]), "add and scale", tier, name, size);
}

static void check_dither(int tier, const laminak_table *kernels, size_t size, const char *name) {
  const laminak_table *portable = laminak_table_of(LAMINAK_PORTABLE);
  laminak_stream stream = {random_bits(), random_bits(), random_bits() >> 25 << 1 | 1};
  unsigned raw_bits = random_bits() % 9;
  float step = ldexpf(1 + random_unit(), random_bits() % 4 == 0 ? -(int)(random_bits() % 149) : -4);
  laminak_dithered seen[2];
  fill(0xA5);
  for (int i = 0; i < 2; ++i) {
    for (size_t j = 0; j < MOST; ++j) sums[i][j] = j % 5 == 0 ? -0.0f : (float)j * 0.25f - 100;
    const laminak_table *table = i == 0 ? portable : kernels;
    seen[i] = table->dither(values + 1, size, 1 / step, stream, raw_bits, symbols[i] + 3, unpacked[i] + 5);
  }
  check(seen[0].largest == seen[1].largest, "the largest magnitude of dither", tier, name, size);
  // Unspecified beyond.
  float largest;
  memcpy(&largest, &seen[0].largest, sizeof largest);
  if (largest * (1 / step) < 0x1p22f) {
    check(seen[0].escapes == seen[1].escapes, "the escapes of dither", tier, name, size);
    check(memcmp(symbols[0], symbols[1], MOST) == 0, "the numbers of dither", tier, name, size);
    check(memcmp(unpacked[0], unpacked[1], MOST) == 0, "the low bits of dither", tier, name, size);
  }
  for (size_t j = 0; j < MOST; ++j) {
    symbols[0][j] = random_bits() % 8 ? random_bits() % 31 + 1 : size % 2;
    unpacked[0][j] = (uint8_t)(random_bits() & ((1u << raw_bits) - 1));
  }
  portable->undither(symbols[0] + 3, unpacked[0] + 5, size, raw_bits, step, stream, sums[0] + 1);
  kernels->undither(symbols[0] + 3, unpacked[0] + 5, size, raw_bits, step, stream, sums[1] + 1);
  check(memcmp(sums[0], sums[1], sizeof sums[0]) == 0, "undither", tier, name, size);
}

static void check_tier(int tier, const laminak_table *kernels, size_t trials) {
  static laminak_levels levels;
  float made[256];
  for (int vector = 0; vector < VECTORS; ++vector)
    for (size_t i = 0; i < SIZES; ++i) {
      for (size_t j = 0; j < MOST; ++j) values[j] = of_vector(vector, made, make_levels(0, 16, made) ? 16 : 0);
      check_vector(tier, kernels, sizes[i], vector_names[vector]);
      for (size_t trial = 0; trial < trials; ++trial) check_dither(tier, kernels, sizes[i], vector_names[vector]);
    }
  for (unsigned width = 1; width <= 8; ++width)
    for (int has_sign = 0; has_sign <= (width > 1); ++has_sign) check_unpacking(tier, kernels, width, has_sign);
  for (int family = 0; family < FAMILIES; ++family)
    for (size_t count = 2; count <= 256; count += count < 36 ? 1 : 13) {
      if (!make_levels(family, count, made)) continue;
      laminak_prepare(made, count, &levels);
      for (size_t trial = 0; trial < trials; ++trial) {
        int vector = (int)(random_bits() % VECTORS);
        for (size_t j = 0; j < MOST; ++j) values[j] = of_vector(vector, made, count);
        char name[100];
        snprintf(name, sizeof name, "%zu %s levels, vector %s", count, family_names[family], vector_names[vector]);
        check_levels(tier, kernels, &levels, sizes[random_bits() % SIZES], name);
      }
    }
}

int main(int argc, char **argv) {
  size_t trials = argc > 1 ? (size_t)strtoul(argv[1], 0, 10) : 20;
  static const char *names[] = {"portable", "avx2", "avx512", "avx512-vbmi", "neon"};
  for (int tier = 1; tier <= LAMINAK_NEON; ++tier) {
    const laminak_table *kernels = laminak_table_of((laminak_tier)tier);
    if (kernels == 0) continue;
    check_tier(tier, kernels, trials);
    printf("the kernels of %s agree with the portable ones\n", names[tier]);
  }
}
