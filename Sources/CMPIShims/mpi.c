#include "CMPIShims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef LAMINA_MPI

#include <mpi.h>

// A communicator of our own: no message meets those of other users of MPI in this process.
static MPI_Comm group = MPI_COMM_NULL;

// The messages under way, in the order in which they were posted, and room to say which are done.
static int pending, room;
static MPI_Request *requests;
static int64_t *tokens;
static int *done;
static MPI_Status *statuses;
static laminam_event *events;

static void *larger(void *array, size_t count, size_t size, int *code) {
  void *moved = realloc(array, count * size);
  if (!moved) *code = LAMINAM_NO_MEMORY;
  return moved ? moved : array;
}

static int make_room(void) {
  if (pending < room) return LAMINAM_OK;
  int code = LAMINAM_OK;
  size_t count = 2 * (size_t)room + 64;
  requests = larger(requests, count, sizeof *requests, &code);
  tokens = larger(tokens, count, sizeof *tokens, &code);
  done = larger(done, count, sizeof *done, &code);
  statuses = larger(statuses, count, sizeof *statuses, &code);
  events = larger(events, count, sizeof *events, &code);
  if (code == LAMINAM_OK) room = (int)count;
  return code;
}

// From here on errors are returned; before, and in MPI_Finalize, they follow the implementation.
static int open_group(int *rank, int *world_size) {
  int code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (code == MPI_SUCCESS) code = MPI_Comm_dup(MPI_COMM_WORLD, &group);
  if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler(group, MPI_ERRORS_RETURN);
  if (code == MPI_SUCCESS) code = MPI_Comm_rank(group, rank);
  if (code == MPI_SUCCESS) code = MPI_Comm_size(group, world_size);
  return code;
}

// Opens the way to every peer, from the lower rank to the higher: two processes that open one towards each other at the
// same time can fail to, over Open MPI's TCP.
static int meet_all(int rank, int world_size) {
  int code = MPI_SUCCESS;
  char byte = 0;
  for (int peer = 0; peer < world_size && code == MPI_SUCCESS; peer++) {
    if (peer == rank) continue;
    if (rank < peer) code = MPI_Send(&byte, 1, MPI_BYTE, peer, 0, group);
    if (code == MPI_SUCCESS) code = MPI_Recv(&byte, 1, MPI_BYTE, peer, 0, group, MPI_STATUS_IGNORE);
    if (code == MPI_SUCCESS && rank > peer) code = MPI_Send(&byte, 1, MPI_BYTE, peer, 0, group);
  }
  return code;
}

int laminam_start(int *rank, int *world_size) {
  int initialized = 0, provided = MPI_THREAD_SINGLE;
  int code = MPI_Initialized(&initialized);  // stays true after the end of MPI
  if (code != MPI_SUCCESS) return code;
  if (initialized) return LAMINAM_STARTED_TWICE;
  // One call at a time, but from any thread: messages move while the worker computes.
  code = MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
  if (code != MPI_SUCCESS) return code;
  code = provided < MPI_THREAD_SERIALIZED ? LAMINAM_UNAVAILABLE : open_group(rank, world_size);
  if (code == LAMINAM_OK) code = meet_all(*rank, *world_size);
  if (code != LAMINAM_OK) MPI_Finalize();
  return code;
}

int laminam_neighbours(int *count) {
  MPI_Comm machine = MPI_COMM_NULL;
  int code = MPI_Comm_split_type(group, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  if (code == MPI_SUCCESS) code = MPI_Comm_size(machine, count);
  if (code == MPI_SUCCESS) code = MPI_Comm_free(&machine);
  return code;
}

int laminam_finish(void) {
  int freed = MPI_Comm_free(&group);
  int finalized = MPI_Finalize();
  free(requests), free(tokens), free(done), free(statuses), free(events);
  requests = NULL, tokens = NULL, done = NULL, statuses = NULL, events = NULL, room = 0;
  return freed != MPI_SUCCESS ? freed : finalized;
}

static void end_all(void) {
  fflush(NULL);  // MPI_Abort may not come back to do it
  MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
}

void laminam_abandon(void) { atexit(end_all); }

void laminam_abort(void) {
  end_all();
  _Exit(EXIT_FAILURE);
}

int laminam_send(const uint8_t *bytes, int count, int peer, int tag, int64_t token) {
  int code = make_room();
  if (code != LAMINAM_OK) return code;
  code = MPI_Isend(bytes, count, MPI_BYTE, peer, tag, group, &requests[pending]);
  if (code == MPI_SUCCESS) tokens[pending++] = token;
  return code;
}

int laminam_receive(uint8_t *bytes, int count, int peer, int tag, int64_t token) {
  int code = make_room();
  if (code != LAMINAM_OK) return code;
  code = MPI_Irecv(bytes, count, MPI_BYTE, peer, tag, group, &requests[pending]);
  if (code == MPI_SUCCESS) tokens[pending++] = token;
  return code;
}

// The error of the first message that failed, where MPI_Testsome says that some did.
static int first_error(int code, int found) {
  if (code != MPI_ERR_IN_STATUS) return code;
  for (int i = 0; i < found; i++)
    if (statuses[i].MPI_ERROR != MPI_SUCCESS && statuses[i].MPI_ERROR != MPI_ERR_PENDING) return statuses[i].MPI_ERROR;
  return code;
}

int laminam_poll(const laminam_event **done_events, int *count) {
  int found = 0;
  *done_events = events;
  *count = 0;
  if (pending == 0) return LAMINAM_OK;
  int code = MPI_Testsome(pending, requests, &found, done, statuses);
  if (code != MPI_SUCCESS) return first_error(code, found);
  if (found == MPI_UNDEFINED || found == 0) return LAMINAM_OK;
  for (int i = 0; i < found; i++) {
    int received = 0;
    MPI_Get_count(&statuses[i], MPI_BYTE, &received);
    events[i] = (laminam_event){.token = tokens[done[i]], .count = received};
  }
  *count = found;
  int kept = 0;
  for (int i = 0; i < pending; i++) {
    if (requests[i] == MPI_REQUEST_NULL) continue;
    requests[kept] = requests[i];
    tokens[kept++] = tokens[i];
  }
  pending = kept;
  return LAMINAM_OK;
}

int laminam_pending(void) { return pending; }

void laminam_explain(int code, char *text, int capacity) {
  char long_text[MPI_MAX_ERROR_STRING + 1] = "";
  int length = 0;
  if (code == LAMINAM_NO_MEMORY)
    strcpy(long_text, "out of memory");
  else if (MPI_Error_string(code, long_text, &length) != MPI_SUCCESS)
    strcpy(long_text, "unknown");
  snprintf(text, (size_t)capacity, "%s", long_text);
}

int laminam_add_up(float *values, int count) {
  return MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, group);
}

#else

int laminam_start(int *rank, int *world_size) {
  (void)rank, (void)world_size;
  return LAMINAM_UNAVAILABLE;
}

int laminam_neighbours(int *count) {
  (void)count;
  return LAMINAM_UNAVAILABLE;
}

int laminam_finish(void) { return LAMINAM_UNAVAILABLE; }

void laminam_abandon(void) {}

void laminam_abort(void) { abort(); }

int laminam_send(const uint8_t *bytes, int count, int peer, int tag, int64_t token) {
  (void)bytes, (void)count, (void)peer, (void)tag, (void)token;
  return LAMINAM_UNAVAILABLE;
}

int laminam_receive(uint8_t *bytes, int count, int peer, int tag, int64_t token) {
  (void)bytes, (void)count, (void)peer, (void)tag, (void)token;
  return LAMINAM_UNAVAILABLE;
}

int laminam_poll(const laminam_event **done_events, int *count) {
  *done_events = NULL;
  *count = 0;
  return LAMINAM_UNAVAILABLE;
}

int laminam_pending(void) { return 0; }

void laminam_explain(int code, char *text, int capacity) {
  (void)code;
  snprintf(text, (size_t)capacity, "no MPI in this build");
}

int laminam_add_up(float *values, int count) {
  (void)values, (void)count;
  return LAMINAM_UNAVAILABLE;
}

#endif
