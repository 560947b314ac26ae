#include "guarded.hpp"

#if LAMINA_TORCH
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <dlfcn.h>

int32_t laminat_is_available(void) { return 1; }

laminat_status laminat_use_one_thread(void) {
  return lamina::guarded([] {
    static thread_local bool done = false;
    if (done) return;
    at::set_num_threads(1);
    // OpenBLAS keeps a pool of its own, which LibTorch does not know; other BLAS libraries lack the symbol.
    if (void *setter = dlsym(RTLD_DEFAULT, "openblas_set_num_threads")) reinterpret_cast<void (*)(int)>(setter)(1);
    done = true;
  });
}

laminat_status laminat_set_gradient_mode(int32_t enabled, int32_t *previous) {
  return lamina::guarded([&] {
    *previous = at::GradMode::is_enabled() ? 1 : 0;
    at::GradMode::set_enabled(enabled != 0);
  });
}

#else

int32_t laminat_is_available(void) { return 0; }

laminat_status laminat_use_one_thread(void) { return lamina::unavailable(); }

laminat_status laminat_set_gradient_mode(int32_t, int32_t *) { return lamina::unavailable(); }

#endif
