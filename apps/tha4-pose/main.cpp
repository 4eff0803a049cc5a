#include <chrono>
#include <optional>

#include "command_files.h"
#include "command_line.h"
#include "picture_output.h"
#include "poser_options.h"
#include "region_option.h"
#include "rig_range.h"
#include "tensor_dump.h"
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/image/color.h"
#include "tha4/pose/pose_spec.h"
#include "tha4/poser/pictures.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/preview_sheet.h"

namespace {

using namespace tha4;
using namespace tha4::app;

struct PoseOptions {
  PoserOptions poser;
  std::string poses = "rest";
  std::string out;
  std::string dump;
  std::string region;
  int resolution = kImageSize;
  std::optional<double> frames_per_second;
  int batch = 1;
  JsonOutput json;
};

/// What is drawn, of each of one or more rigs, or of whom else the options name.
struct PoseJob {
  PoseSequence sequence;
  FrameWindow window;
  int batch = 1;
  std::vector<std::string> rigs;  ///< of a range of seeds; empty for one character

  std::string label(std::size_t pose) const {
    return sequence.labels.empty() ? std::string() : sequence.labels[pose];
  }

  std::size_t pictures() const { return sequence.poses.size() * std::max<std::size_t>(rigs.size(), 1); }
};

PoseJob job_of(const PoseOptions& options) {
  PoseJob job{.sequence = parse_option("--poses", options.poses, parse_pose_spec),
              .window = FrameWindow::whole(options.resolution),
              .batch = options.batch,
              .rigs = rigs_of_range(options.poser.teacher.name)};
  if (!options.region.empty()) job.window.region = parse_region(options.region);
  if (options.frames_per_second) job.sequence.frames_per_second = *options.frames_per_second;
  check_window(job.window);
  return job;
}

PictureSeries series_of(const PoseJob& job) {
  const Region& region = job.window.region;
  const bool has_rows = job.rigs.size() > 1 && job.sequence.poses.size() > 1;
  return {.count = job.pictures(),
          .width = region.width,
          .height = region.height,
          .frames_per_second = job.sequence.frames_per_second,
          .columns = has_rows ? static_cast<int>(job.sequence.poses.size()) : 0,
          .has_labels = !job.rigs.empty() || !job.sequence.labels.empty()};
}

void check(const PoseOptions& options, const PoseJob& job) {
  if (options.out.empty() && options.dump.empty()) {
    throw InputError(
        "name where the pictures go: --out frame.png, frames/, clip.mp4 or sheet.png (or --dump)");
  }
  if (!options.out.empty()) check_picture_output(options.out, series_of(job));
  if (options.frames_per_second && !is_clip(options.out)) {
    throw InputError("--fps is the rate of a clip; name one with --out clip.mp4, or leave --fps out");
  }
  if (!options.dump.empty() && !job.rigs.empty()) {
    throw InputError("--dump takes one character, not the range " + options.poser.teacher.name);
  }
}

void check_files(const PoseOptions& options) {
  CommandFiles files;
  files.reads("--character", options.poser.character)
      .reads("--teacher", options.poser.teacher.name)
      .reads("--image", options.poser.teacher.image)
      .reads("--poses", options.poses);
  if (is_folder_of_frames(options.out)) {
    files.fills("--out", options.out, {"*.png"});
  } else {
    files.writes("--out", options.out);
  }
  files.writes("--dump", options.dump).writes("--json", options.json.file).check();
}

std::unique_ptr<PictureOutput> open_pictures(const PoseOptions& options, const PoseJob& job) {
  return open_picture_output(options.out, series_of(job));
}

/// Whether a picture of the job is to show where the head is expected: the rest picture of a labelled sheet,
/// whose labels say what each picture is for.
bool shows_head_box(const PoseOptions& options, const PoseJob& job, std::size_t index) {
  return is_sheet(options.out) && !job.sequence.labels.empty() && job.sequence.poses[index] == Pose{};
}

/// All poses of one character, each drawn once for pictures and tensors.
void draw_character(OpenedPoser& character, const PoseOptions& options, const PoseJob& job,
                    std::optional<TensorDump>& tensors, const Context& context) {
  const auto add = [&](PictureOutput& pictures, std::size_t first, const PosedFrame& frames) {
    const at::Tensor images = frames.blended.cpu();
    for (std::int64_t i = 0; i < images.size(0); ++i) {
      const std::size_t index = first + static_cast<std::size_t>(i);
      RgbaImage picture = to_rgba_image(images[i]);
      if (row_of(character.kind).poses_any_picture && shows_head_box(options, job, index)) {
        draw_head_box(picture, job.window);
      }
      pictures.add(picture, job.label(index));
    }
  };
  std::unique_ptr<PictureOutput> pictures;
  if (!options.out.empty()) pictures = open_pictures(options, job);
  const auto take = [&](std::size_t first, const PosedFrame& frames) {
    if (pictures != nullptr) add(*pictures, first, frames);
    if (tensors) tensors->add(static_cast<std::int64_t>(first), frames);
  };
  pose_in_batches(*character.poser, job.sequence.poses, job.window, job.batch, take, context);
  if (pictures != nullptr) pictures->finish();
  if (tensors) tensors->finish();
}

/// All poses of one rig after the other.
void draw_rigs(const PoseOptions& options, const PoseJob& job, c10::Device device, const Context& context) {
  const std::unique_ptr<PictureOutput> pictures = open_pictures(options, job);
  Progress progress(context, "rigs", std::ssize(job.rigs), "rigs");
  progress.update(0);
  for (std::int64_t i = 0; i < std::ssize(job.rigs); ++i) {
    if (context.stop.stop_requested()) {
      throw InterruptedError(fmt::format("interrupted after {} of {} rigs", i, job.rigs.size()));
    }
    PoserOptions one = options.poser;
    one.teacher.name = job.rigs[static_cast<std::size_t>(i)];
    const std::unique_ptr<Poser> poser = open_chosen_poser(one, device).poser;
    for (std::size_t k = 0; k < job.sequence.poses.size(); ++k) {
      const PosedFrame frame = poser->pose(to_tensor({&job.sequence.poses[k], 1}), job.window);
      const std::string label = job.sequence.labels.empty() ? "" : ", " + job.label(k);
      pictures->add(to_rgba_image(frame.blended.cpu()[0]), one.teacher.name + label);
    }
    progress.update(i + 1);
  }
  pictures->finish();
}

/// What frames of a character may leave out. Finding it out takes as long as a hundred frames or so, and
/// tensors are to be what networks give.
CellSkipping skipping_of(const PoseOptions& options, const PoseJob& job) {
  if (!options.dump.empty()) return CellSkipping::none;
  const Region& region = job.window.region;
  const double frames = static_cast<double>(job.pictures()) * region.width * region.height /
                        (static_cast<double>(kImageSize) * kImageSize);
  return frames >= 200 ? CellSkipping::found : CellSkipping::kept;
}

int pose(const PoseOptions& options, c10::Device device, const Context& context) {
  const PoseJob job = job_of(options);
  check(options, job);
  check_files(options);
  std::optional<TensorDump> tensors;
  if (!options.dump.empty()) {
    tensors.emplace(options.dump, std::ssize(job.sequence.poses), job.window.region);
  }
  OpenedPoser character;
  if (job.rigs.empty()) {
    PoserOptions poser = options.poser;
    poser.teacher.skipping = skipping_of(options, job);
    character = open_chosen_poser(poser, device);
    warn_of_picture(options.poser.teacher.image.string(), character);
  }
  const auto start = std::chrono::steady_clock::now();
  if (job.rigs.empty()) {
    draw_character(character, options, job, tensors, context);
  } else {
    draw_rigs(options, job, device, context);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const std::string& file : {options.out, options.dump}) {
    if (!file.empty()) spdlog::info("wrote {}", file);
  }
  options.json.write({{"out", options.out},
                      {"dump", options.dump},
                      {"poses", job.sequence.poses.size()},
                      {"frames", job.pictures()},
                      {"device", device.str()},
                      {"seconds", seconds}});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  PoseOptions options;
  CommandLine command("tha4-pose", "Poses a character: images, sheets of them, clips, or tensors.",
                      "  tha4-pose --character out/me --poses demo --out demo.mp4\n"
                      "  tha4-pose --character out/me --poses random:16:1 --out sheet.png\n"
                      "  tha4-pose --image me.png --poses preview --out preview.png\n"
                      "  tha4-pose --teacher data/tha4 --image me.png --poses sweep:head_y --out sheet.png\n"
                      "  tha4-pose --teacher procedural:7 --poses demo --out demo.mp4\n"
                      "  tha4-pose --teacher procedural:1..64 --resolution 256 --out sheet.png\n"
                      "  tha4-pose --character out/me --poses my_poses.csv --fps 24 --out clip.mp4");
  CLI::App& app = command.options();
  options.poser.add_to(app);
  CLI::Option* const teacher = app.get_option("--teacher");
  teacher->description(teacher->get_description() + "; procedural:FIRST..LAST: one after the other");
  app.add_option("--poses", options.poses,
                 "A .json or .csv pose file, rest, random:N[:SEED], sweep:PARAMETER[:N], preview (labelled: "
                 "shows whether a picture can be posed), or demo")
      ->capture_default_str();
  add_out_option(app, options.out, "frame.png, a folder of frames, clip.mp4, or sheet.png (many poses)");
  app.add_option(
      "--dump", options.dump,
      "Writes float32 tensors blended, warped, direct, alpha, flow, face to this .safetensors file");
  app.add_option("--region", options.region, "X,Y,WIDTH,HEIGHT: only this part of each frame");
  app.add_option("--resolution", options.resolution,
                 "Width and height of a whole frame; characters and rigs only")
      ->capture_default_str();
  app.add_option("--fps", options.frames_per_second,
                 "Frames a second of a clip; if it is not given, 30, or 2 of random poses")
      ->check(CLI::Range(0.1, 1000.0));
  add_batch_option(app, options.batch, "Poses drawn at a time");
  add_threads_option(app);
  options.json.add_to(app, "Writes what was done, and the time that it took, to this file");
  command.advise_on_memory("use a smaller --batch");
  return command.run(argc, argv, [&] { return pose(options, command.device(), command.context()); });
}
