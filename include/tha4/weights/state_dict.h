#pragma once

#include <filesystem>
#include <string>

#include <torch/nn/module.h>
#include <torch/ordered_dict.h>

namespace tha4 {

/// Named tensors in file order: the weights of one network, or the tensors of one file.
using StateDict = torch::OrderedDict<std::string, torch::Tensor>;

/// All parameters and buffers of \p module by their full names, sharing its memory.
StateDict state_dict_of(const torch::nn::Module& module);

/// Copies \p state into the parameters and buffers of \p module, converting types and devices. The names must
/// be the same, the shapes equal, and no integers stand for numbers, else InputError that names \p source,
/// the key, the expected and the found shape or type; the module is then as it was.
void load_state_dict(torch::nn::Module& module, const StateDict& state, const std::string& source);

/// Reads a weights file of either format, by what it contains: a torch.save archive or safetensors. Of the
/// 8-bit integers of a safetensors file, whose scales it must hold (weights_storage.h), the float32 weights
/// are given under their plain names. Where there is no NAME.safetensors but its pieces
/// NAME-00001-of-0000N.safetensors, these are read as one. What DataParallel and torch.compile put before all
/// names ("module.", "_orig_mod.") is left out. Throws InputError, also where a piece is missing, and where a
/// value is not finite, naming its tensor.
StateDict read_weights(const std::filesystem::path& file);

/// Writes \p state in the format that the extension of \p file names: .pt or .safetensors. Throws InputError
/// for other extensions, and for 8-bit integers in safetensors. weights_storage.h has more ways to write.
void write_weights(const std::filesystem::path& file, const StateDict& state);

}  // namespace tha4
