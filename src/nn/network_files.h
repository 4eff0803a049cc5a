#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tha4/nn/teacher_networks.h"
#include "tha4/weights/weights_folder.h"

namespace tha4 {

/// The network \p name of \p folder, from the official .pt file or else from safetensors of any storage.
template <class Network>
Network load_network_file(const std::filesystem::path& folder, const std::string& name) {
  const auto file = weights_file_in(folder, name);
  return load_network<Network>(read_weights(file), file.string());
}

std::vector<NamedNetwork> named_networks(const TeacherFaceNetworks& networks);
TeacherFaceNetworks make_face_networks();
TeacherFaceNetworks load_face_networks(const std::filesystem::path& folder);

}  // namespace tha4
