#include "tha4/weights/packed_weights.h"

#include "packed_tensor.h"
#include "safetensors_header.h"
#include "stored_state.h"
#include "tensor_type.h"
#include "writable_state.h"

#include "tha4/base/error.h"

namespace tha4 {

void write_packed_weights(const std::filesystem::path& file, const StateDict& state,
                          const Packings& packings) {
  check_writable(state, file.string());
  StateDict tensors;
  for (const auto& item : state) {
    const std::string& name = item.key();
    const std::string what = "cannot write " + file.string() + ": the tensor " + in_quotes(name);
    if (name.ends_with(kStepSuffix) || name.ends_with(kFormSuffix)) {
      throw InputError(what + " has a name that packed weights keep for their own");
    }
    const auto packing = packings.find(name);
    if (packing == packings.end()) {
      tensors.insert(name, item.value());
      continue;
    }
    const PackedTensor packed = pack(item.value(), packing->second, what);
    tensors.insert(name, packed.stream);
    tensors.insert(name + kStepSuffix, packed.steps);
    tensors.insert(name + kFormSuffix, packed.form);
  }
  write_safetensors(file, tensors, {{"format", "pt"}, {kQuantizationKey, kPackedQuantization}});
}

bool is_packed_weights(const std::filesystem::path& file) {
  const InputFile input(file);
  if (!looks_like_safetensors(input)) return false;
  const TensorMetadata metadata = read_safetensors_header(input).metadata;
  const auto found = metadata.find(kQuantizationKey);
  return found != metadata.end() && found->second == kPackedQuantization;
}

}  // namespace tha4
