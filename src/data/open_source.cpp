#include "tha4/data/open_source.h"

#include <filesystem>

#include "tha4/base/error.h"
#include "tha4/base/lower_case.h"
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
  const Dataset dataset = open_dataset(text, context);
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

/// Says what is wrong with the name of data before it is taken for one of characters.
void check_names_data(const std::string& text) {
  if (text.starts_with("procedural:")) return;
  std::error_code ignored;
  if (!fs::is_directory(text, ignored)) {
    throw InputError(
        "the data " + text +
        " are not there: name the folder of a dataset, procedural:N[:SEED], or a folder of .vrm files");
  }
  for (const auto& item : fs::directory_iterator(text, ignored)) {
    if (lower_extension(item.path()) == ".vrm") return;
  }
  throw InputError("the data " + text + " have no dataset.json and no .vrm files; name another folder",
                   Remedy::finish_dataset);
}

}  // namespace

std::unique_ptr<TripleSource> open_triple_source(const std::string& text, const SourceOptions& options,
                                                 const Context& context) {
  if (text.empty()) {
    throw InputError(
        "name the data: the folder of a dataset, or procedural:N[:SEED] or a folder of .vrm files to draw "
        "characters online",
        Remedy::make_dataset);
  }
  if (names_dataset(text)) return open_dataset_source(text, options, context);
  check_names_data(text);
  return std::make_unique<OnlineSource>(open_character_set(text), options, context);
}

}  // namespace tha4
