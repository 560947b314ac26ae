#include "CMPIShims.h"

#ifdef LAMINA_MPI

#include <mpi.h>
#include <stddef.h>

// A communicator of our own: no message meets those of other users of MPI in this process.
static MPI_Comm group = MPI_COMM_NULL;

// From here on errors are returned; before, and in MPI_Finalize, they follow the implementation.
static int open_group(int *rank, int *world_size) {
  int code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (code == MPI_SUCCESS) code = MPI_Comm_dup(MPI_COMM_WORLD, &group);
  if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler(group, MPI_ERRORS_RETURN);
  if (code == MPI_SUCCESS) code = MPI_Comm_rank(group, rank);
  if (code == MPI_SUCCESS) code = MPI_Comm_size(group, world_size);
  return code;
}

int laminam_start(int *rank, int *world_size) {
  int initialized = 0, provided = MPI_THREAD_SINGLE;
  int code = MPI_Initialized(&initialized);  // stays true after the end of MPI
  if (code != MPI_SUCCESS) return code;
  if (initialized) return LAMINAM_STARTED_TWICE;
  // One call at a time, but from any thread: a rank may compute on a thread with a deep stack.
  code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  if (code != MPI_SUCCESS) return code;
  code = provided < MPI_THREAD_SERIALIZED ? LAMINAM_UNAVAILABLE : open_group(rank, world_size);
  if (code != LAMINAM_OK) MPI_Finalize();
  return code;
}

int laminam_finish(void) {
  int freed = MPI_Comm_free(&group);
  int finalized = MPI_Finalize();
  return freed != MPI_SUCCESS ? freed : finalized;
}

int laminam_gather_numbers(const int64_t *sent, int count, int64_t *received) {
  return MPI_Allgather(sent, count, MPI_INT64_T, received, count, MPI_INT64_T, group);
}

int laminam_exchange_numbers(const int64_t *sent, int64_t *received) {
  return MPI_Alltoall(sent, 1, MPI_INT64_T, received, 1, MPI_INT64_T, group);
}

int laminam_gather_bytes(const uint8_t *sent, int count, uint8_t *received, const int *counts, const int *offsets) {
  return MPI_Allgatherv(sent, count, MPI_BYTE, received, counts, offsets, MPI_BYTE, group);
}

int laminam_exchange_bytes(
    const uint8_t *sent, const int *sent_counts, const int *sent_offsets, uint8_t *received,
    const int *received_counts, const int *received_offsets) {
  return MPI_Alltoallv(
      sent, sent_counts, sent_offsets, MPI_BYTE, received, received_counts, received_offsets, MPI_BYTE, group);
}

int laminam_broadcast_bytes(uint8_t *bytes, int count, int root) {
  return MPI_Bcast(bytes, count, MPI_BYTE, root, group);
}

#else

int laminam_start(int *rank, int *world_size) {
  (void)rank, (void)world_size;
  return LAMINAM_UNAVAILABLE;
}

int laminam_finish(void) { return LAMINAM_UNAVAILABLE; }

int laminam_gather_numbers(const int64_t *sent, int count, int64_t *received) {
  (void)sent, (void)count, (void)received;
  return LAMINAM_UNAVAILABLE;
}

int laminam_exchange_numbers(const int64_t *sent, int64_t *received) {
  (void)sent, (void)received;
  return LAMINAM_UNAVAILABLE;
}

int laminam_gather_bytes(const uint8_t *sent, int count, uint8_t *received, const int *counts, const int *offsets) {
  (void)sent, (void)count, (void)received, (void)counts, (void)offsets;
  return LAMINAM_UNAVAILABLE;
}

int laminam_exchange_bytes(
    const uint8_t *sent, const int *sent_counts, const int *sent_offsets, uint8_t *received,
    const int *received_counts, const int *received_offsets) {
  (void)sent, (void)sent_counts, (void)sent_offsets, (void)received, (void)received_counts, (void)received_offsets;
  return LAMINAM_UNAVAILABLE;
}

int laminam_broadcast_bytes(uint8_t *bytes, int count, int root) {
  (void)bytes, (void)count, (void)root;
  return LAMINAM_UNAVAILABLE;
}

#endif
