#pragma once

#include <span>
#include <string_view>

namespace tha4 {

/// A source file of the page that plays characters, from src/export/page.
struct PageFile {
  std::string_view name;  ///< without a folder
  std::string_view text;
};

/// All of them, as they were when the library was built.
std::span<const PageFile> page_files();

}  // namespace tha4
