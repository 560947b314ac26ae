#ifndef LAMINA_BYTES_H
#define LAMINA_BYTES_H
#include "CLaminaKernels.h"

#if defined(__x86_64__)
uint32_t laminak_avx2_crc32c(uint32_t state, const uint8_t *bytes, size_t count);
#endif

void laminak_portable_histogram(const uint8_t *numbers, size_t count, uint32_t *counts);

#endif
