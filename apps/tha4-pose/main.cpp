#include <chrono>
#include <optional>

#include "command_line.h"
#include "output.h"
#include "poser_options.h"
#include <spdlog/spdlog.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/poser/pose_batch.h"

namespace {

using namespace tha4;

struct PoseOptions {
  PoserOptions poser;
  std::string poses = "rest";
  std::string out;
  std::string dump;
  std::string region;
  int resolution = kImageSize;
  int batch = 1;
  std::string json;
};

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
  const std::unique_ptr<Poser> poser = open_poser(options.poser, device);

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
  options.poser.add_to(app);
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
  app.add_option("--json", options.json, "Writes what was done, and the time that it took, to this file");
  return command.run(argc, argv, [&] { return pose(options, command.device()); });
}
