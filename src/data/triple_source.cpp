#include "tha4/data/triple_source.h"

#include <vector>

#include "tha4/base/config.h"

namespace tha4 {

nlohmann::json to_json(const SourcePosition& position) {
  nlohmann::json json = {{"places", position.places}, {"sequence", position.sequence}};
  if (!position.damaged.empty()) json["damaged"] = position.damaged;
  return json;
}

SourcePosition parse_source_position(const nlohmann::json& json, const std::string& source) {
  const ConfigReader reader(json, source);
  SourcePosition position;
  position.places = reader.get<std::uint64_t>("places");
  position.sequence = reader.get<std::uint64_t>("sequence");
  if (reader.has("damaged")) {
    for (const nlohmann::json& sample : json["damaged"]) {
      const bool is_pair = sample.is_array() && sample.size() == 2 && sample[0].is_number_unsigned() &&
                           sample[1].is_number_unsigned();
      if (!is_pair) reader.fail("damaged", "must be a list of pairs: the numbers of a shard and of a sample");
      position.damaged.emplace_back(sample[0], sample[1]);
    }
  }
  reader.reject_unknown_keys();
  return position;
}

}  // namespace tha4
