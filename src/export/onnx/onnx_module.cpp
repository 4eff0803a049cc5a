#include "onnx/onnx_module.h"

#include <utility>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// Of one list: more than any network that was opened has.
constexpr std::int64_t kMaxModules = 1024;

}  // namespace

OnnxModule::OnnxModule(OnnxGraph& graph, StateDict state, std::string name)
    : graph_(&graph), state_(std::make_shared<const StateDict>(std::move(state))), name_(std::move(name)) {}

OnnxModule OnnxModule::operator[](const std::string& child) const {
  OnnxModule module = *this;
  module.prefix_ += child + ".";
  return module;
}

OnnxModule OnnxModule::operator()(const std::string& list, std::int64_t index) const {
  return (*this)[list + "." + std::to_string(index)];
}

bool OnnxModule::has(const std::string& key) const {
  return state_->contains(prefix_ + key);
}

std::int64_t OnnxModule::count(const std::string& list) const {
  return shapes().count(list, kMaxModules);
}

at::Tensor OnnxModule::tensor(const std::string& key) const {
  const at::Tensor* found = state_->find(prefix_ + key);
  if (found == nullptr) throw Error(name_ + " has no weights " + prefix_ + key);
  return found->detach();
}

OnnxValue OnnxModule::weight(const std::string& key) const {
  return constant(key, tensor(key));
}

OnnxValue OnnxModule::constant(const std::string& key, const at::Tensor& values) const {
  return graph_->constant(name_ + "." + prefix_ + key, values);
}

WeightShapes OnnxModule::shapes() const {
  return WeightShapes(*state_, name_).under(prefix_);
}

OnnxScope OnnxModule::scope() const {
  std::string path = name_ + "." + prefix_;
  path.pop_back();
  return {*graph_, path};
}

}  // namespace tha4
