#include <cstdio>
#include <fstream>
#include <thread>

#include "command_line.h"
#include "frame_times.h"
#include "poser_options.h"
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/render/rig_renderer.h"
#include "tha4/render/rig_source.h"

namespace {

using namespace tha4;

struct BenchOptions {
  std::string what;
  PoserOptions poser;
  FrameTiming timing;
  std::string json;
};

/// Batches of natural poses, the same in every run; call c takes the c-th, round and round.
class PoseBatches {
 public:
  explicit PoseBatches(int batch) {
    constexpr int kPoses = 256;
    const int count = (kPoses + batch - 1) / batch;
    PoseSampler sampler(PoseDistribution::natural, /*seed=*/0);
    for (int i = 0; i < count; ++i) {
      std::vector<Pose>& poses = batches_.emplace_back();
      for (int k = 0; k < batch; ++k) poses.push_back(sampler.next());
    }
  }

  const std::vector<Pose>& of_call(int call) const {
    return batches_[static_cast<std::size_t>(call) % batches_.size()];
  }

 private:
  std::vector<std::vector<Pose>> batches_;
};

FrameTimes measure_poser(Poser& poser, const std::string& what, const FrameTiming& timing) {
  const PoseBatches batches(timing.batch);
  const torch::NoGradGuard no_grad;
  return measure_frames(what, timing, poser.device(),
                        [&](int call) { poser.pose(to_tensor(batches.of_call(call)).to(poser.device())); });
}

/// The drawing alone, then with what a poser makes of it.
std::vector<FrameTimes> measure_rig(const BenchOptions& options, c10::Device device,
                                    nlohmann::json& machine) {
  const std::string& name = options.poser.teacher;
  const PoseBatches batches(options.timing.batch);
  std::vector<FrameTimes> times;
  {
    RigRenderer renderer(open_rig(name));
    machine["opengl"] = renderer.device_name();
    RigFrame frame;
    const auto draw = [&](const std::string& what, const FrameContents& contents) {
      times.push_back(measure_frames(what, options.timing, c10::Device(c10::kCPU), [&](int call) {
        for (const Pose& pose : batches.of_call(call)) renderer.render(pose, FrameWindow{}, contents, frame);
      }));
    };
    draw("drawn", {});
    draw("drawn with flow", {.flow = true});
  }
  const std::unique_ptr<Poser> poser = open_poser(options.poser, device);
  times.push_back(measure_poser(*poser, "posed (all outputs)", options.timing));
  return times;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

int bench(BenchOptions options, c10::Device device) {
  const bool is_rig = options.what == "rig";
  if (is_rig && options.poser.teacher.empty() && options.poser.character.empty()) {
    options.poser.teacher = "procedural:5";
  }
  if (is_rig != names_rig(options.poser.teacher)) {
    throw InputError(is_rig
                         ? "rig takes a rig: --teacher procedural:SEED or an avatar.vrm"
                         : "--teacher " + options.poser.teacher + " is a rig; measure it by: tha4-bench rig");
  }
  if ((options.what == "student") != !options.poser.character.empty()) {
    throw InputError("student takes --character, and nothing else does");
  }
  nlohmann::json machine = {{"processor", processor_name()},
                            {"threads", std::thread::hardware_concurrency()},
                            {"device", device.str()},
                            {"precision", options.poser.precision}};
  std::vector<FrameTimes> times;
  if (is_rig) {
    times = measure_rig(options, device, machine);
  } else {
    if (options.what == "tha3") options.poser.architecture = "tha3";
    const std::unique_ptr<Poser> poser = open_poser(options.poser, device);
    times.push_back(measure_poser(*poser, options.what, options.timing));
  }
  for (const auto& [key, value] : machine.items()) {
    std::printf("%-10s %s\n", key.c_str(),
                value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
  }
  std::fputs(to_table(times).c_str(), stdout);
  if (!options.json.empty()) {
    const nlohmann::json result = {{"machine", machine}, {"times", to_json(times)}};
    write_text_file(options.json, result.dump(2) + "\n");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  BenchOptions options;
  CommandLine command("tha4-bench", "Measures how long frames take.",
                      "  tha4-bench student --character out/me --device cuda\n"
                      "  tha4-bench teacher --teacher data/tha4 --image me.png --frames 100\n"
                      "  tha4-bench rig --teacher procedural:7 --batch 16 --frames 320");
  CLI::App& app = command.options();
  app.add_option("what", options.what,
                 "student, teacher, tha3, or rig (how fast a rigged character is drawn)")
      ->required()
      ->check(CLI::IsMember({"student", "teacher", "tha3", "rig"}));
  options.poser.add_to(app);
  app.add_option("--batch", options.timing.batch, "Frames made at a time")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_option("--frames", options.timing.frames, "Frames that are measured")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--warm-up", options.timing.warm_up, "Batches beforehand that are not measured")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--json", options.json, "Writes the times to this file");
  return command.run(argc, argv, [&] { return bench(options, command.device()); });
}
