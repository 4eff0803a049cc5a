#include "tha4/base/command.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>

#include <c10/util/Exception.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

void report(const std::string& name, const std::string& problem) {
  std::fputs((name + ": error: " + problem + "\n").c_str(), stderr);
}

}  // namespace

std::string_view version() {
  return THA4_VERSION;
}

std::string one_line(const std::exception& error, const std::string& memory_remedy) {
  if (dynamic_cast<const Error*>(&error) != nullptr) return error.what();
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) {
    return "the device has not enough memory; " +
           (memory_remedy.empty() ? "use --device cpu" : memory_remedy + " or --device cpu");
  }
  if (const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error)) {
    return "LibTorch failed: " + first_line(of_libtorch->what_without_backtrace());
  }
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return memory_remedy.empty() ? "out of memory" : "out of memory; " + memory_remedy;
  }
  return first_line(error.what());
}

int run_command(const std::string& name, const std::function<int()>& body, const std::string& memory_remedy) {
  try {
    return body();
  } catch (const Error& error) {
    report(name, error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    report(name, one_line(error, memory_remedy));
  }
  return 1;
}

}  // namespace tha4
