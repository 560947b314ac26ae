#pragma once

#include <stdint.h>

// MPI behind functions. Its handles are macros that Swift cannot import, and differ between implementations; each
// function here closes over them. All work on one communicator, between laminam_start and laminam_finish, and block.
// They return MPI's error code, 0 for success; nothing aborts. Built without LAMINA_MPI every function returns
// LAMINAM_UNAVAILABLE, so that the package builds where MPI is absent.

enum {
  LAMINAM_OK = 0,
  LAMINAM_UNAVAILABLE = -1,   // built without MPI, or MPI cannot be called from more than one thread
  LAMINAM_STARTED_TWICE = -2  // MPI starts once in the life of a process, and something started it before
};

/// Starts MPI; tells the rank of this process and the number of processes.
int laminam_start(int *rank, int *world_size);

/// Ends MPI.
int laminam_finish(void);

/// Sends `count` numbers to every rank; `received` takes `count` from each, in rank order.
int laminam_gather_numbers(const int64_t *sent, int count, int64_t *received);

/// Sends `sent[r]` to rank r; `received` takes one number from each, in rank order.
int laminam_exchange_numbers(const int64_t *sent, int64_t *received);

/// Sends `count` bytes to every rank; `received` takes `counts[r]` bytes of rank r at `offsets[r]`.
int laminam_gather_bytes(const uint8_t *sent, int count, uint8_t *received, const int *counts, const int *offsets);

/// Sends `sent_counts[r]` bytes at `sent_offsets[r]` to rank r; receives likewise.
int laminam_exchange_bytes(
    const uint8_t *sent, const int *sent_counts, const int *sent_offsets, uint8_t *received,
    const int *received_counts, const int *received_offsets);

/// Sends `count` bytes of `root` to all others, where `bytes` receives them.
int laminam_broadcast_bytes(uint8_t *bytes, int count, int root);
