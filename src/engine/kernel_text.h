#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace tha4 {

/// The text of a program of kernels: \p parts, one after the other, without the lines by which they include
/// each other where C++ reads them.
std::string kernel_text(std::initializer_list<std::string_view> parts);

}  // namespace tha4
