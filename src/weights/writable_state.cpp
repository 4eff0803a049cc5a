#include "writable_state.h"

#include "tensor_type.h"
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

bool is_utf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string why_unwritable(const at::Tensor& tensor) {
  if (!tensor.defined()) return "is undefined";
  if (tensor.layout() != at::kStrided) return "is sparse";
  if (tensor.is_quantized()) return "is quantised";
  if (tensor.is_meta()) return "has a shape but no memory";
  if (tensor_type_of(tensor.scalar_type()) == nullptr) {
    return std::string("has the element type ") + c10::toString(tensor.scalar_type());
  }
  if (static_cast<std::size_t>(tensor.dim()) > kMaxDimensions) return "has too many dimensions";
  return {};
}

}  // namespace

void check_writable(const StateDict& state, const std::string& file) {
  for (const auto& item : state) {
    std::string why = why_unwritable(item.value());
    if (why.empty() && !is_utf8(item.key())) why = "has a name that is not UTF-8";
    if (!why.empty())
      throw Error("cannot write " + file + ": the tensor " + in_quotes(item.key()) + " " + why);
  }
}

at::Tensor writable_tensor(const at::Tensor& tensor) {
  return tensor.detach().to(at::kCPU).contiguous().resolve_neg();
}

}  // namespace tha4
