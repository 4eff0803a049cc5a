#include "images_command.h"

#include <algorithm>
#include <array>
#include <map>

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/lower_case.h"
#include "tha4/base/progress.h"
#include "tha4/image/image_io.h"
#include "tha4/metrics/seen_picture.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

struct PicturePair {
  std::string name;
  fs::path a;
  fs::path b;
};

bool is_picture(const fs::path& file) {
  constexpr std::array<std::string_view, 4> kExtensions = {".png", ".webp", ".jpg", ".jpeg"};
  return std::find(kExtensions.begin(), kExtensions.end(), lower_extension(file)) != kExtensions.end();
}

/// The pictures of a folder by their names without the extension.
std::map<std::string, fs::path> pictures_of(const fs::path& folder) {
  std::map<std::string, fs::path> pictures;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (!entry.is_regular_file() || !is_picture(entry.path())) continue;
    const auto [known, is_new] = pictures.emplace(entry.path().stem().string(), entry.path());
    if (!is_new) {
      throw InputError(folder.string() + " has two pictures of one name, " +
                       known->second.filename().string() + " and " + entry.path().filename().string() +
                       "; leave one there");
    }
  }
  if (pictures.empty()) throw InputError(folder.string() + " has no .png, .webp or .jpg picture");
  return pictures;
}

using Pictures = std::map<std::string, fs::path>;

/// Throws InputError if \p there lacks a picture of \p pictures.
void check_matched(const Pictures& pictures, const Pictures& there, const fs::path& folder) {
  std::vector<std::string> missing;
  for (const auto& [name, file] : pictures) {
    if (!there.contains(name)) missing.push_back(name);
  }
  if (missing.empty()) return;
  throw InputError(
      fmt::format("{} has no picture called {}{}, which {} has; folders are matched by the names of "
                  "their pictures, without extensions",
                  folder.string(), missing.front(),
                  missing.size() > 1 ? fmt::format(" (and {} more)", missing.size() - 1) : "",
                  pictures.begin()->second.parent_path().string()));
}

std::vector<PicturePair> find_pairs(const fs::path& a, const fs::path& b) {
  for (const fs::path& path : {a, b}) {
    if (!fs::exists(path)) throw InputError("there is no " + path.string());
  }
  if (fs::is_directory(a) != fs::is_directory(b)) {
    throw InputError(a.string() + " and " + b.string() + ": name two pictures or two folders of them");
  }
  if (!fs::is_directory(a)) return {{a.filename().string(), a, b}};
  const Pictures of_a = pictures_of(a), of_b = pictures_of(b);
  check_matched(of_a, of_b, b);
  check_matched(of_b, of_a, a);
  std::vector<PicturePair> pairs;
  for (const auto& [name, file] : of_a) pairs.push_back({name, file, of_b.at(name)});
  return pairs;
}

/// The seen pictures of a pair.
std::pair<at::Tensor, at::Tensor> read_pair(const PicturePair& pair, SrgbColor background) {
  const RgbaImage a = read_image(pair.a), b = read_image(pair.b);
  if (a.width != b.width || a.height != b.height) {
    throw InputError(
        fmt::format("{} is {}x{} pixels, but {} is {}x{}; only pictures of one size can be compared",
                    pair.a.string(), a.width, a.height, pair.b.string(), b.width, b.height));
  }
  return {seen_picture(a, background), seen_picture(b, background)};
}

std::vector<double> scores_of(const PicturePair& pair, const Evaluation& evaluation, c10::Device device) {
  const auto [a, b] = read_pair(pair, evaluation.background);
  try {
    const at::Tensor scores = evaluation.metrics.measure(a.to(device), b.to(device))[0];
    return {scores.data_ptr<double>(), scores.data_ptr<double>() + scores.numel()};
  } catch (const InputError& error) {
    throw InputError(pair.a.string() + ": " + error.what());
  }
}

/// What the two sides are called where both are shown: by their last names, unless these are the same.
std::pair<std::string, std::string> side_names(const ImagesOptions& options) {
  const auto last_name = [](const std::string& path) {
    const fs::path normal = fs::path(path).lexically_normal();
    return (normal.has_filename() ? normal : normal.parent_path()).filename().string();
  };
  std::pair<std::string, std::string> names = {last_name(options.a), last_name(options.b)};
  return names.first == names.second ? std::pair(options.a, options.b) : names;
}

std::vector<CaptionedImage> captioned(const PicturePair& pair, const ImagesOptions& options,
                                      SrgbColor background) {
  const auto [a, b] = read_pair(pair, background);
  const auto [name_of_a, name_of_b] = side_names(options);
  return {{name_of_a, to_opaque_image(a[0])},
          {name_of_b, to_opaque_image(b[0])},
          {"difference, four times", seen_difference(a[0], b[0])}};
}

}  // namespace

void evaluate_images(const ImagesOptions& options, c10::Device device, const Context& context) {
  check_files(options.files, CommandFiles()
                                 .reads("the comparison", options.a, /*with_pictures=*/true)
                                 .reads("the comparison", options.b, /*with_pictures=*/true)
                                 .reads("--lpips-backbone", options.comparison.lpips_backbone));
  const Evaluation evaluation = make_evaluation(options.comparison, device);
  const std::vector<PicturePair> pairs = find_pairs(options.a, options.b);
  EvaluationReport report;
  for (const PictureMetric metric : evaluation.metrics.metrics()) {
    report.scores.columns.push_back({"", description_of(metric)});
  }
  Progress progress(context, "pictures", std::ssize(pairs), "pairs");
  progress.update(0);
  for (const PicturePair& pair : pairs) {
    if (context.stop.stop_requested()) throw InterruptedError("interrupted; nothing was written");
    report.scores.rows.push_back({report.scores.rows.size(), pair.name, scores_of(pair, evaluation, device)});
    progress.update(std::ssize(report.scores.rows));
  }
  progress.finish();
  const auto [name_of_a, name_of_b] = side_names(options);
  report.title = name_of_a + " and " + name_of_b;
  report.text = describe(evaluation, options.comparison);
  report.settings = to_json(evaluation, options.comparison);
  report.settings["a"] = options.a;
  report.settings["b"] = options.b;
  report.pictures = [&](const ScoreRow& row) {
    return captioned(pairs[row.index], options, evaluation.background);
  };
  write_report(report, options.files);
}

}  // namespace tha4::app
