#pragma once

#include <memory>
#include <string>

#include "onnx/onnx_graph.h"

#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// A network that is written into a graph, or a module of it: its weights, by their names within it, and the
/// path by which its constants and nodes are named.
class OnnxModule {
 public:
  /// \param name  of the network in the graph
  OnnxModule(OnnxGraph& graph, StateDict state, std::string name);

  /// The module \p child of this one: "body.first_conv".
  OnnxModule operator[](const std::string& child) const;

  /// Module \p index of the list \p list.
  OnnxModule operator()(const std::string& list, std::int64_t index) const;

  bool has(const std::string& key) const;

  /// How many modules the list \p list has.
  std::int64_t count(const std::string& list) const;

  /// The weights \p key. Throws Error where there are none.
  at::Tensor tensor(const std::string& key) const;

  /// The weights \p key as a constant of the graph.
  OnnxValue weight(const std::string& key) const;

  /// What was made of weights, as a constant of the graph.
  OnnxValue constant(const std::string& key, const at::Tensor& values) const;

  /// What the sizes of the network are read off; lives as long as this.
  WeightShapes shapes() const;

  OnnxGraph& graph() const { return *graph_; }

  /// The scope of the nodes of this module.
  OnnxScope scope() const;

 private:
  OnnxGraph* graph_;
  std::shared_ptr<const StateDict> state_;
  std::string name_;
  std::string prefix_;  ///< of keys: "body.first_conv."
};

}  // namespace tha4
