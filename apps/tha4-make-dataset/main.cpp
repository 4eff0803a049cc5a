#include <optional>

#include "command_files.h"
#include "command_line.h"
#include <spdlog/spdlog.h>

#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/data/dataset_preview.h"
#include "tha4/data/dataset_writer.h"
#include "tha4/image/image_io.h"

namespace {

using namespace tha4;
using namespace tha4::app;

struct Options {
  std::string characters;
  std::optional<std::string> step;
  std::optional<int> poses_per_character;
  std::optional<std::uint64_t> seed;
  std::optional<double> test_fraction;
  std::optional<std::string> format;
  std::string config;
  std::string preset = "standard";
  std::vector<std::string> overrides;
  std::string out;
  std::string shard = "1/1";
  int threads = 0;
  std::string preview;
  JsonOutput json;
};

/// The settings of the preset or file, then --set, then the options that have a name of their own.
DatasetSettings settings_of(const Options& options) {
  const std::filesystem::path file =
      options.config.empty() ? preset_file("dataset", options.preset) : std::filesystem::path(options.config);
  nlohmann::json settings = read_config_file(file);
  parse_with_overrides(settings, options.overrides, file.string(), parse_dataset_settings);
  apply_overrides(settings, options.overrides);
  if (options.step) settings["step"] = *options.step;
  if (options.poses_per_character) settings["poses_per_character"] = *options.poses_per_character;
  if (options.seed) settings["seed"] = *options.seed;
  if (options.test_fraction) settings["test_fraction"] = *options.test_fraction;
  if (options.format) settings["format"] = *options.format;
  return parse_dataset_settings(settings, file.string());
}

void report(const DatasetJobResult& result, const DatasetJob& job) {
  if (result.skipped_characters > 0) {
    spdlog::warn("{} characters were left out; dataset.json says why", result.skipped_characters);
  }
  if (result.missing.empty()) {
    spdlog::info("wrote {} triples; the dataset is complete: {}", result.samples,
                 (job.out / "dataset.json").string());
  } else {
    spdlog::info(
        "wrote {} triples of job {}/{}; {} shards of other jobs are still missing ({}, ...), the last "
        "job writes dataset.json",
        result.samples, job.share.index, job.share.count, result.missing.size(), result.missing.front());
  }
}

/// A split is drawn character by character, so that few of them may all be of one.
void warn_of_splits(const CharacterSet& characters, double test_fraction) {
  if (test_fraction <= 0 || test_fraction >= 1) return;  // as the user wants it
  std::uint64_t tests = 0;
  for (std::uint64_t i = 0; i < characters.size(); ++i) {
    tests += split_of(characters.id(i), test_fraction) == Split::test;
  }
  if (tests == 0) {
    spdlog::warn(
        "none of the {} characters is for tests, which the training of a teacher and tha4-eval ask for; "
        "take more of them, or a larger --test-fraction (it is {})",
        characters.size(), test_fraction);
  } else if (tests == characters.size()) {
    spdlog::warn(
        "all of the {} characters are for tests, and none is to train with; take more of them, or a smaller "
        "--test-fraction (it is {})",
        characters.size(), test_fraction);
  }
}

/// What could not be written in the end is said before the work.
void check_files(const Options& options) {
  if (!options.preview.empty()) {
    if (!is_picture_name(options.preview)) {
      throw InputError("--preview " + options.preview + " is a picture: name a .png, .webp or .jpg file");
    }
  }
  CommandFiles()
      .reads("--config", options.config)
      .reads("--characters", options.characters)
      .goes_on_in("--out", options.out, {"*.tar", "dataset.json", "settings.json"})
      .writes("--preview", options.preview)
      .writes("--json", options.json.file)
      .check();
}

void write_preview(const std::string& file, const DatasetJobResult& result) {
  if (result.shards.empty()) {
    spdlog::warn("no {}: this job has no shards to show", file);
    return;
  }
  write_image(file, preview_sheet(result.shards));
  spdlog::info("some of them: {}", file);
}

nlohmann::json summary_of(const DatasetJobResult& result, const DatasetJob& job) {
  return {{"out", job.out.string()},
          {"triples", result.samples},
          {"written_now", result.written},
          {"skipped_characters", result.skipped_characters},
          {"is_complete", result.missing.empty()}};
}

int make_dataset(const Options& options, const Context& context) {
  DatasetJob job;
  job.out = options.out;
  job.settings = settings_of(options);
  job.share = parse_option("--shard", options.shard, parse_job_share);
  job.threads = options.threads;
  check_files(options);
  const auto characters = parse_option("--characters", options.characters, open_character_set);
  warn_of_splits(*characters, job.settings.test_fraction);
  const DatasetJobResult result = write_dataset(*characters, job, context);
  report(result, job);
  options.json.write(summary_of(result, job));
  if (!options.preview.empty()) write_preview(options.preview, result);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CommandLine command(
      "tha4-make-dataset", "Draws rigged characters in many poses: training data for teachers.",
      "  tha4-make-dataset --characters procedural:1000 --out data/procedural --preview sheet.png\n"
      "  tha4-make-dataset --characters my_avatars/ --poses-per-character 200 --out data/avatars\n"
      "\nOn many machines that share a folder, for example as a job array of 16:\n"
      "  tha4-make-dataset --characters procedural:8000 --out data/large --shard $SLURM_ARRAY_TASK_ID/16\n"
      "Each job writes shards of its own, and the one that ends last writes dataset.json. A job that was\n"
      "killed is run again with the same options and goes on after its finished shards; any job that is run\n"
      "again writes dataset.json as soon as all shards are there.");
  CLI::App& app = command.options();
  app.add_option(
         "--characters", options.characters,
         "procedural:N[:SEED] (N characters invented from the seeds SEED, SEED+1, ...), or a folder of "
         ".vrm files")
      ->required();
  app.add_option(
         "--step", options.step,
         "What the triples show: whole (from rest to the pose), or the step that networks of a teacher "
         "learn: eyebrows, face, body")
      ->check(one_of({"whole", "eyebrows", "face", "body", "expression"}));
  app.add_option("--poses-per-character", options.poses_per_character, "Triples of each character");
  add_out_option(app, options.out, "Folder of the dataset; that of an earlier run is continued")->required();
  app.add_option("--shard", options.shard, "I/N: does the part of job I of N, counted from 1")
      ->capture_default_str();
  app.add_option("--format", options.format, "Pictures: png, or webp (lossless: smaller and slower)")
      ->check(one_of({"png", "webp"}));
  app.add_option("--test-fraction,--test-share", options.test_fraction,
                 "Fraction of the characters that is kept for tests");
  app.add_option("--seed", options.seed, "Seed of the poses");
  auto* config = add_config_option(app, options.config);
  app.add_option("--preset", options.preset, "Settings by name")->excludes(config)->capture_default_str();
  add_set_option(app, options.overrides, "poses.head=1");
  app.add_option("--threads", options.threads, "Threads that draw; 0: one for each core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option("--preview", options.preview,
                 "Writes a sheet of some of the triples, as .png, .webp or .jpg");
  options.json.add_to(app, "Writes the counts to this file");
  command.add_config_help(dataset_settings_help);
  command.describe_device(
      "auto, cpu, cuda or cuda:N, to no effect: OpenGL draws, on a GPU where it finds one");
  command.advise_on_memory("use fewer --threads");
  return command.run(argc, argv, [&] { return make_dataset(options, command.context()); });
}
