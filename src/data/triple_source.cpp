#include "tha4/data/triple_source.h"

#include <algorithm>
#include <vector>

#include "tha4/base/config.h"

namespace tha4 {

nlohmann::json to_json(const SourcePosition& position) {
  return {{"places", position.places}, {"sequence", position.sequence}};
}

SourcePosition parse_source_position(const nlohmann::json& json, const std::string& source) {
  const ConfigReader reader(json, source);
  SourcePosition position;
  position.places = reader.get<std::uint64_t>("places");
  position.sequence = reader.get<std::uint64_t>("sequence");
  reader.reject_unknown_keys();
  return position;
}

TripleBatch next_batch(TripleSource& source, int count) {
  std::vector<Triple> triples(static_cast<std::size_t>(std::max(count, 0)));
  for (Triple& triple : triples) triple = source.next();
  return to_batch(triples);
}

}  // namespace tha4
