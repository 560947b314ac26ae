#pragma once
#include "CTorchShims.h"

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <type_traits>

#if LAMINA_TORCH
#include <ATen/ATen.h>

struct laminat_tensor {
  at::Tensor value;
};
#endif

namespace lamina {

inline laminat_status succeeded() {
  laminat_status status;
  status.code = LAMINAT_OK;
  status.message[0] = 0;
  return status;
}

inline laminat_status failed(int32_t code, const char *message) {
  laminat_status status;
  status.code = code;
  std::snprintf(status.message, sizeof status.message, "%s", message);
  return status;
}

inline laminat_status unavailable() {
  return failed(LAMINAT_UNAVAILABLE, "this build has no LibTorch; build with the package trait Torch");
}

#if LAMINA_TORCH
/// Runs `body`; an exception becomes a status, without the stack trace that LibTorch appends.
template <class Body> laminat_status guarded(Body body) noexcept {
  try {
    body();
    return succeeded();
  } catch (const c10::Error &error) {
    return failed(LAMINAT_FAILED, error.what_without_backtrace());
  } catch (const std::exception &error) {
    return failed(LAMINAT_FAILED, error.what());
  } catch (...) {
    return failed(LAMINAT_FAILED, "unknown C++ exception");
  }
}
#endif

}  // namespace lamina
