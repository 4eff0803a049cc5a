#include "packed_tensor.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "tensor_type.h"
#include <torch/types.h>
#include <zlib.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 28;
/// The most that zlib makes of a byte.
constexpr std::int64_t kMaxExpansion = 1032;
constexpr float kLargestInteger = 32767;

/// The integers to the left of one, above it, and above to the left.
struct Neighbours {
  std::int32_t left, above, corner;
};

std::int32_t prediction(const Neighbours& at) {
  const auto [min, max] = std::minmax(at.left, at.above);
  if (at.corner >= max) return min;
  return at.corner <= min ? max : at.left + at.above - at.corner;
}

Neighbours neighbours(const std::int16_t* block, std::int64_t i, std::int64_t row) {
  const bool has_left = i % row > 0, has_above = i >= row;
  return {has_left ? block[i - 1] : 0, has_above ? block[i - row] : 0,
          has_left && has_above ? block[i - row - 1] : 0};
}

std::uint16_t folded(std::int16_t value) {
  return static_cast<std::uint16_t>(value >= 0 ? 2 * value : -2 * value - 1);
}

std::int16_t unfolded(std::uint16_t value) {
  const int half = value >> 1;
  return static_cast<std::int16_t>((value & 1) != 0 ? -half - 1 : half);
}

std::int16_t wrapped(std::int32_t value) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(value));
}

/// Replaces the integers of a block by what predictions leave of them, folded.
void fold_block(const std::int16_t* block, std::int64_t count, std::int64_t row, std::uint16_t* values) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int32_t expected = row > 0 ? prediction(neighbours(block, i, row)) : 0;
    values[i] = folded(wrapped(block[i] - expected));
  }
}

void unfold_block(const std::uint16_t* values, std::int64_t count, std::int64_t row, std::int16_t* block) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int32_t expected = row > 0 ? prediction(neighbours(block, i, row)) : 0;
    block[i] = wrapped(unfolded(values[i]) + expected);
  }
}

at::Tensor compressed(const std::vector<std::uint16_t>& values) {
  std::vector<std::uint8_t> bytes(values.size() * 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(values[i] & 0xff);
    bytes[values.size() + i] = static_cast<std::uint8_t>(values[i] >> 8);
  }
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  at::Tensor stream = torch::empty({static_cast<std::int64_t>(size)}, torch::kUInt8);
  if (compress2(stream.data_ptr<std::uint8_t>(), &size, bytes.data(), static_cast<uLong>(bytes.size()),
                Z_BEST_COMPRESSION) != Z_OK) {
    throw Error("zlib could not compress a tensor");
  }
  return stream.narrow(0, 0, static_cast<std::int64_t>(size)).clone();
}

std::vector<std::uint16_t> expanded(const at::Tensor& stream, std::int64_t count, const std::string& what) {
  const auto damaged = [&]() {
    return InputError(what + " is not a packed tensor of its shape: it is damaged");
  };
  if (count * 2 > (stream.numel() + 1) * kMaxExpansion) throw damaged();
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) * 2);
  uLongf size = static_cast<uLongf>(bytes.size());
  const int result =
      uncompress(bytes.data(), &size, stream.data_ptr<std::uint8_t>(), static_cast<uLong>(stream.numel()));
  if (result != Z_OK || size != bytes.size()) throw damaged();
  std::vector<std::uint16_t> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<std::uint16_t>(bytes[i] | bytes[values.size() + i] << 8);
  }
  return values;
}

/// Whether \p steps has the first dimensions of \p shape.
bool begins_with(at::IntArrayRef shape, at::IntArrayRef steps) {
  return steps.size() <= shape.size() && std::equal(steps.begin(), steps.end(), shape.begin());
}

/// \p steps, or the smallest that 16 bits suffice with; of blocks of zeros, 1.
at::Tensor usable_steps(const at::Tensor& values, const at::Tensor& steps) {
  const at::Tensor largest = values.view({steps.numel(), -1}).abs().amax(1).view(steps.sizes());
  const at::Tensor min_steps =
      (largest / kLargestInteger * 1.0001F).clamp_min(std::numeric_limits<float>::min());
  return torch::where(largest > 0, torch::maximum(steps, min_steps), torch::ones_like(steps)).contiguous();
}

}  // namespace

PackedTensor pack(const at::Tensor& tensor, const Packing& packing, const std::string& what) {
  const at::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const at::Tensor wanted = packing.steps.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  if (!at::isfinite(values).all().item<bool>()) throw InputError(what + " has values that are not finite");
  if (!begins_with(values.sizes(), wanted.sizes()) || packing.row < 0 || values.numel() == 0 ||
      !(at::isfinite(wanted) & (wanted > 0)).all().item<bool>()) {
    throw InputError(what + " cannot be packed with steps of " + shape_text(wanted.sizes()));
  }
  const at::Tensor steps = usable_steps(values, wanted);
  const std::int64_t blocks = steps.numel(), block = values.numel() / blocks;
  const at::Tensor integers =
      (values.view({blocks, block}).to(torch::kDouble) / steps.view({blocks, 1}).to(torch::kDouble))
          .round()
          .clamp(-kLargestInteger, kLargestInteger)
          .to(torch::kShort)
          .contiguous();
  std::vector<std::uint16_t> folded_values(static_cast<std::size_t>(values.numel()));
  for (std::int64_t i = 0; i < blocks; ++i) {
    fold_block(integers.data_ptr<std::int16_t>() + i * block, block, packing.row,
               folded_values.data() + i * block);
  }
  std::vector<std::int64_t> form(values.sizes().begin(), values.sizes().end());
  form.push_back(packing.row);
  return {.stream = compressed(folded_values), .steps = steps, .form = torch::tensor(form)};
}

at::Tensor unpacked(const PackedTensor& packed, const std::string& what) {
  const bool has_types = packed.stream.scalar_type() == torch::kUInt8 && packed.stream.dim() == 1 &&
                         packed.steps.scalar_type() == torch::kFloat32 &&
                         packed.form.scalar_type() == torch::kLong && packed.form.dim() == 1 &&
                         packed.form.numel() >= 1;
  if (!has_types) throw InputError(what + " is packed, but its parts are not of the types of such tensors");
  std::vector<std::int64_t> shape(packed.form.data_ptr<std::int64_t>(),
                                  packed.form.data_ptr<std::int64_t>() + packed.form.numel());
  const std::int64_t row = shape.back();
  shape.pop_back();
  const auto count = element_count(shape);
  if (!count || *count < 1 || *count > kMaxElements || row < 0 || !begins_with(shape, packed.steps.sizes())) {
    throw InputError(what + " is packed, but its form and its steps are of no tensor");
  }
  if (!(at::isfinite(packed.steps) & (packed.steps > 0)).all().item<bool>()) {
    throw InputError(what + " is packed, but has a step that is not above 0, or not finite");
  }
  const std::vector<std::uint16_t> values = expanded(packed.stream, *count, what);
  const std::int64_t blocks = packed.steps.numel(), block = *count / blocks;
  at::Tensor integers = torch::empty({blocks, block}, torch::kShort);
  for (std::int64_t i = 0; i < blocks; ++i) {
    unfold_block(values.data() + i * block, block, row, integers.data_ptr<std::int16_t>() + i * block);
  }
  return (integers.to(torch::kFloat32) * packed.steps.reshape({blocks, 1})).view(shape);
}

}  // namespace tha4
