#include "tha4/base/lower_case.h"

namespace tha4 {

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string lower_extension(const std::filesystem::path& file) {
  return lower_case(file.extension().string());
}

}  // namespace tha4
