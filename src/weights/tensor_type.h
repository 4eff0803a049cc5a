#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

namespace tha4 {

/// An element type that weights files can hold, and what each format calls it.
struct TensorType {
  at::ScalarType scalar;
  std::string_view name;         ///< PyTorch's name, such as float32
  std::string_view storage;      ///< class of its typed storage in torch.save archives; empty if it has none
  std::string_view safetensors;  ///< name in safetensors headers
  std::size_t size;              ///< bytes of an element
};

/// The type with that name, or nullptr.
const TensorType* tensor_type_named(std::string_view name);
const TensorType* tensor_type_of_storage(std::string_view storage_class);
const TensorType* tensor_type_of_safetensors(std::string_view name);
const TensorType* tensor_type_of(at::ScalarType scalar);

/// More than any network's weights have; PyTorch itself allows 64.
constexpr std::size_t kMaxDimensions = 16;

/// Number of elements of a tensor of \p shape; nothing when a size is negative, there are too many
/// dimensions, or the count of elements or bytes does not fit 63 bits.
std::optional<std::int64_t> element_count(std::span<const std::int64_t> shape);

/// Strides, in elements, of a tensor of \p shape whose last dimension varies fastest.
std::vector<std::int64_t> contiguous_strides(std::span<const std::int64_t> shape);

/// The memory of a contiguous CPU tensor.
std::span<const std::byte> bytes_of(const at::Tensor& tensor);
std::span<std::byte> writable_bytes_of(const at::Tensor& tensor);

/// "[3, 4]"
std::string shape_text(at::IntArrayRef shape);

/// \p name in quotes, made fit for a one-line message: cut when long, unprintable characters replaced.
std::string in_quotes(std::string_view name);

}  // namespace tha4
