#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// What is said of a name that trackers and other models have for something, such as "; it is a name of
/// ARKit, which here is about mouth_aaa". Empty where \p name is none that is known.
std::string hint_for_other_name(std::string_view name);

}  // namespace tha4
