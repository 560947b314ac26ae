#pragma once
#include <stddef.h>
#include <stdint.h>

// A C interface to LibTorch: ATen operators through the dispatcher, tensors over borrowed memory, gradients.
//
// Every function catches every C++ exception and returns a status. Handles that a function returns belong to the caller,
// who gives each back to laminat_release. Without the package trait Torch all functions report LAMINAT_UNAVAILABLE.

#ifdef __cplusplus
extern "C" {
#endif

enum {
  LAMINAT_OK = 0,
  LAMINAT_FAILED = 1,       // LibTorch refused; the message says why
  LAMINAT_UNAVAILABLE = 2,  // this build has no LibTorch
  LAMINAT_MAX_RANK = 8,
};

/// The outcome of a call: a code from the list above, and a message that ends with a zero byte.
typedef struct laminat_status {
  int32_t code;
  char message[508];
} laminat_status;

/// One owned reference to a tensor.
typedef struct laminat_tensor laminat_tensor;

/// Element types, numbered as in LibTorch.
typedef enum laminat_scalar_type {
  LAMINAT_UINT8 = 0,
  LAMINAT_INT64 = 4,
  LAMINAT_FLOAT32 = 6,
  LAMINAT_FLOAT64 = 7,
} laminat_scalar_type;

typedef enum laminat_kind {
  LAMINAT_NONE = 0,
  LAMINAT_TENSOR,   // tensor
  LAMINAT_INT,      // integer
  LAMINAT_REAL,     // real
  LAMINAT_BOOL,     // integer, zero or not
  LAMINAT_INTS,     // integers, count
  LAMINAT_REALS,    // reals, count
  LAMINAT_BOOLS,    // integers, count, each zero or not
  LAMINAT_TENSORS,  // tensors, count
} laminat_kind;

/// One argument or result of an operator; the kind says which fields count.
typedef struct laminat_value {
  laminat_kind kind;
  laminat_tensor *tensor;
  int64_t integer;
  double real;
  const int64_t *integers;
  const double *reals;
  laminat_tensor *const *tensors;
  size_t count;
} laminat_value;

/// Whether this build has LibTorch: 1 or 0.
int32_t laminat_is_available(void);

/// Makes mathematics single-threaded on the calling thread, and in the BLAS library of the process.
laminat_status laminat_use_one_thread(void);

/// Switches the recording of gradients on the calling thread; `previous` receives the old setting.
laminat_status laminat_set_gradient_mode(int32_t enabled, int32_t *previous);

/// Calls `aten::name.overload` through the boxed dispatcher.
///
/// Arguments that are left out at the end take the defaults of the operator's schema. Tensors inside a list result are
/// returned one by one. The caller owns the tensors in `results`.
laminat_status laminat_call(const char *name, const char *overload, const laminat_value *arguments,
                            size_t argument_count, laminat_value *results, size_t capacity, size_t *result_count);

/// A float32 tensor over memory of the caller, which must outlive the tensor and everything computed from it.
laminat_status laminat_tensor_borrowing(float *data, const int64_t *shape, size_t rank, int32_t requires_gradient,
                                        laminat_tensor **out);

/// A tensor with a copy of the caller's elements.
laminat_status laminat_tensor_copying(const void *data, laminat_scalar_type type, const int64_t *shape, size_t rank,
                                      laminat_tensor **out);

/// The same values as a leaf of the graph of derivatives, or outside of it.
laminat_status laminat_detach(laminat_tensor *tensor, int32_t requires_gradient, laminat_tensor **out);

/// Sizes of at most LAMINAT_MAX_RANK dimensions.
laminat_status laminat_shape(laminat_tensor *tensor, int64_t *sizes, size_t *rank);

/// Copies all elements, converted to `type`, in row-major order; fails unless there are exactly `count`.
laminat_status laminat_read(laminat_tensor *tensor, laminat_scalar_type type, void *into, size_t count);

/// Derivatives of the sum of `output` with respect to `inputs`, as tensors; with `create_graph` they are differentiable.
///
/// An input that `output` does not depend on has derivative zero.
laminat_status laminat_gradients(laminat_tensor *output, laminat_tensor *const *inputs, size_t input_count,
                                 int32_t create_graph, laminat_tensor **results);

/// The same derivatives as float32 numbers, one input after the other; fails unless there are exactly `count`.
laminat_status laminat_flat_gradient(laminat_tensor *output, laminat_tensor *const *inputs, size_t input_count,
                                     float *into, size_t count);

/// Gives a handle back; NULL is allowed.
void laminat_release(laminat_tensor *tensor);

#ifdef __cplusplus
}
#endif
