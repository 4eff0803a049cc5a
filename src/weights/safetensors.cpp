#include "tha4/weights/safetensors.h"

#include <algorithm>
#include <functional>

#include "byte_order.h"
#include "output_file.h"
#include "safetensors_header.h"
#include "safetensors_writer.h"
#include "writable_state.h"
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

at::Tensor read_tensor(const InputFile& file, const SafetensorsEntry& entry, std::uint64_t data_offset) {
  // Bytes of bool tensors can be any, those of a C++ bool only 0 and 1.
  const bool is_bool = entry.type->scalar == at::kBool;
  at::Tensor tensor = at::empty(entry.shape, is_bool ? at::kByte : entry.type->scalar);
  file.read(data_offset + entry.begin, writable_bytes_of(tensor));
  return is_bool ? tensor.ne(0) : tensor;
}

std::string json_text(const std::string& text, const std::string& file) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) {
    throw Error("cannot write " + file + ": the text " + in_quotes(text) + " is not UTF-8");
  }
}

/// Larger elements first, so that every tensor is aligned to its element size.
std::vector<std::size_t> data_order(const StateDict& state) {
  std::vector<std::size_t> order(state.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::greater{},
                           [&](std::size_t i) { return state[i].value().element_size(); });
  return order;
}

std::string header_text(const StateDict& state, const std::vector<std::size_t>& order,
                        const TensorMetadata& metadata, const std::string& file) {
  std::vector<std::uint64_t> begins(state.size());
  std::uint64_t end = 0;
  for (const std::size_t i : order) {
    begins[i] = end;
    end += state[i].value().nbytes();
  }
  std::vector<std::string> items;
  if (!metadata.empty()) {
    std::vector<std::string> texts;
    for (const auto& [key, value] : metadata) {
      texts.push_back(json_text(key, file) + ':' + json_text(value, file));
    }
    items.push_back(fmt::format(R"("__metadata__":{{{}}})", fmt::join(texts, ",")));
  }
  for (std::size_t i = 0; i < state.size(); ++i) {
    const at::Tensor& tensor = state[i].value();
    items.push_back(fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                                json_text(state[i].key(), file),
                                tensor_type_of(tensor.scalar_type())->safetensors,
                                fmt::join(tensor.sizes(), ","), begins[i], begins[i] + tensor.nbytes()));
  }
  std::string text = fmt::format("{{{}}}", fmt::join(items, ","));
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > kMaxSafetensorsHeader) {
    throw Error("cannot write " + file + ": its names and texts are too large for a safetensors file");
  }
  return text;
}

}  // namespace

StateDict read_safetensors(const std::filesystem::path& file, TensorMetadata* metadata) {
  const InputFile input(file);
  SafetensorsHeader header = read_safetensors_header(input);
  StateDict state;
  state.reserve(header.entries.size());
  for (const SafetensorsEntry& entry : header.entries) {
    state.insert(entry.name, read_tensor(input, entry, header.data_offset));
  }
  if (metadata != nullptr) *metadata = std::move(header.metadata);
  return state;
}

void write_safetensors_to(const std::filesystem::path& temporary, const std::string& name,
                          const StateDict& state, const TensorMetadata& metadata) {
  check_writable(state, name);
  if (state.contains("__metadata__")) {
    throw Error("cannot write " + name + ": no tensor of a safetensors file can be called '__metadata__'");
  }
  const auto order = data_order(state);
  const std::string header = header_text(state, order, metadata, name);
  OutputFile output(temporary, name);
  std::string length;
  append_number<std::uint64_t>(length, header.size());
  output.write(length + header);
  for (const std::size_t i : order) output.write(bytes_of(writable_tensor(state[i].value())));
  output.close();
}

void write_safetensors(const std::filesystem::path& file, const StateDict& state,
                       const TensorMetadata& metadata) {
  write_file_atomically(file, [&](const std::filesystem::path& temporary) {
    write_safetensors_to(temporary, file.string(), state, metadata);
  });
}

}  // namespace tha4
