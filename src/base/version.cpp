#include "tha4/base/version.h"

namespace tha4 {

std::string_view version() {
  return THA4_VERSION;
}

}  // namespace tha4
