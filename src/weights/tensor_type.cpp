#include "tensor_type.h"

#include <algorithm>
#include <array>

#include <torch/types.h>

namespace tha4 {
namespace {

constexpr std::array kTensorTypes = {
    TensorType{at::kFloat, "float32", "FloatStorage", "F32", 4},
    TensorType{at::kHalf, "float16", "HalfStorage", "F16", 2},
    TensorType{at::kBFloat16, "bfloat16", "BFloat16Storage", "BF16", 2},
    TensorType{at::kDouble, "float64", "DoubleStorage", "F64", 8},
    TensorType{at::kLong, "int64", "LongStorage", "I64", 8},
    TensorType{at::kInt, "int32", "IntStorage", "I32", 4},
    TensorType{at::kShort, "int16", "ShortStorage", "I16", 2},
    TensorType{at::kChar, "int8", "CharStorage", "I8", 1},
    TensorType{at::kByte, "uint8", "ByteStorage", "U8", 1},
    TensorType{at::kBool, "bool", "BoolStorage", "BOOL", 1},
    TensorType{at::kUInt16, "uint16", "", "U16", 2},
    TensorType{at::kUInt32, "uint32", "", "U32", 4},
    TensorType{at::kUInt64, "uint64", "", "U64", 8},
    TensorType{at::kFloat8_e4m3fn, "float8_e4m3fn", "", "F8_E4M3", 1},
    TensorType{at::kFloat8_e5m2, "float8_e5m2", "", "F8_E5M2", 1},
};

template <class Field, class Value>
const TensorType* find_type(Field TensorType::*field, const Value& value) {
  const auto found = std::ranges::find(kTensorTypes, value, field);
  return found == kTensorTypes.end() ? nullptr : &*found;
}

}  // namespace

const TensorType* tensor_type_named(std::string_view name) {
  return find_type(&TensorType::name, name);
}

const TensorType* tensor_type_of_storage(std::string_view storage_class) {
  return storage_class.empty() ? nullptr : find_type(&TensorType::storage, storage_class);
}

const TensorType* tensor_type_of_safetensors(std::string_view name) {
  return find_type(&TensorType::safetensors, name);
}

const TensorType* tensor_type_of(at::ScalarType scalar) {
  return find_type(&TensorType::scalar, scalar);
}

std::optional<std::int64_t> element_count(std::span<const std::int64_t> shape) {
  if (shape.size() > kMaxDimensions) return std::nullopt;
  // A size of 0 makes the count 0, but LibTorch also multiplies the other sizes, into strides.
  std::int64_t product = 8;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    if (size == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, size, &product)) {
      return std::nullopt;
    }
  }
  return empty ? 0 : product / 8;
}

std::vector<std::int64_t> contiguous_strides(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
  }
  return strides;
}

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
}

std::span<std::byte> writable_bytes_of(const at::Tensor& tensor) {
  return {static_cast<std::byte*>(tensor.mutable_data_ptr()), tensor.nbytes()};
}

std::string shape_text(at::IntArrayRef shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

std::string in_quotes(std::string_view name) {
  constexpr std::size_t kLongest = 200;
  std::string text(name.substr(0, kLongest));
  for (char& character : text) {
    const auto code = static_cast<unsigned char>(character);
    if (code < 0x20 || code == 0x7f) character = '?';
  }
  return "'" + text + (name.size() > kLongest ? "...'" : "'");
}

}  // namespace tha4
