#include "tha4/nn/cost/flop_counter.h"

#include <atomic>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include <ATen/record_function.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using Arguments = c10::ArrayRef<const c10::IValue>;

std::atomic<bool> is_counting = false;
std::atomic<std::int64_t> multiply_adds = 0;

/// How many counted operators this thread is within. Only the outermost counts: a convolution may be
/// calculated by matrix products.
thread_local int counted_depth = 0;

const at::Tensor& tensor(Arguments arguments, std::size_t place) {
  return arguments[place].toTensor();
}

/// [n, k] x [k, m], with any number of batch dimensions; a vector is a matrix of one column.
std::int64_t product(const at::Tensor& left, const at::Tensor& right) {
  return left.numel() * (right.dim() < 2 ? 1 : right.size(-1));
}

/// A convolution uses each of its weights once at every pixel of \p image, which is the result, or the input
/// where it is transposed. That counts products with padding, as libraries calculate them.
std::int64_t convolution_at(const at::Tensor& image, const at::Tensor& weight) {
  return image.numel() / image.size(1) * weight.numel();
}

/// One number of a convolution's settings: for each axis, or a single one for all.
std::int64_t setting(const std::vector<std::int64_t>& values, std::size_t axis) {
  return values.size() == 1 ? values[0] : values[axis];
}

std::int64_t convolution(Arguments arguments) {
  const at::Tensor& input = tensor(arguments, 0);
  const at::Tensor& weight = tensor(arguments, 1);
  const bool transposed = arguments[6].toBool();
  if (transposed) return convolution_at(input, weight);
  const auto stride = arguments[3].toIntVector();
  const auto padding = arguments[4].toIntVector();
  const auto dilation = arguments[5].toIntVector();
  std::int64_t pixels = input.size(0);
  for (std::int64_t axis = 2; axis < input.dim(); ++axis) {
    const auto i = static_cast<std::size_t>(axis - 2);
    const std::int64_t reach = setting(dilation, i) * (weight.size(axis) - 1) + 1;
    pixels *= (input.size(axis) + 2 * setting(padding, i) - reach) / setting(stride, i) + 1;
  }
  return pixels * weight.numel();
}

/// As much as the convolution for the gradient of the input, and again for that of the weight.
std::int64_t convolution_gradient(Arguments arguments) {
  const at::Tensor& result = tensor(arguments, 0);
  const at::Tensor& input = tensor(arguments, 1);
  const at::Tensor& weight = tensor(arguments, 2);
  const bool transposed = arguments[7].toBool();
  const auto wanted = arguments[10].toBoolList();
  const int gradients = (wanted[0] ? 1 : 0) + (wanted[1] ? 1 : 0);
  return gradients * convolution_at(transposed ? input : result, weight);
}

/// Queries times keys, and the weights that come of it times values. \p first is the queries' place.
std::int64_t attention_from(std::size_t first, Arguments arguments) {
  const at::Tensor& query = tensor(arguments, first);
  const at::Tensor& key = tensor(arguments, first + 1);
  const at::Tensor& value = tensor(arguments, first + 2);
  const std::int64_t weights = query.numel() / query.size(-1) * key.size(-2);
  return weights * (query.size(-1) + value.size(-1));
}

std::int64_t attention(Arguments arguments) {
  return attention_from(0, arguments);
}

/// Two products for each of the two; calculating the weights a second time does not count.
std::int64_t attention_gradient(Arguments arguments) {
  return 2 * attention_from(1, arguments);
}

std::int64_t product_of_first(Arguments arguments) {
  return product(tensor(arguments, 0), tensor(arguments, 1));
}

std::int64_t product_of_later(Arguments arguments) {
  return product(tensor(arguments, 1), tensor(arguments, 2));
}

using MultiplyAdds = std::int64_t (*)(Arguments);

/// The operators that all others with such work are made of, and how many multiply-adds they take.
MultiplyAdds find_count(std::string_view name) {
  static const std::map<std::string_view, MultiplyAdds> counts = {
      {"aten::convolution", convolution},
      {"aten::convolution_backward", convolution_gradient},
      {"aten::mm", product_of_first},
      {"aten::mv", product_of_first},
      {"aten::dot", product_of_first},
      {"aten::bmm", product_of_first},
      {"aten::addmm", product_of_later},
      {"aten::addmm_", product_of_later},
      {"aten::addmv", product_of_later},
      {"aten::baddbmm", product_of_later},
      {"aten::baddbmm_", product_of_later},
      {"aten::scaled_dot_product_attention", attention},
      {"aten::_scaled_dot_product_cudnn_attention_backward", attention_gradient},
      {"aten::_scaled_dot_product_efficient_attention_backward", attention_gradient},
      {"aten::_scaled_dot_product_flash_attention_backward", attention_gradient},
      {"aten::_scaled_dot_product_flash_attention_for_cpu_backward", attention_gradient},
  };
  const auto found = counts.find(name);
  return found == counts.end() ? nullptr : found->second;
}

/// Lives while a counted operator runs.
struct Counted final : at::ObserverContext {
  Counted() { ++counted_depth; }
  ~Counted() override { --counted_depth; }
};

std::unique_ptr<at::ObserverContext> count_operator(const at::RecordFunction& function) {
  const MultiplyAdds count = find_count(function.name());
  if (count == nullptr) return nullptr;
  if (counted_depth == 0) multiply_adds += count(function.inputs());
  return std::make_unique<Counted>();
}

}  // namespace

FlopCounter::FlopCounter() {
  if (is_counting.exchange(true)) throw Error("operations are being counted already");
  multiply_adds = 0;
  callback_ = at::addThreadLocalCallback(
      at::RecordFunctionCallback(count_operator).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
}

FlopCounter::~FlopCounter() {
  at::removeCallback(callback_);
  is_counting = false;
}

std::int64_t FlopCounter::flops() const {
  return 2 * multiply_adds;
}

}  // namespace tha4
