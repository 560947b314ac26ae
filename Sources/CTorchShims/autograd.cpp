#include "guarded.hpp"

#if LAMINA_TORCH
#include <torch/csrc/autograd/autograd.h>

#include <cstring>
#include <vector>

namespace {

/// Derivatives of the sum of `output`; an undefined tensor stands for an input that `output` does not depend on.
std::vector<at::Tensor> derivatives(laminat_tensor *output, laminat_tensor *const *inputs, size_t input_count,
                                    bool create_graph) {
  std::vector<at::Tensor> wanted;
  wanted.reserve(input_count);
  for (size_t i = 0; i < input_count; ++i) wanted.push_back(inputs[i]->value);
  return torch::autograd::grad({output->value}, wanted, {at::ones_like(output->value)}, create_graph, create_graph,
                               /*allow_unused=*/true);
}

}  // namespace

laminat_status laminat_detach(laminat_tensor *tensor, int32_t requires_gradient, laminat_tensor **out) {
  return lamina::guarded([&] {
    auto detached = tensor->value.detach();
    detached.set_requires_grad(requires_gradient != 0);
    *out = new laminat_tensor{detached};
  });
}

laminat_status laminat_gradients(laminat_tensor *output, laminat_tensor *const *inputs, size_t input_count,
                                 int32_t create_graph, laminat_tensor **results) {
  return lamina::guarded([&] {
    auto gradients = derivatives(output, inputs, input_count, create_graph != 0);
    for (size_t i = 0; i < input_count; ++i)
      if (!gradients[i].defined()) gradients[i] = at::zeros_like(inputs[i]->value);
    for (size_t i = 0; i < input_count; ++i) results[i] = new laminat_tensor{gradients[i]};
  });
}

laminat_status laminat_flat_gradient(laminat_tensor *output, laminat_tensor *const *inputs, size_t input_count,
                                     float *into, size_t count) {
  return lamina::guarded([&] {
    size_t total = 0;
    for (size_t i = 0; i < input_count; ++i) total += static_cast<size_t>(inputs[i]->value.numel());
    if (total != count) throw std::runtime_error("wrong size of the flat gradient");
    auto gradients = derivatives(output, inputs, input_count, false);
    for (size_t i = 0; i < input_count; ++i) {
      size_t size = static_cast<size_t>(inputs[i]->value.numel());
      if (gradients[i].defined()) {
        auto values = gradients[i].to(at::kFloat).contiguous();
        std::memcpy(into, values.data_ptr<float>(), size * sizeof(float));
      } else {
        std::memset(into, 0, size * sizeof(float));
      }
      into += size;
    }
  });
}

#else

laminat_status laminat_detach(laminat_tensor *, int32_t, laminat_tensor **) { return lamina::unavailable(); }

laminat_status laminat_gradients(laminat_tensor *, laminat_tensor *const *, size_t, int32_t, laminat_tensor **) {
  return lamina::unavailable();
}

laminat_status laminat_flat_gradient(laminat_tensor *, laminat_tensor *const *, size_t, float *, size_t) {
  return lamina::unavailable();
}

#endif
