#include <memory>

#include "some_image.h"
#include "system.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/project_files.h"
#include "tha4/engine/fused_teacher.h"
#include "tha4/image/color.h"
#include "tha4/image/rest_image.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"

namespace tha4::app {
namespace {

constexpr int kSeed = 1;  // of fresh weights

/// What is measured of an architecture, and what it is called.
struct SystemName {
  std::string name;
  std::string title;
};

SystemName name_of(Architecture architecture) {
  switch (architecture) {
    case Architecture::tha4:
      return {"teacher", "teacher"};
    case Architecture::tha3:
      return {"tha3", "THA3"};
    case Architecture::compact:
      return {"compact", "compact teacher"};
  }
  throw Error("an architecture that is not known");
}

/// The networks of \p teacher by what they are, not by the names of their official files.
std::vector<NamedNetwork> by_design_names(const Teacher& teacher) {
  std::vector<NamedNetwork> networks = teacher.networks();
  const std::vector<ArchitectureRow> rows = rows_of(teacher.architecture());
  for (std::size_t i = 0; i < networks.size(); ++i) networks[i].name = to_string(rows[i].network);
  return networks;
}

/// The project's own character where its files are at hand: noise says nothing of how far types differ.
RgbaImage picture_to_pose() {
  const auto file = find_project_file("data/demo/character.png");
  return file ? load_rest_image(*file) : some_image();
}

/// A poser by fused kernels, with the decibels by which its frames differ from those of \p reference.
FrameMaker fused_maker(const std::string& title, Teacher teacher, const at::Tensor& rest_image,
                       Teacher& reference, const PreparedImage& image, const SystemOptions& options) {
  const Precision precision =
      options.precision == Precision::fp32 ? fused_precision(teacher.architecture()) : options.precision;
  const std::string kernels =
      options.device.is_cpu() ? cpu_teacher_kernels() : std::string(precision_name(precision));
  const std::shared_ptr<Poser> poser =
      make_fused_teacher_poser(std::move(teacher), rest_image, options.device, precision);
  const at::Tensor poses = to_tensor(sample_poses(PoseDistribution::natural, 4, 1));
  const double agreement =
      network_psnr(poser->pose(poses).blended, reference(image, poses).editor.blended).min().item<double>();
  return {.title = fmt::format("{}, fused ({}, {:.1f} dB)", title, kernels, agreement),
          .make = [poser](const std::vector<Pose>& batch) { poser->pose(to_tensor(batch)); },
          .as_in_paper = false};
}

}  // namespace

System teacher_system(const SystemOptions& options, const std::string& folder,
                      std::optional<Architecture> architecture) {
  const auto load = [&] {
    const SeededScope seeded(kSeed);
    return folder.empty() ? make_teacher(architecture.value_or(Architecture::tha4))
                          : load_teacher(folder, architecture);
  };
  const auto teacher = std::make_shared<Teacher>(load());
  teacher->to(options.device, scalar_type(options.precision));
  const auto [name, title] = name_of(teacher->architecture());
  const torch::NoGradGuard no_grad;
  const at::Tensor images =
      to_image_tensor(picture_to_pose()).unsqueeze(0).repeat({options.batch, 1, 1, 1}).to(options.device);
  const PreparedImage image = teacher->prepare(images.narrow(0, 0, 1));
  const auto of_image_and_pose = [teacher, images](const std::vector<Pose>& poses) {
    (*teacher)(teacher->prepare(images), to_tensor(poses));
  };
  const auto of_pose = [teacher, image](const std::vector<Pose>& poses) {
    (*teacher)(image, to_tensor(poses));
  };
  System system{.name = name,
                .title = title,
                .networks = by_design_names(*teacher),
                .makers = {{.title = title + ", image and pose in", .make = of_image_and_pose},
                           {.title = title + ", image kept", .make = of_pose, .as_in_paper = false}}};
  if (!why_no_fused_teacher(options.device, teacher->architecture())) {
    system.makers.push_back(fused_maker(title, load(), images[0], *teacher, image, options));
  }
  return system;
}

}  // namespace tha4::app
