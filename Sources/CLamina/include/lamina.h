/// Lamina from C and from every language that calls C: plans of layers, and the codec that makes and reads the frames
/// of one worker. Documentation/CInterface.md has an example; Documentation/WireFormat.md specifies the bytes.
///
/// Every function may be called from any thread; calls on one handle take turns. Nothing here prints, exits or throws.
/// What a function hands out is owned by the handle that it was asked of, and good until the next call on that handle.
#ifndef LAMINA_H
#define LAMINA_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/// Of this header. A library of another version must not be called: compare with lamina_abi_version() first.
#define LAMINA_ABI_VERSION 1u

/// The version of the library.
uint32_t lamina_abi_version(void);

/// What became of a call. The numbers never change their meaning.
typedef int32_t lamina_status;
enum {
  LAMINA_OK = 0,
  /// A null pointer, a number out of its range, a text that is not UTF-8, a vector of another dimension.
  LAMINA_INVALID_ARGUMENT = 1,
  /// Layers, levels or quantizers that do not make a plan.
  LAMINA_INVALID_PLAN = 2,
  /// Bytes that are no frame or no plan, or were damaged on the way.
  LAMINA_DAMAGED = 3,
  /// A sound frame that is not the one that is due: of another plan, level epoch, step, rank or kind.
  LAMINA_MISMATCH = 4,
  /// A coordinate is NaN or infinite, and the codec was told to stop at those.
  LAMINA_NON_FINITE = 5,
  /// The buffer is too small; nothing was written to it.
  LAMINA_BUFFER_TOO_SMALL = 6,
  /// The transport failed, or another worker did; the exchange is over.
  LAMINA_TRANSPORT_FAILED = 7,
  /// The rest of a vector will not come; the exchange is over.
  LAMINA_ABANDONED = 8,
};

/// Why a call failed: a sentence in UTF-8, ended by a zero byte, empty after success. Every function that can fail takes a
/// place for one as its last argument, which may be null.
typedef struct lamina_error {
  char message[512];
} lamina_error;

// Plans: what workers must agree on before a byte is sent.

/// A named, typed range of coordinates; layers lie one after the other.
typedef struct lamina_layer {
  /// Unique, 1 to 255 bytes of UTF-8.
  const char *name;
  /// The layer type, such as "linear", 1 to 255 bytes; null for the type that the standard rules give the name.
  const char *type;
  /// Coordinates, at least 1.
  uint64_t count;
} lamina_layer;

/// How the layers of a type travel.
typedef int32_t lamina_kind;
enum {
  /// As binary32 numbers.
  LAMINA_EXACT = 0,
  /// Rounded to levels, without bias.
  LAMINA_LEVELS = 1,
  /// Subtractive dither and entropy coding, the step a multiple of the root mean square of the scope.
  LAMINA_DITHERED = 2,
  /// Dither with one step that all workers agreed on, in the unit of the coordinates.
  LAMINA_AGREED = 3,
  /// Rotated at random and rounded to normal centroids.
  LAMINA_ROTATED = 4,
};

/// Which coordinates share a norm or a scale.
typedef int32_t lamina_scope;
enum {
  LAMINA_BUCKET = 0,
  LAMINA_LAYER = 1,
  LAMINA_VECTOR = 2,
};

/// By what the coordinates of a scope are divided before they are rounded to levels.
typedef int32_t lamina_norm;
enum {
  LAMINA_MAX = 0,
  LAMINA_L1 = 1,
  LAMINA_L2 = 2,
};

/// How the symbols of levels are written.
typedef int32_t lamina_code;
enum {
  /// Fields of the least width that holds every level and the sign.
  LAMINA_FIXED_WIDTH = 0,
  LAMINA_ELIAS_GAMMA = 1,
  LAMINA_ELIAS_DELTA = 2,
  LAMINA_ELIAS_OMEGA = 3,
  /// With a table, made for equally frequent levels until lamina_plan_fit makes one for a vector.
  LAMINA_HUFFMAN = 4,
  /// With a table, likewise.
  LAMINA_RANS = 5,
};

/// The quantizer of one layer type. Fields that its kind has no use for are ignored.
typedef struct lamina_quantizer {
  /// The layer type; null for all types without a quantizer of their own.
  const char *type;
  lamina_kind kind;
  /// Of levels and dither.
  lamina_scope scope;
  /// Coordinates of a bucket, 1 to 2^24, where the scope is LAMINA_BUCKET.
  uint32_t bucket_size;
  /// Of levels.
  lamina_norm norm;
  /// Of levels: strictly increasing, from 0 (2 to 128 magnitudes) or from -1 (2 to 256 signed levels) to 1.
  const float *levels;
  uint64_t level_count;
  /// Of dither: the factor of the root mean square, 2^-16 to 2^16, or the agreed step, 2^-100 to 2^100. See
  /// lamina_dithered_step.
  float step;
  /// Of rotation: bits of a coordinate, 1 to 8.
  uint32_t bits;
  /// Of levels.
  lamina_code code;
} lamina_quantizer;

/// The step, in root mean squares, at which a Gaussian vector takes about `bits` a coordinate, and any other fewer; NaN
/// unless 0.5 <= bits <= 16.
float lamina_dithered_step(double bits);

/// Writes the layer type that the standard rules give a parameter by its name, ended by a zero byte; an empty text where
/// they know none. `capacity` of 256 bytes is enough for every type.
lamina_status lamina_layer_type(const char *name, char *type, size_t capacity, lamina_error *error);

typedef struct lamina_plan lamina_plan;

/// A plan.
///
/// Types without a quantizer, and without one for all types, travel exactly, and so do biases and the parameters of
/// normalisation unless a quantizer names their type. `seed` names all draws, the same on every worker.
lamina_status lamina_plan_create(const lamina_layer *layers, size_t layer_count, const lamina_quantizer *quantizers,
                                 size_t quantizer_count, uint64_t seed, lamina_plan **plan, lamina_error *error);

/// The plan that lamina_plan_encode wrote, here or elsewhere.
lamina_status lamina_plan_decode(const uint8_t *bytes, size_t size, lamina_plan **plan, lamina_error *error);

/// Writes the canonical bytes of a plan; `*size` receives their number, also where they do not fit into `capacity`.
lamina_status lamina_plan_encode(const lamina_plan *plan, uint8_t *bytes, size_t capacity, size_t *size,
                                 lamina_error *error);

/// Coordinates of the vector, 0 for a null pointer.
uint64_t lamina_plan_dimension(const lamina_plan *plan);

/// A hash of the canonical bytes, which every frame names, 0 for a null pointer.
uint64_t lamina_plan_digest(const lamina_plan *plan);

void lamina_plan_destroy(lamina_plan *plan);

// Levels that follow from what they are to round.

/// How levels are fitted. Whatever the method, as many levels come out as went in, and of the same form: magnitudes from
/// 0, or signed levels with a zero or without.
typedef int32_t lamina_method;
enum {
  /// The levels stay; only code tables are made.
  LAMINA_FIXED = 0,
  /// Adaptive levels by coordinate descent (ALQ).
  LAMINA_ALQ = 1,
  /// Adaptive levels by projected gradient.
  LAMINA_ALQ_GRADIENT = 2,
  /// Powers of one adaptive multiplier (AMQ), of levels without a zero.
  LAMINA_AMQ = 3,
  /// The same, of levels with a zero.
  LAMINA_AMQ_ZERO = 4,
  /// Those of the least expected error, by dynamic programming.
  LAMINA_OPTIMAL = 5,
  /// The Lloyd-Max centroids, with both ends added.
  LAMINA_LLOYD = 6,
};

/// Fits levels to the coordinates of one layer, divided by the norms of their buckets; a bucket counts by its squared
/// norm, and not at all where its norm is zero or not finite.
///
/// `quantizer` says the norm, the scope (the layer is the vector here), and the levels to start from, which most methods
/// take from their number and form. `levels` receives `quantizer->level_count` of them.
lamina_status lamina_levels_fit(const lamina_quantizer *quantizer, const float *values, size_t count,
                                lamina_method method, float *levels, lamina_error *error);

/// The expected squared error of rounding the coordinates of one layer to the levels of `quantizer`, over all draws.
/// Buckets that travel exactly add nothing.
lamina_status lamina_levels_variance(const lamina_quantizer *quantizer, const float *values, size_t count,
                                     double *squared_error, lamina_error *error);

/// The plan with the levels of every type, and the tables of codes that have one, fitted to a vector; the next level epoch.
///
/// Types without levels stay as they are, and so do those of which all buckets are zero or not finite. One worker fits, and
/// sends the bytes of lamina_plan_encode to all.
lamina_status lamina_plan_fit(const lamina_plan *plan, const float *values, size_t count, lamina_method method,
                              lamina_plan **fitted, lamina_error *error);

// Codecs: the frames of one worker.

typedef struct lamina_codec lamina_codec;

/// How a codec works.
typedef struct lamina_codec_options {
  /// The worker whose frames it makes, 0 to 65535.
  uint32_t rank;
  /// Threads that one call may use, 1 to 1024; bytes and sums do not depend on it.
  uint32_t threads;
  /// Whether a coordinate that is not finite is an error; otherwise its bucket travels exactly.
  int32_t stops_at_non_finite;
} lamina_codec_options;

/// What rounding cost.
typedef struct lamina_outcome {
  /// The squared error of the decoded vector.
  double squared_error;
  /// The squared norm of the vector.
  double squared_norm;
  /// Buckets that travel exactly because of their values.
  uint64_t exact_buckets;
} lamina_outcome;

/// A codec for `plan`, which may be destroyed before it. `options` may be null: rank 0, one thread, no stop.
lamina_status lamina_codec_create(const lamina_plan *plan, const lamina_codec_options *options, lamina_codec **codec,
                                  lamina_error *error);

/// Makes the frame of a vector; `step` names the draws and rides in the frame. `outcome` may be null.
lamina_status lamina_codec_encode(lamina_codec *codec, const float *values, size_t count, uint64_t step,
                                  const uint8_t **frame, size_t *size, lamina_outcome *outcome, lamina_error *error);

/// Adds the vector of a frame that `rank` made at `step` to `sums`. After an error parts of it may have been added.
lamina_status lamina_codec_accumulate(lamina_codec *codec, const uint8_t *frame, size_t size, uint64_t step,
                                      uint32_t rank, float *sums, size_t count, lamina_error *error);

void lamina_codec_destroy(lamina_codec *codec);

// Exchanges: the mean of the vectors of all workers, over a transport of the caller's.

/// Bytes of somebody else's.
typedef struct lamina_bytes {
  const uint8_t *data;
  size_t size;
} lamina_bytes;

/// How messages reach the other workers. Both functions are called by the thread that is in lamina_exchange_average
/// alone, and return 0, or anything else after writing why.
///
/// All workers start the same rounds in the same order, and may wait for them in any order; several are under way at a
/// time. A worker that is lost must make the calls of the others fail, sooner or later.
typedef struct lamina_transport {
  /// Handed to the functions.
  void *context;
  /// This worker, 0 to world_size - 1.
  uint32_t rank;
  /// The workers, 1 to 65536.
  uint32_t world_size;
  /// Starts to send messages[r] to every other worker r, and to receive one message from each; `*round` is a number for
  /// it. The bytes stay where they are until the round was waited for, or the exchange is destroyed. Messages may be
  /// empty, and their sizes differ; messages[rank] always is.
  int32_t (*start)(void *context, const lamina_bytes *messages, uint64_t *round, lamina_error *error);
  /// Waits for a round; received[r] is what worker r sent here, good until the next call of either function.
  int32_t (*wait)(void *context, uint64_t round, lamina_bytes *received, lamina_error *error);
} lamina_transport;

/// How vectors become their mean.
typedef int32_t lamina_reduction;
enum {
  /// What suits the number of workers, the length of the vector, and the plan.
  LAMINA_SUITABLE = 0,
  /// Every worker's frame goes to every other.
  LAMINA_ALL_GATHER = 1,
  /// Every worker adds up a share and publishes its mean.
  LAMINA_SCATTER_REDUCE = 2,
};

/// How workers agree on new levels and steps: before the exchanges of `early` and of every multiple of `interval`.
typedef struct lamina_adaptation {
  lamina_method method;
  /// Whether all layer types share one sequence of levels.
  int32_t is_global;
  /// The mean width of the fields that layer types of fixed width share out among themselves, 2 to 8; 0 keeps the number
  /// of levels of each.
  uint32_t shared_width;
  /// The bits per coordinate that dithered types with the scope LAMINA_VECTOR share out, everything counted, 0.1 to 16; 0
  /// keeps their steps.
  double bits;
  /// Exchanges, counted from 0; may be null where `early_count` is 0.
  const uint64_t *early;
  size_t early_count;
  /// At least 1.
  uint64_t interval;
  /// The exchanges before an update that are observed, at least 1.
  uint64_t window;
} lamina_adaptation;

/// How an exchange works; the same on every worker but for `threads`.
typedef struct lamina_exchange_options {
  lamina_reduction reduction;
  /// Threads that one call may use, 1 to 1024.
  uint32_t threads;
  /// Whether what rounding took from a vector is added to the next one.
  int32_t error_feedback;
  /// How often a message that arrives damaged is sent again, 0 to 1000; 0 adds nothing to messages, and damage ends the
  /// exchange.
  uint32_t retries;
  /// Null keeps levels and steps.
  const lamina_adaptation *adaptation;
} lamina_exchange_options;

/// What an exchange tells beside the mean.
typedef struct lamina_exchange_report {
  /// The squared error of this worker's decoded vector, and its squared norm.
  double squared_error;
  double squared_norm;
  /// Over all workers: the squared norms of the decoded vectors, and of their differences from those of the exchange before.
  double squared_norms;
  double squared_changes;
  /// Buckets of this worker that travelled exactly because of their values.
  uint64_t exact_buckets;
  /// Bits of this worker's messages, each counted once.
  uint64_t bits;
  /// Bytes that this worker sent to others.
  uint64_t sent_bytes;
  /// Seconds: encoding, and waiting for coordinates; waiting for others; decoding; agreeing on levels.
  double encode_seconds;
  double exchange_seconds;
  double decode_seconds;
  double agree_seconds;
  /// How often levels were agreed on.
  uint32_t level_epoch;
} lamina_exchange_report;

typedef struct lamina_exchange lamina_exchange;

/// An exchange of vectors in `vector`, which has the `count` coordinates of the plan and outlives the exchange; `plan` may
/// be destroyed before it. The transport is copied; `options` may be null: suitable reduction, one thread, nothing else.
lamina_status lamina_exchange_create(const lamina_plan *plan, const lamina_transport *transport,
                                     const lamina_exchange_options *options, float *vector, size_t count,
                                     lamina_exchange **exchange, lamina_error *error);

/// Hands over coordinates that were written into `vector`, from any thread, also while lamina_exchange_average waits for
/// them. Before the next average every coordinate is handed over once.
lamina_status lamina_exchange_ready(lamina_exchange *exchange, size_t start, size_t count, lamina_error *error);

/// Replaces `vector` by the mean of the vectors of all workers, bit for bit the same on each.
///
/// Sends what is ready while the rest is written, and returns when all is there; `step` counts the exchanges of the run from
/// 0. After a failure the exchange is over and `vector` of no use; every later call tells the same. `report` may be null.
lamina_status lamina_exchange_average(lamina_exchange *exchange, uint64_t step, lamina_exchange_report *report,
                                      lamina_error *error);

/// Says that the rest of the vector will not come, from any thread: lamina_exchange_average fails.
void lamina_exchange_abandon(lamina_exchange *exchange);

/// A new plan equal to the one in force, with its levels and steps; waits for an average that is under way.
lamina_status lamina_exchange_plan(lamina_exchange *exchange, lamina_plan **plan, lamina_error *error);

/// Writes the plan in force, what was observed for the next, and what was sent; `*size` receives the number of bytes, also
/// where they do not fit into `capacity`.
lamina_status lamina_exchange_save(lamina_exchange *exchange, uint8_t *bytes, size_t capacity, size_t *size,
                                   lamina_error *error);

/// Goes on from what lamina_exchange_save wrote on any worker, of any number of workers, for the same layers.
lamina_status lamina_exchange_restore(lamina_exchange *exchange, const uint8_t *bytes, size_t size, lamina_error *error);

/// Vectors that an exchange remembers.
typedef int32_t lamina_memory;
enum {
  /// What others decoded of this worker's last vector.
  LAMINA_LAST = 0,
  /// What rounding took, under error feedback.
  LAMINA_RESIDUAL = 1,
};

/// Copies a vector that the exchange remembers to `values`, or from there.
lamina_status lamina_exchange_recall(lamina_exchange *exchange, lamina_memory which, float *values, size_t count,
                                     lamina_error *error);
lamina_status lamina_exchange_remember(lamina_exchange *exchange, lamina_memory which, const float *values,
                                       size_t count, lamina_error *error);

/// Must not be called while another call on the exchange is under way.
void lamina_exchange_destroy(lamina_exchange *exchange);

#ifdef __cplusplus
}
#endif
#endif
