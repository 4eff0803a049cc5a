#include <yaml-cpp/yaml.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/portable_path.h"
#include "tha4/base/printable.h"
#include "tha4/distill/distill_config.h"

namespace tha4 {

OfficialDistillConfig read_official_distill_config(const std::filesystem::path& file) {
  const std::string text = read_text_file(file, 1 << 20);
  try {
    const YAML::Node yaml = YAML::Load(text);
    const auto required = [&](const char* key) {
      if (!yaml.IsMap() || !yaml[key]) throw InputError(file.string() + ": the key " + key + " is missing");
      const auto name = yaml[key].as<std::string>();
      if (printable(name) != name) {
        throw InputError(file.string() + ": " + key + " is a name with control characters; rename the file");
      }
      return name;
    };
    const auto batch = [&](const char* key) {
      const int value = yaml[key] ? yaml[key].as<int>() : 8;
      if (value < 1 || value > kMaxBatch) {
        throw InputError(file.string() + ": " + key + " is " + std::to_string(value) + ", outside 1 to " +
                         std::to_string(kMaxBatch));
      }
      return value;
    };
    const auto seed = [&](const char* key) { return yaml[key] ? yaml[key].as<std::uint64_t>() : 0; };
    OfficialDistillConfig config;
    config.prefix = portable_path({}, required("prefix"));
    config.character_image = portable_path({}, required("character_image_file_name"));
    config.face_mask = portable_path({}, required("face_mask_image_file_name"));
    config.face_seed = seed("face_morpher_random_seed_0");
    config.body_seed = seed("body_morpher_random_seed_0");
    config.face_batch = batch("face_morpher_batch_size");
    config.body_batch = batch("body_morpher_batch_size");
    return config;
  } catch (const YAML::Exception& error) {
    throw InputError(file.string() + ", line " + std::to_string(error.mark.line + 1) + ": " +
                     printable(error.msg));
  }
}

}  // namespace tha4
