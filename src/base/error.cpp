#include "tha4/base/error.h"

#include <algorithm>
#include <new>

#include <c10/util/Exception.h>

namespace tha4 {
namespace {

std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

}  // namespace

Error as_error(const std::exception& error) {
  if (const auto* own = dynamic_cast<const Error*>(&error)) return Error(own->what(), own->remedy());
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) {
    return Error("the device has not enough memory", Remedy::less_device_memory);
  }
  if (const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error)) {
    return Error("LibTorch failed: " + first_line(of_libtorch->what_without_backtrace()));
  }
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return Error("out of memory", Remedy::less_memory);
  }
  return Error(first_line(error.what()));
}

}  // namespace tha4
