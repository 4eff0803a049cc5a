#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tha4/nn/teacher_networks.h"

namespace tha4 {

/// The network in the file \p name.pt of \p folder.
template <class Network>
Network load_network_file(const std::filesystem::path& folder, const std::string& name) {
  const auto file = folder / (name + ".pt");
  return load_network<Network>(read_weights(file), file.string());
}

std::vector<NamedNetwork> named_networks(const TeacherFaceNetworks& networks);
TeacherFaceNetworks make_face_networks();
TeacherFaceNetworks load_face_networks(const std::filesystem::path& folder);

}  // namespace tha4
