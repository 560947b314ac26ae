#include "guarded.hpp"

#if LAMINA_TORCH
#include <cstring>

laminat_status laminat_tensor_borrowing(float *data, const int64_t *shape, size_t rank, int32_t requires_gradient,
                                        laminat_tensor **out) {
  return lamina::guarded([&] {
    auto tensor = at::from_blob(data, at::IntArrayRef(shape, rank));
    tensor.set_requires_grad(requires_gradient != 0);
    *out = new laminat_tensor{tensor};
  });
}

laminat_status laminat_tensor_copying(const void *data, laminat_scalar_type type, const int64_t *shape, size_t rank,
                                      laminat_tensor **out) {
  return lamina::guarded([&] {
    auto tensor = at::empty(at::IntArrayRef(shape, rank), static_cast<at::ScalarType>(type));
    if (tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
    *out = new laminat_tensor{tensor};
  });
}

laminat_status laminat_shape(laminat_tensor *tensor, int64_t *sizes, size_t *rank) {
  return lamina::guarded([&] {
    auto shape = tensor->value.sizes();
    if (shape.size() > LAMINAT_MAX_RANK) throw std::runtime_error("a tensor of more than eight dimensions");
    std::copy(shape.begin(), shape.end(), sizes);
    *rank = shape.size();
  });
}

laminat_status laminat_read(laminat_tensor *tensor, laminat_scalar_type type, void *into, size_t count) {
  return lamina::guarded([&] {
    auto values = tensor->value.detach().to(static_cast<at::ScalarType>(type)).contiguous();
    if (static_cast<size_t>(values.numel()) != count) throw std::runtime_error("wrong number of elements to read");
    if (count > 0) std::memcpy(into, values.data_ptr(), values.nbytes());
  });
}

void laminat_release(laminat_tensor *tensor) { delete tensor; }

#else

laminat_status laminat_tensor_borrowing(float *, const int64_t *, size_t, int32_t, laminat_tensor **) {
  return lamina::unavailable();
}

laminat_status laminat_tensor_copying(const void *, laminat_scalar_type, const int64_t *, size_t, laminat_tensor **) {
  return lamina::unavailable();
}

laminat_status laminat_shape(laminat_tensor *, int64_t *, size_t *) { return lamina::unavailable(); }

laminat_status laminat_read(laminat_tensor *, laminat_scalar_type, void *, size_t) { return lamina::unavailable(); }

void laminat_release(laminat_tensor *) {}

#endif
