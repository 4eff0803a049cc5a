#include "onnx/onnx_graph.h"

#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include <onnx/onnx_pb.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/version.h"

namespace tha4 {
namespace {

constexpr int kOpset = 17;
/// The version of the format that came with that opset.
constexpr int kFormat = 8;

void set_value(onnx::AttributeProto& attribute, const OnnxAttribute& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(*integer);
  } else if (const auto* number = std::get_if<float>(&value)) {
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(*number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(*text);
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t one : *integers) attribute.add_ints(one);
  } else {
    attribute.set_type(onnx::AttributeProto::FLOATS);
    for (const float one : std::get<std::vector<float>>(value)) attribute.add_floats(one);
  }
}

void set_port(onnx::ValueInfoProto& info, const OnnxPort& port) {
  info.set_name(port.name);
  info.set_doc_string(port.meaning);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(port.type == OnnxType::float32 ? onnx::TensorProto::FLOAT : onnx::TensorProto::UINT8);
  for (const OnnxDimension& dimension : port.shape) {
    auto* added = tensor->mutable_shape()->add_dim();
    if (const auto* size = std::get_if<std::int64_t>(&dimension)) {
      added->set_dim_value(*size);
    } else {
      added->set_dim_param(std::get<std::string>(dimension));
    }
  }
}

/// "1,2,3"
template <class Number>
std::string joined_numbers(const std::vector<Number>& values) {
  std::ostringstream text;
  text.precision(std::numeric_limits<float>::max_digits10);
  for (std::size_t i = 0; i < values.size(); ++i) text << (i > 0 ? "," : "") << values[i];
  return text.str();
}

}  // namespace

struct OnnxGraph::Parts {
  onnx::ModelProto model;
  std::string path;
  std::map<std::string, int> uses_of_names;
  std::set<std::string> constants;

  /// "path/operation", and from the second on "path/operation_1".
  std::string name_of_node(const std::string& operation) {
    const std::string name = path.empty() ? operation : path + "/" + operation;
    const int uses = uses_of_names[name]++;
    return uses == 0 ? name : name + "_" + std::to_string(uses);
  }
};

OnnxGraph::OnnxGraph(const std::string& name, const std::string& description)
    : parts_(std::make_unique<Parts>()) {
  onnx::ModelProto& model = parts_->model;
  model.set_ir_version(kFormat);
  model.set_producer_name("THA4 in C++");
  model.set_producer_version(std::string(version()));
  model.set_doc_string(description);
  model.add_opset_import()->set_version(kOpset);
  model.mutable_graph()->set_name(name);
}

OnnxGraph::~OnnxGraph() = default;

OnnxValue OnnxGraph::input(const OnnxPort& port) {
  set_port(*parts_->model.mutable_graph()->add_input(), port);
  const auto fixed = [&](std::size_t axis) {
    const bool is_image = port.shape.size() == 4 && std::holds_alternative<std::int64_t>(port.shape[axis]);
    return is_image ? std::get<std::int64_t>(port.shape[axis]) : 0;
  };
  return {.graph = this, .name = port.name, .channels = fixed(1), .size = fixed(3)};
}

void OnnxGraph::output(const OnnxValue& value, const OnnxPort& port) {
  set_port(*parts_->model.mutable_graph()->add_output(), port);
  auto* node = parts_->model.mutable_graph()->add_node();
  node->set_op_type("Identity");
  node->set_name(parts_->name_of_node("Identity"));
  node->add_input(value.name);
  node->add_output(port.name);
}

std::vector<OnnxValue> OnnxGraph::nodes(const std::string& operation, const std::vector<OnnxValue>& inputs,
                                        int outputs, const OnnxAttributes& attributes) {
  auto* node = parts_->model.mutable_graph()->add_node();
  node->set_op_type(operation);
  node->set_name(parts_->name_of_node(operation));
  for (const OnnxValue& value : inputs) node->add_input(value.name);
  for (const auto& [name, value] : attributes) {
    auto* attribute = node->add_attribute();
    attribute->set_name(name);
    set_value(*attribute, value);
  }
  std::vector<OnnxValue> values;
  for (int i = 0; i < outputs; ++i) {
    const std::string name = node->name() + (outputs > 1 ? ":" + std::to_string(i) : "");
    node->add_output(name);
    values.push_back({.graph = this, .name = name});
  }
  return values;
}

OnnxValue OnnxGraph::node(const std::string& operation, const std::vector<OnnxValue>& inputs,
                          const OnnxAttributes& attributes) {
  return nodes(operation, inputs, 1, attributes).front();
}

OnnxValue OnnxGraph::constant(const std::string& name, const at::Tensor& values) {
  if (!parts_->constants.insert(name).second) throw Error("a graph has two constants " + name);
  const bool is_integer = !values.is_floating_point();
  const at::Tensor stored =
      values.detach().to(torch::kCPU, is_integer ? torch::kLong : torch::kFloat).contiguous();
  auto* tensor = parts_->model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(is_integer ? onnx::TensorProto::INT64 : onnx::TensorProto::FLOAT);
  for (const std::int64_t size : stored.sizes()) tensor->add_dims(size);
  tensor->set_raw_data(stored.data_ptr(), stored.nbytes());
  return {.graph = this, .name = name};
}

OnnxValue OnnxGraph::constant_once(const std::string& name, const at::Tensor& values) {
  if (parts_->constants.contains(name)) return {.graph = this, .name = name};
  return constant(name, values);
}

OnnxValue OnnxGraph::integers(const std::vector<std::int64_t>& values) {
  return constant_once("integers/" + joined_numbers(values), torch::tensor(values, torch::kLong));
}

OnnxValue OnnxGraph::number(double value) {
  const auto number = static_cast<float>(value);
  return constant_once("number/" + joined_numbers(std::vector<float>{number}), torch::tensor(number));
}

OnnxValue OnnxGraph::numbers(const std::vector<float>& values) {
  return constant_once("numbers/" + joined_numbers(values), torch::tensor(values));
}

void OnnxGraph::set_metadata(const std::string& key, const std::string& text) {
  auto* entry = parts_->model.add_metadata_props();
  entry->set_key(key);
  entry->set_value(text);
}

std::uintmax_t OnnxGraph::write(const std::filesystem::path& file) const {
  const std::size_t bytes = parts_->model.ByteSizeLong();
  if (bytes > std::numeric_limits<std::int32_t>::max()) {
    throw Error(file.string() + " would be larger than 2 GiB, which no ONNX file can be");
  }
  write_file_atomically(file, [&](const std::filesystem::path& temporary) {
    std::ofstream stream(temporary, std::ios::binary);
    if (!parts_->model.SerializeToOstream(&stream) || !stream.flush()) {
      throw Error("cannot write " + temporary.string());
    }
  });
  return bytes;
}

OnnxScope::OnnxScope(OnnxGraph& graph, const std::string& path)
    : graph_(graph), before_(std::exchange(graph.parts_->path, path)) {}

OnnxScope::~OnnxScope() {
  graph_.parts_->path = std::move(before_);
}

}  // namespace tha4
