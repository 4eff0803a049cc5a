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
  if (options.motion) {
    throw InputError(
        text +
        " holds pictures alone, and the losses flow and disocclusion need the motion of surfaces; "
        "draw characters online for them: procedural:N[:SEED] or a folder of .vrm files");
  }
  if (dataset.step != options.step) {
    const std::string wanted(pose_step_name(options.step));
    throw InputError(text + " holds triples of the step '" + std::string(pose_step_name(dataset.step)) +
                         "', and those of the step '" + wanted + "' are needed",
                     Remedy(Remedy::make_dataset, {wanted}));
  }
  return std::make_unique<DatasetReader>(dataset, options, context);
}

}  // namespace

std::unique_ptr<TripleSource> open_triple_source(const std::string& text, const SourceOptions& options,
                                                 const Context& context) {
  if (text.empty()) {
    throw InputError(
        "name the data: the folder of a dataset (see tha4-make-dataset), or procedural:N[:SEED] or a folder "
        "of "
        ".vrm files to draw characters online");
  }
  if (names_dataset(text)) return open_dataset_source(text, options, context);
  return std::make_unique<OnlineSource>(open_character_set(text), options, context);
}

}  // namespace tha4
