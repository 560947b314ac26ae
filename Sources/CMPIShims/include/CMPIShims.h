#pragma once

#include <stdint.h>

// MPI behind functions. Its handles are macros that Swift cannot import, and differ between implementations; each
// function here closes over them. All work on one communicator, between laminam_start and laminam_finish, and none of
// them waits for another process, except these two, laminam_add_up and laminam_neighbours. They return MPI's error code,
// 0 for success; nothing aborts. One thread at a time may call, any thread. Built without LAMINA_MPI every function
// returns LAMINAM_UNAVAILABLE, so that the package builds where MPI is absent.

enum {
  LAMINAM_OK = 0,
  LAMINAM_UNAVAILABLE = -1,    // built without MPI, or MPI cannot be called from more than one thread
  LAMINAM_STARTED_TWICE = -2,  // MPI starts once in the life of a process, and something started it before
  LAMINAM_NO_MEMORY = -3
};

/// A message that has been sent or received.
typedef struct {
  int64_t token;  // what it was posted with
  int64_t count;  // the bytes received; of a sent message without meaning
} laminam_event;

/// Starts MPI; tells the rank of this process and the number of processes.
int laminam_start(int *rank, int *world_size);

/// Tells how many of the processes, this one included, share this machine; all must ask.
int laminam_neighbours(int *count);

/// Ends MPI. Nothing may be under way.
int laminam_finish(void);

/// Lets the exit of this process end all others too, in place of laminam_finish, which could wait for ever.
void laminam_abandon(void);

/// Ends this process and all others now.
_Noreturn void laminam_abort(void);

/// Starts to send `count` bytes to `peer`; they stay where they are until laminam_poll gives `token` back.
int laminam_send(const uint8_t *bytes, int count, int peer, int tag, int64_t token);

/// Starts to receive at most `count` bytes from `peer`; the same holds. Messages of a peer with the same tag come in
/// the order in which it sent them.
int laminam_receive(uint8_t *bytes, int count, int peer, int tag, int64_t token);

/// Moves messages on, and tells which are done; the list is good until the next call of any function here.
int laminam_poll(const laminam_event **events, int *count);

/// Adds up `count` numbers over all processes, in the library's own way; waits for all. Nothing else may be under way.
int laminam_add_up(float *values, int count);

/// How many messages are under way.
int laminam_pending(void);

/// Writes MPI's text for an error code, at most `capacity` bytes with the final 0.
void laminam_explain(int code, char *text, int capacity);
