#ifndef LAMINA_FETCH_H
#define LAMINA_FETCH_H
#include <stddef.h>
#include <stdint.h>

// Coders go over 4096 coordinates twice: encoders take the norms of a stripe of buckets and then round it, decoders
// unpack a chunk and then add it to sums. While one of the two computes on the cache memory would rest, so that it asks
// for the coordinates that the next stripe or chunk has in the same place.
enum { FETCH_AHEAD = 4096 };

// Where buckets are coded one by one, each comes to memory that no other has asked for, and the processor's own fetching
// ends at every page: ask for what the next bucket of the usual size has in the same place.
enum { FETCH_NEXT = 1024 };

/// Asks for the cache lines of the `count` coordinates that begin `distance` behind `values`, wherever that may be: an
/// address that is not there is no fault.
static inline __attribute__((always_inline)) void laminak_fetch(const float *values, int distance, int count) {
  for (int i = 0; i < count; i += 16)
    __builtin_prefetch((const void *)((uintptr_t)values + sizeof(float) * (size_t)(distance + i)));
}

static inline __attribute__((always_inline)) void laminak_fetch_ahead(const float *values, int count) {
  laminak_fetch(values, FETCH_AHEAD, count);
}

static inline __attribute__((always_inline)) void laminak_fetch_next(const float *values, int count) {
  laminak_fetch(values, FETCH_NEXT, count);
}

#endif
