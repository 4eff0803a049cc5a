#include "tha4/base/settings.h"
#include "tha4/data/dataset_writer.h"
#include "tha4/pose/pose_distribution.h"

namespace tha4 {
namespace {

Names<PoseStep> step_names() {
  Names<PoseStep> names;
  for (const PoseStep step :
       {PoseStep::whole, PoseStep::eyebrows, PoseStep::face, PoseStep::body, PoseStep::expression}) {
    names.emplace_back(pose_step_name(step), step);
  }
  return names;
}

const Fields<DatasetSettings>& dataset_fields() {
  using Settings = DatasetSettings;
  const Names<PictureEncoding> encodings = {{"png", PictureEncoding::png}, {"webp", PictureEncoding::webp}};
  static const Fields<Settings> fields({
      field::choice("step", &Settings::step, step_names(),
                    "What a triple shows: whole, or the step that one of a teacher's networks learns."),
      field::integer("poses_per_character", &Settings::poses_per_character, {1, 1'000'000},
                     "Triples of each character."),
      field::seed("seed", &Settings::seed, "Seed of the poses."),
      field::renamed("test_share", field::number("test_fraction", &Settings::test_fraction, {0, 1},
                                                 "Fraction of the characters that is kept for tests.")),
      field::choice("format", &Settings::encoding, encodings, "How pictures are stored, without loss."),
      field::integer("samples_per_shard", &Settings::samples_per_shard, {1, 1'000'000},
                     "Triples in a file at most, but at least one whole character."),
      field::group("poses", pose_fields(&Settings::distribution, &Settings::natural), "How poses are drawn.",
                   "poses"),
  });
  return fields;
}

}  // namespace

DatasetSettings parse_dataset_settings(const nlohmann::json& json, const std::string& source) {
  DatasetSettings settings;
  dataset_fields().read(ConfigReader(json, source), settings);
  return settings;
}

nlohmann::json to_json(const DatasetSettings& settings) {
  return dataset_fields().write(settings);
}

std::string dataset_settings_help() {
  return settings_help("A dataset: tha4-make-dataset", dataset_fields().help());
}

}  // namespace tha4
