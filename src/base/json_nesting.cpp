#include "tha4/base/json_nesting.h"

#include "tha4/base/error.h"

namespace tha4 {

void check_json_nesting(std::string_view text, const std::string& source) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepestJson) fail_for_nesting(source);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
}

void fail_for_nesting(const std::string& source) {
  throw InputError(source + ": its JSON is nested more than " + std::to_string(kDeepestJson) +
                   " levels deep, as no file of this kind is; make it anew");
}

}  // namespace tha4
