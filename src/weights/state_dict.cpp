#include "tha4/weights/state_dict.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>
#include <vector>

#include "safetensors_header.h"
#include "stored_state.h"
#include "tensor_type.h"
#include "weights_pieces.h"
#include <torch/nn/module.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"
#include "tha4/base/input_file.h"
#include "tha4/base/nearest_name.h"
#include "tha4/base/short_spins.h"
#include "tha4/weights/safetensors.h"
#include "tha4/weights/torch_archive.h"

namespace tha4 {
namespace {

/// As PyTorch orders them: the parameters and buffers of a module, then those of its children.
void append_tensors(StateDict& state, const torch::nn::Module& module, const std::string& prefix) {
  for (const auto& item : module.named_parameters(/*recurse=*/false)) {
    state.insert(prefix + item.key(), item.value());
  }
  for (const auto& item : module.named_buffers(/*recurse=*/false)) {
    state.insert(prefix + item.key(), item.value());
  }
  for (const auto& child : module.named_children()) {
    append_tensors(state, *child.value(), prefix + child.key() + ".");
  }
}

std::vector<std::string> names_not_in(const StateDict& state, const StateDict& other) {
  std::vector<std::string> names;
  for (const auto& item : state) {
    if (!other.contains(item.key())) names.push_back(item.key());
  }
  return names;
}

std::string and_more(std::size_t count) {
  return count > 1 ? " (and " + std::to_string(count - 1) + " more)" : "";
}

void check_names(const StateDict& expected, const StateDict& found, const std::string& source) {
  const auto missing = names_not_in(expected, found);
  const auto unexpected = names_not_in(found, expected);
  if (!missing.empty()) {
    const std::string nearest = nearest_name(missing[0], unexpected);
    throw InputError(source + ": the tensor " + in_quotes(missing[0]) + " is missing" +
                     and_more(missing.size()) +
                     (nearest.empty() ? "" : "; the nearest of its other tensors is " + in_quotes(nearest)) +
                     "; is this a file of another network?");
  }
  if (!unexpected.empty()) {
    const std::string nearest = nearest_name(unexpected[0], expected.keys());
    throw InputError(source + ": the network has no tensor " + in_quotes(unexpected[0]) +
                     and_more(unexpected.size()) +
                     (nearest.empty() ? "" : "; the nearest of its tensors is " + in_quotes(nearest)) +
                     "; is this a file of another network?");
  }
}

bool are_transposed(at::IntArrayRef a, at::IntArrayRef b) {
  if (a.size() < 2 || a.size() != b.size() || a == b) return false;
  return a[0] == b[1] && a[1] == b[0] && a.slice(2) == b.slice(2);
}

void check_types(const StateDict& expected, const StateDict& found, const std::string& source) {
  for (const auto& item : expected) {
    const bool is_of_numbers = at::isFloatingType(item.value().scalar_type());
    const at::ScalarType type = found[item.key()].scalar_type();
    if (!is_of_numbers || at::isFloatingType(type)) continue;
    throw InputError(
        source + ": the tensor " + in_quotes(item.key()) + " is of type " +
        std::string(tensor_type_of(type)->name) +
        ", integers without a scale, but the network needs numbers; save the weights as float32");
  }
}

void check_shapes(const StateDict& expected, const StateDict& found, const std::string& source) {
  for (const auto& item : expected) {
    const at::Tensor& tensor = found[item.key()];
    if (tensor.sizes() != item.value().sizes()) {
      throw InputError(source + ": the tensor " + in_quotes(item.key()) + " has the shape " +
                       shape_text(tensor.sizes()) + ", but the network needs " +
                       shape_text(item.value().sizes()) +
                       (are_transposed(tensor.sizes(), item.value().sizes())
                            ? "; it is transposed: save the weights as PyTorch's layers have them"
                            : ""));
    }
  }
}

/// Far beyond the weights of any network; what is calculated with larger ones is soon no number.
constexpr double kLargestWeight = 1e10;

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific, 1);
  return std::string(text.data(), end.ptr);
}

void check_sizes_of_numbers(const StateDict& found, const std::string& source) {
  for (const auto& item : found) {
    const at::Tensor& tensor = item.value();
    if (!at::isFloatingType(tensor.scalar_type()) || tensor.numel() == 0) continue;
    const auto largest = tensor.to(at::kFloat).abs().max().item<double>();
    if (!(largest > kLargestWeight)) continue;
    throw InputError(source + ": the tensor " + in_quotes(item.key()) + " has values as large as " +
                     number_text(largest) +
                     ", which no trained network has; the training that made it diverged, or the file is "
                     "damaged: use an earlier one");
  }
}

/// What a file that is of neither format looks like, where it is a usual mistake.
std::string usual_mistake(std::string_view begin) {
  if (begin.empty()) return ": it is empty";
  struct Known {
    std::string_view begin;
    const char* name;
  };
  constexpr std::array kKnown = {Known{"\x93NUMPY", "an array of NumPy"},
                                 Known{"\x89HDF", "an HDF5 file, as of Keras"},
                                 Known{"GGUF", "a GGUF file"},
                                 Known{"\x08", "perhaps an ONNX graph"},
                                 Known{"<?xml", "XML, perhaps what a server says instead of the file"},
                                 Known{"{", "a text (JSON)"}};
  for (const Known& known : kKnown) {
    if (!begin.starts_with(known.begin)) continue;
    return std::string("; it is ") + known.name + ": expected is a file of torch.save or a safetensors file";
  }
  return "; expected is a file of torch.save or a safetensors file";
}

std::string first_bytes(const InputFile& file) {
  std::string bytes(std::min<std::uint64_t>(file.size(), 64), '\0');
  file.read(0, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

}  // namespace

StateDict state_dict_of(const torch::nn::Module& module) {
  StateDict state;
  append_tensors(state, module, "");
  return state;
}

void load_state_dict(torch::nn::Module& module, const StateDict& state, const std::string& source) {
  const torch::NoGradGuard no_grad;
  StateDict own = state_dict_of(module);
  check_names(own, state, source);
  check_shapes(own, state, source);
  check_types(own, state, source);
  check_sizes_of_numbers(state, source);
  for (auto& item : own) item.value().copy_(state[item.key()]);
}

namespace {

/// What PyTorch's wrappers put before the names of what they wrap, and before those of the whole model.
constexpr std::array<std::string_view, 3> kWrappers = {"module.", "_orig_mod.", "model."};

bool all_start_with(const StateDict& state, std::string_view prefix) {
  return !state.is_empty() && std::ranges::all_of(state, [&](const auto& item) {
    return item.key().starts_with(prefix) && item.key().size() > prefix.size();
  });
}

/// What stands within names where a part of a model was compiled or distributed by itself.
constexpr std::array<std::string_view, 3> kInnerWrappers = {"_orig_mod.", "_fsdp_wrapped_module.",
                                                            "_checkpoint_wrapped_module."};

std::string without_inner_wrappers(std::string name) {
  for (const std::string_view wrapper : kInnerWrappers) {
    for (std::size_t at = name.find(wrapper); at != std::string::npos; at = name.find(wrapper, at)) {
      if (at == 0 || name[at - 1] == '.') {
        name.erase(at, wrapper.size());
      } else {
        ++at;
      }
    }
  }
  return name;
}

StateDict renamed(const StateDict& state) {
  StateDict result;
  for (const auto& item : state) {
    std::string name = without_inner_wrappers(item.key());
    if (name.empty() || result.contains(name)) return state;  // not what it looked like
    result.insert(std::move(name), item.value());
  }
  return result;
}

/// Names as the network has them, without those of DataParallel, torch.compile and the like. An average of
/// weights (AveragedModel) has their number besides.
StateDict unwrapped(StateDict state) {
  constexpr const char* kNumberOfAverage = "n_averaged";
  if (state.contains(kNumberOfAverage) && state.size() > 1) {
    StateDict rest;
    for (const auto& item : state) {
      if (item.key() != kNumberOfAverage) rest.insert(item.key(), item.value());
    }
    if (all_start_with(rest, "module.")) state = std::move(rest);
  }
  const bool has_inner = std::ranges::any_of(
      state, [](const auto& item) { return without_inner_wrappers(item.key()) != item.key(); });
  if (has_inner) state = renamed(state);
  while (true) {
    const auto* const wrapper = std::ranges::find_if(
        kWrappers, [&](std::string_view prefix) { return all_start_with(state, prefix); });
    if (wrapper == kWrappers.end()) return state;
    StateDict inner;
    for (const auto& item : state) inner.insert(item.key().substr(wrapper->size()), item.value());
    state = std::move(inner);
  }
}

/// Numbers that are none make every frame none; in training they would look like a wrong learning rate.
void check_finite(const StateDict& state, const std::string& source) {
  for (const auto& item : state) {
    const at::Tensor& tensor = item.value();
    if (!at::isFloatingType(tensor.scalar_type()) || tensor.numel() == 0) continue;
    // Networks have 32 bits, for which numbers of 64 may be too large. A sum is finite if all are, and
    // quicker; where it is not, it may have been too large.
    const at::Tensor values = tensor.to(at::kFloat);
    if (std::isfinite(values.sum().item<double>()) || at::isfinite(values).all().item<bool>()) continue;
    if (tensor.scalar_type() == at::kDouble && at::isfinite(tensor).all().item<bool>()) {
      throw InputError(source + ": the tensor " + in_quotes(item.key()) +
                       " has values that are too large for 32 bits, which networks calculate in");
    }
    throw InputError(source + ": the tensor " + in_quotes(item.key()) +
                     " has values that are not finite numbers (NaN or infinity); the training that made it "
                     "diverged, or the file is damaged: use an earlier one");
  }
}

StateDict checked(StateDict state, const std::string& source) {
  state = unwrapped(std::move(state));
  check_finite(state, source);
  return state;
}

}  // namespace

StateDict read_weights(const std::filesystem::path& file) {
  shorten_spins_on_shared_cores();
  std::error_code ignored;
  if (file.extension() == ".safetensors" && !std::filesystem::exists(file, ignored)) {
    const auto pieces = pieces_beside(file);
    if (!pieces.empty()) return checked(plain_state(read_pieces(file, pieces), file.string()), file.string());
  }
  const InputFile input(file);
  if (looks_like_safetensors(input)) {
    StoredState stored;
    stored.tensors = read_safetensors(file, &stored.metadata);
    return checked(plain_state(stored, file.string()), file.string());
  }
  const std::string begin = first_bytes(input);
  if (begin.starts_with("PK") || begin.starts_with("\x80")) {
    return checked(read_torch_archive(file), file.string());
  }
  refuse_foreign_file(begin, file.string());
  input.fail("is no file of weights" + usual_mistake(begin));
}

void write_weights(const std::filesystem::path& file, const StateDict& state) {
  write_weights(file, state, WeightsStorage::as_is);
}

}  // namespace tha4
