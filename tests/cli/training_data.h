#pragma once

#include <filesystem>
#include <string>

namespace tha4 {

/// A dataset of triples of \p step ("eyebrows", "face" or "body") for training and testing, drawn once for
/// all tests of the process.
const std::filesystem::path& training_dataset(const std::string& step);

}  // namespace tha4
