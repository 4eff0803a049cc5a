#include "tha4/pose/pose_spec.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <utility>

#include "quoted_text.h"

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"
#include "tha4/pose/pose_demo.h"
#include "tha4/pose/pose_file.h"
#include "tha4/pose/pose_preview.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {
namespace {

constexpr int kSweepPoses = 9;

/// Of motions whose poses do not say how long they last.
constexpr double kMotionFramesPerSecond = 30;

PoseSequence motion(std::vector<Pose> poses) {
  return {.poses = std::move(poses), .frames_per_second = kMotionFramesPerSecond};
}

/// A spec taken apart at its colons.
struct SpecWords {
  std::string_view text;
  std::vector<std::string_view> words;

  [[noreturn]] void fail(const std::string& problem) const {
    const std::string quoted = quoted_text(text);
    throw ValueError((text.empty() ? quoted : quoted.substr(1, quoted.size() - 2)) + ": " + problem);
  }

  void check_count(std::size_t min, std::size_t max, const std::string& form) const {
    if (words.size() < min || words.size() > max) fail("the form is " + form);
  }
};

SpecWords split(std::string_view text) {
  SpecWords spec{text, {}};
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    spec.words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return spec;
}

std::uint64_t whole_number(const SpecWords& spec, std::size_t word, const std::string& what,
                           std::uint64_t min, std::uint64_t max) {
  const std::string_view text = spec.words[word];
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max) {
    spec.fail(what + " must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value;
}

int pose_count(const SpecWords& spec, std::size_t word) {
  return static_cast<int>(whole_number(spec, word, "N", 1, kMaxPosesInSpec));
}

PoseSequence random_sequence(const SpecWords& spec) {
  spec.check_count(2, 3, "random:N[:SEED]");
  const int count = pose_count(spec, 1);
  const std::uint64_t seed =
      spec.words.size() < 3 ? 0 : whole_number(spec, 2, "SEED", 0, std::numeric_limits<std::uint64_t>::max());
  return {.poses = sample_poses(PoseDistribution::natural, count, seed)};
}

/// The indices of the parameter or of both sides of the group that has the given name.
std::vector<std::size_t> swept_parameters(const SpecWords& spec, std::string_view name) {
  std::vector<std::size_t> indices;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kPoseSize; ++i) {
    const PoseParameter& parameter = pose_parameters()[i];
    if (parameter.name == name || parameter.group == name) indices.push_back(i);
    names.emplace_back(parameter.name);
    names.emplace_back(parameter.group);
  }
  if (indices.empty()) {
    spec.fail(quoted_text(name) + " is not a pose parameter or group" +
              did_you_mean(nearest_name(name, names)));
  }
  return indices;
}

PoseSequence sweep_sequence(const SpecWords& spec) {
  spec.check_count(2, 3, "sweep:PARAMETER[:N]");
  const std::vector<std::size_t> indices = swept_parameters(spec, spec.words[1]);
  const int count = spec.words.size() < 3 ? kSweepPoses : pose_count(spec, 2);
  std::vector<Pose> poses;
  for (int i = 0; i < count; ++i) {
    const double progress = count == 1 ? 1.0 : static_cast<double>(i) / (count - 1);
    Pose pose{};
    for (const std::size_t index : indices) {
      const PoseParameter& parameter = pose_parameters()[index];
      pose[index] = static_cast<float>(parameter.min * (1 - progress) + parameter.max * progress);
    }
    poses.push_back(pose);
  }
  return motion(std::move(poses));
}

PoseSequence rest_sequence(const SpecWords& spec) {
  spec.check_count(1, 1, "rest");
  return {.poses = {Pose{}}};
}

PoseSequence preview_sequence(const SpecWords& spec) {
  spec.check_count(1, 1, "preview");
  PoseSequence sequence;
  for (LabelledPose& shown : preview_poses()) {
    sequence.poses.push_back(shown.pose);
    sequence.labels.push_back(std::move(shown.label));
  }
  return sequence;
}

PoseSequence demo_sequence(const SpecWords& spec) {
  spec.check_count(1, 1, "demo");
  return {.poses = demo_poses(), .frames_per_second = kDemoFramesPerSecond};
}

}  // namespace

PoseSequence parse_pose_spec(std::string_view text) {
  const std::filesystem::path path(text);
  if (is_pose_file_name(path)) {
    std::vector<Pose> poses = read_pose_file(path);
    return poses.size() > 1 ? motion(std::move(poses)) : PoseSequence{.poses = std::move(poses)};
  }

  const SpecWords spec = split(text);
  const std::string_view form = spec.words.front();
  if (form == "rest") return rest_sequence(spec);
  if (form == "random") return random_sequence(spec);
  if (form == "sweep") return sweep_sequence(spec);
  if (form == "preview") return preview_sequence(spec);
  if (form == "demo") return demo_sequence(spec);
  if (std::error_code ignored; std::filesystem::exists(path, ignored)) {
    spec.fail(
        std::filesystem::is_directory(path, ignored)
            ? "is a folder; name a pose file in it"
            : "is there, but a pose file is called .json or .csv, by what is in it; copy it to such a name");
  }
  static const std::array<std::string, 5> forms = {"rest", "random", "sweep", "preview", "demo"};
  spec.fail("use a .json or .csv pose file, rest, random:N[:SEED], sweep:PARAMETER[:N], preview or demo" +
            did_you_mean(nearest_name(form, forms)));
}

}  // namespace tha4
