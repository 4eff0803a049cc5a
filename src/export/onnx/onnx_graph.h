#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>

namespace tha4 {

class OnnxGraph;

/// A value of a graph that is being built: what a node gives, an input, or a constant.
struct OnnxValue {
  OnnxGraph* graph = nullptr;
  std::string name;  ///< empty: an optional input of a node that is left out
  /// Of images and feature maps [N, channels, size, size]: what does not depend on the batch; else 0.
  std::int64_t channels = 0;
  std::int64_t size = 0;
};

using OnnxAttribute =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>>;
using OnnxAttributes = std::vector<std::pair<std::string, OnnxAttribute>>;

enum class OnnxType { float32, uint8 };

/// A size, or the name of one that is known only when the graph is run.
using OnnxDimension = std::variant<std::int64_t, std::string>;

/// An input or an output of the whole graph.
struct OnnxPort {
  std::string name;
  OnnxType type;
  std::vector<OnnxDimension> shape;
  std::string meaning;  ///< one sentence for who opens the file
};

/// A graph of operations of ONNX, opset 17, that is built node by node and written to a file. Nodes and
/// constants are named by the module that they belong to (OnnxScope).
class OnnxGraph {
 public:
  /// \param name         of the graph
  /// \param description  for who opens the file
  OnnxGraph(const std::string& name, const std::string& description);
  ~OnnxGraph();
  OnnxGraph(const OnnxGraph&) = delete;
  OnnxGraph& operator=(const OnnxGraph&) = delete;

  OnnxValue input(const OnnxPort& port);
  void output(const OnnxValue& value, const OnnxPort& port);

  /// A node with one output.
  OnnxValue node(const std::string& operation, const std::vector<OnnxValue>& inputs,
                 const OnnxAttributes& attributes = {});

  /// A node with \p outputs outputs.
  std::vector<OnnxValue> nodes(const std::string& operation, const std::vector<OnnxValue>& inputs,
                               int outputs, const OnnxAttributes& attributes = {});

  /// Numbers in the file, under \p name, which no others have: float32, or int64 of a tensor of integers.
  OnnxValue constant(const std::string& name, const at::Tensor& values);

  /// The same, but for a name that is there already: that constant.
  OnnxValue constant_once(const std::string& name, const at::Tensor& values);

  /// Integers that a node takes as an input, a number, and numbers. Equal ones are one constant.
  OnnxValue integers(const std::vector<std::int64_t>& values);
  OnnxValue number(double value);
  OnnxValue numbers(const std::vector<float>& values);

  /// A text of the file under a name, for programs.
  void set_metadata(const std::string& key, const std::string& text);

  /// Writes the file whole or not at all, and returns its size in bytes. Throws Error where it would be
  /// larger than the 2 GiB of one protocol buffer.
  std::uintmax_t write(const std::filesystem::path& file) const;

 private:
  friend class OnnxScope;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// While one of these lives, new nodes of \p graph are named as parts of the module \p path.
class OnnxScope {
 public:
  OnnxScope(OnnxGraph& graph, const std::string& path);
  ~OnnxScope();
  OnnxScope(const OnnxScope&) = delete;
  OnnxScope& operator=(const OnnxScope&) = delete;

 private:
  OnnxGraph& graph_;
  std::string before_;
};

}  // namespace tha4
