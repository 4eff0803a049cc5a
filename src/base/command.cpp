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

int run_command(const std::string& name, const std::function<int()>& body, const std::string& memory_remedy) {
  try {
    return body();
  } catch (const Error& error) {
    report(name, error.what());
    return error.exit_code();
  } catch (const c10::OutOfMemoryError& error) {
    report(name, "the device has not enough memory; " +
                     (memory_remedy.empty() ? "use --device cpu" : memory_remedy + " or --device cpu"));
  } catch (const c10::Error& error) {
    report(name, "LibTorch failed: " + first_line(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    report(name, memory_remedy.empty() ? "out of memory" : "out of memory; " + memory_remedy);
  } catch (const std::exception& error) {
    report(name, first_line(error.what()));
  }
  return 1;
}

}  // namespace tha4
