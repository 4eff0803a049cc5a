#include "architecture_option.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

namespace tha4 {

void add_architecture_option(CLI::App& app, std::optional<Architecture>& architecture) {
  const auto parse = [&architecture](const std::string& name) { architecture = parse_architecture(name); };
  app.add_option_function<std::string>(
         "--arch", parse,
         "Architecture of a teacher's networks; if it is not given, the one whose files are in the folder")
      ->type_name(fmt::format("TEXT:{{{}}}", fmt::join(architecture_names(), ",")));
}

}  // namespace tha4
