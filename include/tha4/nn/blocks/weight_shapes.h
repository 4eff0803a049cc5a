#pragma once

#include <cstdint>
#include <string>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/convolution.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// The largest width of a layer and the most blocks in a list that are believed where a file says them.
inline constexpr std::int64_t kMaxWidth = 2048;
inline constexpr std::int64_t kMaxBlocks = 32;

/// The shapes of the tensors of a weights file, or of the part of it whose keys begin with a prefix: what the
/// sizes of a network are read off.
class WeightShapes {
 public:
  /// \param state   must outlive this
  /// \param source  file name for messages
  WeightShapes(const StateDict& state, std::string source) : state_(&state), source_(std::move(source)) {}

  /// The keys that begin with \p prefix, without it.
  WeightShapes under(const std::string& prefix) const;

  bool has(const std::string& key) const;

  /// Size of dimension \p axis of the tensor \p key, within [1, \p max]. Throws InputError naming file and
  /// key if it is not, or there is no such tensor or dimension.
  std::int64_t size(const std::string& key, std::int64_t axis, std::int64_t max = kMaxWidth) const;

  /// How many blocks the list \p list has: keys begin with "<list>.0.", "<list>.1." and so on. Throws
  /// InputError for more than \p max.
  std::int64_t count(const std::string& list, std::int64_t max = kMaxBlocks) const;

  /// Throws InputError: "<source>: <key> <problem>".
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;

 private:
  const StateDict* state_;
  std::string source_;
  std::string prefix_;
};

/// A network of the type \p Network with the sizes \p options and the values of \p state. Throws InputError
/// naming \p source where names, shapes or sizes are not such a network's.
template <class Network, class Options>
Network load_network(const StateDict& state, const std::string& source, const Options& options) {
  const auto make = [&] {
    const SkipInitialization skip;
    try {
      return Network(options);
    } catch (const InputError& error) {
      throw InputError(source + ": " + error.what());
    }
  };
  Network network = make();
  load_state_dict(*network, state, source);
  return network;
}

/// Likewise, with the sizes read off \p state.
template <class Network>
Network load_network(const StateDict& state, const std::string& source) {
  return load_network<Network>(state, source, Network::Impl::options_of(WeightShapes(state, source)));
}

}  // namespace tha4
