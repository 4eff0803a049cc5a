#include "stored_state.h"

#include "packed_tensor.h"
#include "quantized_tensor.h"
#include "tensor_type.h"
#include "writable_state.h"
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr std::int64_t kMinElements = 1024;
constexpr std::int64_t kMinElementsOfAChannel = 8;

std::string scale_name(const std::string& name) {
  return name + std::string(kScaleSuffix);
}

bool is_large(const at::Tensor& tensor) {
  return tensor.dim() >= 2 && tensor.numel() >= kMinElements &&
         tensor.numel() / tensor.size(0) >= kMinElementsOfAChannel;
}

at::Tensor in_type(const std::string& name, const at::Tensor& tensor, at::ScalarType type,
                   const std::string& file) {
  at::Tensor result = writable_tensor(tensor).to(type);
  if (!at::isfinite(result).all().item<bool>()) {
    throw InputError("cannot write " + file + ": the tensor " + in_quotes(name) +
                     " has values that are not finite, or too large for " +
                     std::string(tensor_type_of(type)->name));
  }
  return result;
}

void add_quantized(StateDict& tensors, const std::string& name, const at::Tensor& tensor,
                   const std::string& file) {
  const at::Tensor weights = in_type(name, tensor, at::kFloat, file);
  if (weights.abs().max().item<float>() > kMaxQuantized) {
    throw InputError("cannot write " + file + ": the tensor " + in_quotes(name) +
                     " has values that are too large for int8 with a scale");
  }
  QuantizedTensor quantized = quantize(weights);
  tensors.insert(name, std::move(quantized.integers));
  tensors.insert(scale_name(name), std::move(quantized.scale));
}

/// What the reader would take for something else.
void check_unambiguous(const std::string& name, const at::Tensor& tensor, WeightsStorage storage,
                       const std::string& file) {
  if (tensor.scalar_type() == at::kChar) {
    throw InputError("cannot write " + file + ": the tensor " + in_quotes(name) +
                     " has 8-bit integers, which would be taken for weights without their scale");
  }
  if (storage == WeightsStorage::int8 && name.ends_with(kScaleSuffix)) {
    throw InputError("cannot write " + file + ": the tensor " + in_quotes(name) +
                     " has the name of a scale, which int8 keeps for its own");
  }
}

const at::Tensor& scale_of(const StateDict& tensors, const std::string& name, const std::string& file) {
  const std::string key = scale_name(name);
  const at::Tensor& integers = tensors[name];
  const at::Tensor* scale = tensors.find(key);
  if (scale == nullptr) {
    throw InputError(file + ": the tensor " + in_quotes(name) + " has 8-bit integers, but their scale " +
                     in_quotes(key) + " is missing");
  }
  if (integers.dim() == 0) {
    throw InputError(file + ": the tensor " + in_quotes(name) +
                     " has a scale, but no dimension of output channels");
  }
  if (scale->scalar_type() != at::kFloat || scale->dim() != 1 || scale->size(0) != integers.size(0)) {
    throw InputError(file + ": the scale " + in_quotes(key) + " is of type " +
                     std::string(tensor_type_of(scale->scalar_type())->name) + " and shape " +
                     shape_text(scale->sizes()) + ", but its tensor needs float32 and " +
                     shape_text({integers.size(0)}));
  }
  // NaN is neither.
  if (!(scale->ge(0) & scale->le(kMaxScale)).all().item<bool>()) {
    throw InputError(file + ": the scale " + in_quotes(key) +
                     " has a value that is negative, not finite or too large");
  }
  return *scale;
}

/// kQuantization, kPackedQuantization, or nothing.
std::string quantization_of(const TensorMetadata& metadata, const std::string& file) {
  const auto found = metadata.find(kQuantizationKey);
  if (found == metadata.end()) return "";
  if (found->second == kQuantization || found->second == kPackedQuantization) return found->second;
  throw InputError(file + ": its quantization is " + in_quotes(found->second) + "; only '" + kQuantization +
                   "' and '" + kPackedQuantization + "' can be read");
}

/// The part of a packed tensor that is called \p name.
const at::Tensor& packed_part(const StateDict& tensors, const std::string& name, const std::string& file) {
  const at::Tensor* part = tensors.find(name);
  if (part == nullptr)
    throw InputError(file + ": the tensor " + in_quotes(name) + " of a packed one is missing");
  return *part;
}

StateDict unpacked_state(const StateDict& tensors, const std::string& file) {
  StateDict state;
  for (const auto& item : tensors) {
    const std::string& name = item.key();
    if (name.ends_with(kStepSuffix)) continue;
    if (name.ends_with(kFormSuffix)) {
      packed_part(tensors, name.substr(0, name.size() - std::string_view(kFormSuffix).size()), file);
    } else if (tensors.contains(name + kFormSuffix)) {
      const PackedTensor packed{item.value(), packed_part(tensors, name + kStepSuffix, file),
                                tensors[name + kFormSuffix]};
      state.insert(name, unpacked(packed, file + ": the tensor " + in_quotes(name)));
    } else {
      state.insert(name, item.value());
    }
  }
  return state;
}

void check_has_no_integers(const StateDict& tensors, const std::string& file) {
  for (const auto& item : tensors) {
    if (item.value().scalar_type() == at::kChar) {
      throw InputError(file + ": the tensor " + in_quotes(item.key()) +
                       " has 8-bit integers, but no text 'quantization' says that they have scales");
    }
  }
}

}  // namespace

StoredState stored_state(const StateDict& state, WeightsStorage storage, const std::string& file) {
  check_writable(state, file);
  StoredState stored;
  for (const auto& item : state) {
    const std::string& name = item.key();
    const at::Tensor& tensor = item.value();
    check_unambiguous(name, tensor, storage, file);
    if (storage == WeightsStorage::as_is || !at::isFloatingType(tensor.scalar_type())) {
      stored.tensors.insert(name, tensor);
    } else if (storage == WeightsStorage::float32 || !is_large(tensor)) {
      stored.tensors.insert(name, in_type(name, tensor, at::kFloat, file));
    } else if (storage == WeightsStorage::float16) {
      stored.tensors.insert(name, in_type(name, tensor, at::kHalf, file));
    } else {
      add_quantized(stored.tensors, name, tensor, file);
    }
  }
  if (storage == WeightsStorage::int8) {
    stored.metadata = {{"format", "pt"}, {kQuantizationKey, kQuantization}};
  }
  return stored;
}

StateDict plain_state(const StoredState& stored, const std::string& file) {
  const StateDict& tensors = stored.tensors;
  const std::string quantization = quantization_of(stored.metadata, file);
  if (quantization == kPackedQuantization) return unpacked_state(tensors, file);
  if (quantization.empty()) {
    check_has_no_integers(tensors, file);
    return tensors;
  }
  StateDict state;
  for (const auto& item : tensors) {
    const std::string& name = item.key();
    if (name.ends_with(kScaleSuffix)) {
      const at::Tensor* scaled = tensors.find(name.substr(0, name.size() - kScaleSuffix.size()));
      if (scaled == nullptr || scaled->scalar_type() != at::kChar) {
        throw InputError(file + ": the scale " + in_quotes(name) + " belongs to no tensor of 8-bit integers");
      }
    } else if (item.value().scalar_type() == at::kChar) {
      state.insert(name, dequantized(item.value(), scale_of(tensors, name, file)));
    } else {
      state.insert(name, item.value());
    }
  }
  return state;
}

}  // namespace tha4
