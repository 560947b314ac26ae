#include "portable.h"
#pragma STDC FP_CONTRACT OFF

enum { LANES = 8 };

static double total(double *lanes) {
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}

laminak_tally laminak_portable_tally(const float *restrict sent, const float *restrict before,
                                     const float *restrict wanted, size_t count) {
  double norm[LANES] = {0}, change[LANES] = {0}, error[LANES] = {0}, source[LANES] = {0};
  size_t start = 0;
  for (; start + LANES <= count; start += LANES)
    for (int i = 0; i < LANES; ++i) {
      double s = sent[start + i], w = wanted[start + i];
      double c = s - before[start + i], e = s - w;
      norm[i] += s * s;
      change[i] += c * c;
      error[i] += e * e;
      source[i] += w * w;
    }
  for (int i = 0; start + i < count; ++i) {
    double s = sent[start + i], w = wanted[start + i];
    double c = s - before[start + i], e = s - w;
    norm[i] += s * s;
    change[i] += c * c;
    error[i] += e * e;
    source[i] += w * w;
  }
  return (laminak_tally){total(norm), total(change), total(error), total(source)};
}
