#include "tha4/data/open_source.h"

#include <filesystem>

#include "tha4/base/error.h"
#include "tha4/data/dataset_reader.h"
#include "tha4/data/online_source.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

bool names_dataset(const std::string& text) {
  std::error_code ignored;
  return fs::exists(fs::path(text) / "dataset.json", ignored) || fs::path(text).filename() == "dataset.json";
}

std::unique_ptr<TripleSource> open_dataset_source(const std::string& text, const SourceOptions& options,
                                                  const Context& context) {
  const Dataset dataset = open_dataset(text);
  if (dataset.step != options.step) {
    const std::string wanted(pose_step_name(options.step));
    throw InputError(text + " holds triples of the step '" + std::string(pose_step_name(dataset.step)) +
                         "', and those of the step '" + wanted + "' are needed",
                     Remedy(Remedy::make_dataset, {wanted}));
  }
  return std::make_unique<DatasetReader>(dataset,
                                         DatasetReaderOptions{.split = options.split,
                                                              .seed = options.seed,
                                                              .shuffle_buffer = options.shuffle_buffer,
                                                              .share = options.share,
                                                              .threads = options.threads,
                                                              .most_damaged = options.most_damaged},
                                         context);
}

std::unique_ptr<TripleSource> open_online_source(const std::string& text, const SourceOptions& options,
                                                 const Context& context) {
  return std::make_unique<OnlineSource>(
      open_character_set(text),
      OnlineSourceOptions{.split = options.split,
                          .test_share = options.test_share,
                          .seed = options.seed,
                          .step = options.step,
                          .poses_per_character = options.poses_per_character,
                          .characters_at_once = options.characters_at_once,
                          .distribution = options.distribution,
                          .natural = options.natural,
                          .share = options.share,
                          .threads = options.threads,
                          .cuda_device = options.cuda_device,
                          .most_unusable = options.most_damaged},
      context);
}

}  // namespace

std::unique_ptr<TripleSource> open_triple_source(const std::string& text, const SourceOptions& options,
                                                 const Context& context) {
  if (text.empty()) {
    throw InputError(
        "name the data: the folder of a dataset (see tha4-make-dataset), or procedural:N[:SEED] or a folder "
        "of "
        ".vrm files to draw characters on line");
  }
  return names_dataset(text) ? open_dataset_source(text, options, context)
                             : open_online_source(text, options, context);
}

}  // namespace tha4
