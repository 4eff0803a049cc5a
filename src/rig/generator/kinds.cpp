#include "kinds.h"

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"

namespace tha4::generator {

std::string unknown_kind(const KindNames& known, std::string_view name) {
  return "'" + std::string(name) + "' is no " + known.what + "; did you mean '" +
         nearest_name(name, known.names) + "'?";
}

void throw_unknown_kind(const KindNames& known, std::string_view name) {
  throw Error(unknown_kind(known, name));
}

}  // namespace tha4::generator
