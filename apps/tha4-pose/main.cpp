#include <chrono>
#include <optional>

#include "command_line.h"
#include "output.h"
#include <spdlog/spdlog.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/device.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"
#include "tha4/render/rig_poser.h"
#include "tha4/render/rig_source.h"

namespace {

using namespace tha4;

struct PoseOptions {
  std::string character;
  std::string teacher;
  std::string architecture = "tha4";
  std::string image;
  bool fit = false;
  std::string poses = "rest";
  std::string out;
  std::string dump;
  std::string region;
  int resolution = kImageSize;
  int batch = 1;
  std::string precision = "fp32";
  std::string json;
};

std::unique_ptr<Poser> open_poser(const PoseOptions& options, c10::Device device) {
  const Precision precision = parse_precision(options.precision);
  if (options.character.empty() == options.teacher.empty()) {
    throw InputError("name either --character or --teacher");
  }
  if (!options.character.empty()) {
    if (!options.image.empty()) {
      throw InputError("--image goes with --teacher only: a character has its own picture");
    }
    return std::make_unique<StudentPoser>(load_character(options.character), device, precision);
  }
  if (names_rig(options.teacher)) {
    if (!options.image.empty()) {
      throw InputError("--image does not go with the rig " + options.teacher +
                       ", which is drawn by itself; leave it out");
    }
    return make_rig_poser(open_rig(options.teacher), device);
  }
  if (options.image.empty()) throw InputError("--teacher needs the picture to pose: --image rest.png");
  const auto fit = options.fit ? RestImageFit::scale : RestImageFit::exact;
  const at::Tensor rest_image = to_image_tensor(load_rest_image(options.image, fit));
  if (options.architecture == "tha4") {
    return make_teacher_poser(load_teacher_networks(options.teacher), rest_image, device, precision);
  }
  return make_tha3_poser(load_tha3_networks(options.teacher), rest_image, device, precision);
}

FrameWindow read_window(const PoseOptions& options) {
  FrameWindow window = FrameWindow::whole(options.resolution);
  if (options.region.empty()) return window;
  Region& region = window.region;
  int end = 0;
  const int count = std::sscanf(options.region.c_str(), "%d,%d,%d,%d%n", &region.x, &region.y, &region.width,
                                &region.height, &end);
  if (count != 4 || static_cast<std::size_t>(end) != options.region.size()) {
    throw InputError("--region " + options.region + " is not of the form X,Y,WIDTH,HEIGHT in pixels");
  }
  return window;
}

int pose(const PoseOptions& options, c10::Device device) {
  if (options.out.empty() && options.dump.empty()) {
    throw InputError(
        "name where the pictures go: --out frame.png, frames/, clip.mp4 or sheet.png (or --dump)");
  }
  if (!options.out.empty()) check_output(options.out);
  const PoseJob job{parse_pose_spec(options.poses), read_window(options), options.batch};
  check_window(job.window);
  const std::unique_ptr<Poser> poser = open_poser(options, device);

  const auto start = std::chrono::steady_clock::now();
  if (!options.out.empty()) write_pictures(*poser, job, options.out);
  if (!options.dump.empty()) write_tensors(*poser, job, options.dump);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const std::string& file : {options.out, options.dump}) {
    if (!file.empty()) spdlog::info("wrote {}", file);
  }
  if (!options.json.empty()) {
    const nlohmann::json result = {{"out", options.out},
                                   {"dump", options.dump},
                                   {"poses", job.sequence.poses.size()},
                                   {"device", device.str()},
                                   {"seconds", seconds}};
    write_text_file(options.json, result.dump(2) + "\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  PoseOptions options;
  tha4::CommandLine command(
      "tha4-pose", "Poses a character: images, sheets of them, clips, or tensors.",
      "  tha4-pose --character out/me --poses demo --out demo.mp4\n"
      "  tha4-pose --character out/me --poses random:16:1 --out sheet.png\n"
      "  tha4-pose --teacher data/tha4 --image me.png --poses sweep:head_y --out sheet.png\n"
      "  tha4-pose --teacher procedural:7 --poses demo --out demo.mp4");
  CLI::App& app = command.options();
  app.add_option("--character", options.character, "Character folder, or its character_model.yaml");
  app.add_option("--teacher", options.teacher,
                 "Folder of a teacher's official .pt files, or a rig: procedural:SEED or an avatar.vrm");
  app.add_option("--arch", options.architecture, "Architecture of the teacher")
      ->check(CLI::IsMember({"tha4", "tha3"}))
      ->capture_default_str();
  app.add_option("--image", options.image,
                 "The picture that the teacher shall pose, 512x512 with transparency");
  app.add_flag("--fit", options.fit, "Centre, scale and pad a picture of the wrong size");
  app.add_option("--poses", options.poses,
                 "A .json or .csv pose file, rest, random:N[:SEED], sweep:PARAMETER[:N], or demo")
      ->capture_default_str();
  app.add_option("--out", options.out, "frame.png, a folder of frames, clip.mp4, or sheet.png (many poses)");
  app.add_option(
      "--dump", options.dump,
      "Writes float32 tensors blended, warped, direct, alpha, flow, face to this .safetensors file");
  app.add_option("--region", options.region, "X,Y,WIDTH,HEIGHT: only this part of each frame");
  app.add_option("--resolution", options.resolution,
                 "Width and height of a whole frame; characters and rigs only")
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Poses drawn at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--precision", options.precision, "fp32, fp16 or bf16")->capture_default_str();
  app.add_option("--json", options.json, "Writes what was done, and the time that it took, to this file");
  return command.run(argc, argv, [&] { return pose(options, command.device()); });
}
