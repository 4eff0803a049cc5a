#include "tha4/data/dataset_writer.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "dataset_folder.h"
#include "ordered_workers.h"
#include "sample_members.h"
#include "stable_hash.h"
#include "tar_writer.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/image/image_io.h"
#include "tha4/render/rig_renderer.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Poses that are drawn in one go.
constexpr int kPosesPerTask = 16;

/// Some of the samples of one character.
struct SampleTask {
  std::uint64_t character;
  int first_pose;
  int poses;
};

struct EncodedSample {
  Pose pose;
  std::shared_ptr<const std::string> rest;
  std::string posed;
};

/// These samples, as the shard holds them; none if the character cannot be used, with the reason.
struct EncodedSamples {
  SampleTask task;
  std::string character;
  std::vector<EncodedSample> samples;
  std::string problem;
};

/// What one thread does: draws and encodes.
class SampleMaker {
 public:
  SampleMaker(const CharacterSet& characters, const DatasetSettings& settings)
      : characters_(characters), settings_(settings), renderer_(characters.make_renderer(kAnyGpu)) {}

  EncodedSamples make(const SampleTask& task) {
    EncodedSamples encoded{task, characters_.id(task.character), {}, {}};
    const std::vector<Pose> poses = poses_of(task, encoded.character);
    try {
      encoded.samples = encode_samples(task.character, poses);
    } catch (const InputError& error) {
      encoded.problem = error.what();
    }
    return encoded;
  }

 private:
  std::vector<EncodedSample> encode_samples(std::uint64_t character, const std::vector<Pose>& poses) {
    std::vector<Pose> before, after;
    for (const Pose& drawn : poses) {
      const Pose pose = renderer_->within_reach(character, drawn);
      before.push_back(pose_before(settings_.step, pose));
      after.push_back(pose_after(settings_.step, pose));
    }
    const bool is_at_rest = begins_at_rest(settings_.step);
    const std::vector<RgbaImage> starts =
        is_at_rest ? std::vector<RgbaImage>{}
                   : renderer_->posed(character, before, picture_morphs_before(settings_.step));
    const std::vector<RgbaImage> pictures =
        renderer_->posed(character, after, picture_morphs_after(settings_.step));
    std::vector<EncodedSample> samples;
    for (std::size_t i = 0; i < poses.size(); ++i) {
      samples.push_back(
          {after[i], is_at_rest ? rest_of(character) : std::make_shared<const std::string>(encode(starts[i])),
           encode(pictures[i])});
    }
    return samples;
  }

  std::vector<Pose> poses_of(const SampleTask& task, const std::string& character) const {
    std::vector<Pose> poses =
        sample_poses(settings_.distribution, task.first_pose + task.poses,
                     hash_numbers(settings_.seed, hash_text(character)), settings_.natural);
    poses.erase(poses.begin(), poses.begin() + task.first_pose);
    return poses;
  }

  /// The same bytes for all samples of a character: drawn and encoded once.
  std::shared_ptr<const std::string> rest_of(std::uint64_t character) {
    if (!rest_ || rest_character_ != character) {
      rest_ = std::make_shared<const std::string>(encode(renderer_->rest(character)));
      rest_character_ = character;
    }
    return rest_;
  }

  std::string encode(const RgbaImage& picture) const {
    return settings_.encoding == PictureEncoding::png ? png_bytes(picture) : webp_bytes(picture);
  }

  const CharacterSet& characters_;
  const DatasetSettings& settings_;
  std::unique_ptr<CharacterRenderer> renderer_;
  std::shared_ptr<const std::string> rest_;
  std::uint64_t rest_character_ = 0;
};

std::vector<SampleTask> tasks_of(const PlannedShard& shard, int poses_per_character) {
  std::vector<SampleTask> tasks;
  for (const std::uint64_t character : shard.characters) {
    for (int first = 0; first < poses_per_character; first += kPosesPerTask) {
      tasks.push_back({character, first, std::min(kPosesPerTask, poses_per_character - first)});
    }
  }
  return tasks;
}

void throw_if_interrupted(const Context& context, const fs::path& folder) {
  if (!context.stop.stop_requested()) return;
  throw InterruptedError("interrupted; the finished shards are in " + folder.string() +
                         ", and the same job goes on after them");
}

/// One job at work on the shards that are still to be made.
class ShardWriting {
 public:
  ShardWriting(const CharacterSet& characters, const DatasetJob& job, const DatasetFolder& folder,
               std::vector<PlannedShard> shards, const Context& context)
      : job_(job),
        context_(context),
        folder_(folder),
        shards_(std::move(shards)),
        progress_(context, "making triples", expected_samples(), "triples"),
        workers_(
            thread_count(job.threads), 2 * thread_count(job.threads), [this] { return next_task(); },
            [&characters, &job] {
              const auto maker = std::make_shared<SampleMaker>(characters, job.settings);
              return [maker](const SampleTask& task) { return maker->make(task); };
            }) {}

  std::uint64_t run() {
    progress_.update(0);
    for (const PlannedShard& shard : shards_) write_shard(shard);
    progress_.finish();
    return written_;
  }

 private:
  static int thread_count(int asked) {
    return asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }

  std::int64_t expected_samples() const {
    std::int64_t count = 0;
    for (const PlannedShard& shard : shards_) {
      count += static_cast<std::int64_t>(shard.characters.size()) * job_.settings.poses_per_character;
    }
    return count;
  }

  std::optional<SampleTask> next_task() {
    while (next_ == tasks_.size()) {
      if (planned_ == shards_.size()) return std::nullopt;
      tasks_ = tasks_of(shards_[planned_++], job_.settings.poses_per_character);
      next_ = 0;
    }
    return tasks_[next_++];
  }

  void write_shard(const PlannedShard& shard) {
    folder_.remove_remains(shard);
    ShardReport report;
    write_file_atomically(folder_.shard_file(shard), [&](const fs::path& temporary) {
      TarWriter tar(temporary, folder_.shard_file(shard).string());
      const std::size_t tasks = tasks_of(shard, job_.settings.poses_per_character).size();
      for (std::size_t i = 0; i < tasks; ++i) {
        throw_if_interrupted(context_, job_.out);
        take(workers_.next().value(), tar, report);
        progress_.update(static_cast<std::int64_t>(passed_));
      }
      throw_if_interrupted(context_, job_.out);
      tar.finish();
      report.bytes = fs::file_size(temporary);
    });
    folder_.store_report(shard, report);
  }

  void take(const EncodedSamples& samples, TarWriter& tar, ShardReport& report) {
    passed_ += static_cast<std::uint64_t>(samples.task.poses);
    const bool is_skipped = !report.skipped.empty() && report.skipped.back().id == samples.character;
    if (!samples.problem.empty()) {
      if (is_skipped) return;
      // Half of a character in a shard would be a dataset that no one can make again.
      if (samples.task.first_pose > 0) throw Error(samples.problem);
      context_.warn("the character " + samples.character + " is left out: " + samples.problem);
      report.skipped.push_back({samples.character, samples.problem});
      return;
    }
    if (is_skipped) throw Error("the character " + samples.character + " could be drawn in some poses alone");
    add_samples(samples, tar);
    report.samples += samples.samples.size();
    written_ += samples.samples.size();
  }

  void add_samples(const EncodedSamples& samples, TarWriter& tar) const {
    const std::string format = job_.settings.encoding == PictureEncoding::png ? "png" : "webp";
    for (std::size_t i = 0; i < samples.samples.size(); ++i) {
      const std::string key =
          fmt::format("{}-{:06}", samples.character, samples.task.first_pose + static_cast<int>(i));
      const EncodedSample& sample = samples.samples[i];
      tar.add(key + std::string(kRestSuffix) + format, *sample.rest);
      tar.add(key + std::string(kPosedSuffix) + format, sample.posed);
      tar.add(key + std::string(kPoseSuffix), pose_member(samples.character, sample.pose));
    }
  }

  const DatasetJob& job_;
  const Context& context_;
  const DatasetFolder& folder_;
  std::vector<PlannedShard> shards_;
  std::size_t planned_ = 0;  ///< shards whose tasks were handed out
  std::vector<SampleTask> tasks_;
  std::size_t next_ = 0;
  std::uint64_t passed_ = 0;
  std::uint64_t written_ = 0;
  Progress progress_;
  OrderedWorkers<SampleTask, EncodedSamples> workers_;  // last: its threads use the others
};

/// The shards of a plan that a job makes.
std::vector<PlannedShard> shards_of_job(const std::vector<PlannedShard>& plan, const JobShare& share) {
  std::vector<PlannedShard> shards;
  for (auto i = static_cast<std::size_t>(share.index - 1); i < plan.size();
       i += static_cast<std::size_t>(share.count)) {
    shards.push_back(plan[i]);
  }
  return shards;
}

}  // namespace

JobShare parse_job_share(const std::string& text) {
  JobShare share;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, share.index);
  const bool has_slash = index.ec == std::errc{} && index.ptr != end && *index.ptr == '/';
  const auto count = has_slash ? std::from_chars(index.ptr + 1, end, share.count) : index;
  if (!has_slash || count.ec != std::errc{} || count.ptr != end || share.index < 1 ||
      share.index > share.count) {
    throw ValueError(text + " is not of the form I/N, job I of N, counted from 1; for example 1/4");
  }
  return share;
}

DatasetJobResult write_dataset(const CharacterSet& characters, const DatasetJob& job,
                               const Context& context) {
  const std::vector<PlannedShard> plan = plan_shards(characters, job.settings);
  const DatasetFolder folder(job.out,
                             {{"settings", to_json(job.settings)}, {"characters", characters.description()}});
  const std::vector<PlannedShard> own = shards_of_job(plan, job.share);
  std::vector<PlannedShard> unfinished;
  for (const PlannedShard& shard : own) {
    if (!folder.finished(shard)) unfinished.push_back(shard);
  }
  if (unfinished.size() < own.size()) {
    context.info(
        fmt::format("{} of {} shards are finished already", own.size() - unfinished.size(), own.size()));
  }
  DatasetJobResult result;
  if (!unfinished.empty()) {
    result.written = ShardWriting(characters, job, folder, std::move(unfinished), context).run();
  }
  for (const PlannedShard& shard : own) {
    const ShardReport report = folder.finished(shard).value();
    result.samples += report.samples;
    result.skipped_characters += report.skipped.size();
    result.shards.push_back(folder.shard_file(shard));
  }
  if (result.samples == 0 && !own.empty()) {
    throw InputError("none of the characters of this job can be used; the messages above say why");
  }
  result.missing = folder.finish(plan, characters);
  return result;
}

}  // namespace tha4
