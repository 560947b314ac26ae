#include "guarded.hpp"

#if LAMINA_TORCH
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

namespace {

c10::IValue boxed(const laminat_value &argument) {
  switch (argument.kind) {
    case LAMINAT_NONE: return c10::IValue();
    case LAMINAT_TENSOR: return argument.tensor->value;
    case LAMINAT_INT: return argument.integer;
    case LAMINAT_REAL: return argument.real;
    case LAMINAT_BOOL: return argument.integer != 0;
    case LAMINAT_INTS: return c10::List<int64_t>(at::IntArrayRef(argument.integers, argument.count));
    case LAMINAT_REALS: return c10::List<double>(at::ArrayRef<double>(argument.reals, argument.count));
    case LAMINAT_BOOLS: {
      c10::List<bool> list;
      for (size_t i = 0; i < argument.count; ++i) list.push_back(argument.integers[i] != 0);
      return list;
    }
    case LAMINAT_TENSORS: {
      c10::List<at::Tensor> list;
      for (size_t i = 0; i < argument.count; ++i) list.push_back(argument.tensors[i]->value);
      return list;
    }
  }
  throw std::runtime_error("argument of unknown kind");
}

/// Collects results and gives the tensors back if a later one cannot be returned.
class Results {
 public:
  Results(laminat_value *values, size_t capacity) : values(values), capacity(capacity) {}
  ~Results() {
    if (!kept)
      for (size_t i = 0; i < count; ++i) delete values[i].tensor;
  }
  void append(const c10::IValue &result) {
    if (result.isTensorList()) {
      for (const at::Tensor &tensor : result.toTensorVector()) append(tensor);
      return;
    }
    if (count == capacity) throw std::runtime_error("more results than the caller has room for");
    laminat_value value = {};
    if (result.isTensor()) {
      value.kind = LAMINAT_TENSOR;
      value.tensor = new laminat_tensor{result.toTensor()};
    } else if (result.isDouble()) {
      value.kind = LAMINAT_REAL;
      value.real = result.toDouble();
    } else if (result.isInt()) {
      value.kind = LAMINAT_INT;
      value.integer = result.toInt();
    } else if (result.isBool()) {
      value.kind = LAMINAT_BOOL;
      value.integer = result.toBool();
    } else {
      throw std::runtime_error("result of a kind that has no C form: " + result.tagKind());
    }
    values[count++] = value;
  }
  size_t keep() {
    kept = true;
    return count;
  }

 private:
  laminat_value *values;
  size_t capacity;
  size_t count = 0;
  bool kept = false;
};

}  // namespace

laminat_status laminat_call(const char *name, const char *overload, const laminat_value *arguments,
                            size_t argument_count, laminat_value *results, size_t capacity, size_t *result_count) {
  return lamina::guarded([&] {
    auto op = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    const auto &formal = op.schema().arguments();
    if (argument_count > formal.size()) throw std::runtime_error(std::string("too many arguments for ") + name);
    torch::jit::Stack stack;
    stack.reserve(formal.size());
    for (size_t i = 0; i < argument_count; ++i) stack.push_back(boxed(arguments[i]));
    for (size_t i = argument_count; i < formal.size(); ++i) {
      if (!formal[i].default_value())
        throw std::runtime_error(std::string(name) + " needs the argument " + formal[i].name());
      stack.push_back(*formal[i].default_value());
    }
    op.callBoxed(&stack);
    Results collected(results, capacity);
    for (const c10::IValue &result : stack) collected.append(result);
    *result_count = collected.keep();
  });
}

#else

laminat_status laminat_call(const char *, const char *, const laminat_value *, size_t, laminat_value *, size_t,
                            size_t *) {
  return lamina::unavailable();
}

#endif
