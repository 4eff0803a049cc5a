#include <memory>
#include <utility>

#include "some_image.h"
#include "system.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/base/context.h"
#include "tha4/engine/empty_cells.h"
#include "tha4/engine/engine.h"
#include "tha4/engine/frame_painter.h"
#include "tha4/engine/fused_student.h"
#include "tha4/engine/gpu_student_poser.h"
#include "tha4/engine/kernel_limit.h"
#include "tha4/image/color.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/blocks/network_precision.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"

namespace tha4::app {
namespace {

/// A character of fresh weights, of the published sizes but for its body rotator.
Character fresh_character(std::shared_ptr<StudentBodyRotator> body_rotator) {
  Character character;
  character.image = some_image();
  character.face_morpher = SirenFaceMorpher().ptr();
  character.body_rotator = std::move(body_rotator);
  return character;
}

/// The least PSNR of what one poser makes against what the other one does, of a few poses, as networks see
/// pictures.
double min_agreement(Poser& a, Poser& b) {
  const at::Tensor poses = to_tensor(sample_poses(PoseDistribution::natural, 4, 1));
  return network_psnr(a.pose(poses).blended, b.pose(poses).blended).min().item<double>();
}

/// Frames straight to 8 bits.
FrameMaker picture_maker(const std::string& title, const std::shared_ptr<FramePainter>& painter) {
  const auto picture = std::make_shared<RgbaImage>(kImageSize, kImageSize);
  return {.title = title, .make = [painter, picture](const std::vector<Pose>& poses) {
            for (const Pose& pose : poses) {
              painter->paint(pose, {}, AlphaKind::straight, picture->pixels.data());
            }
          }};
}

/// \param folder  of the character; empty where its weights are fresh
System character_system(const std::string& name, const std::string& title, const Character& character,
                        const SystemOptions& options, const std::string& folder) {
  const auto maker = [](const std::string& its_title, std::shared_ptr<Poser> poser) {
    return FrameMaker{.title = its_title,
                      .make = [poser](const std::vector<Pose>& poses) { poser->pose(to_tensor(poses)); }};
  };
  const auto reference = std::make_shared<StudentPoser>(character, options.device, options.precision);
  System system{
      .name = name,
      .title = title,
      .networks = {{"face_morpher", character.face_morpher}, {"body_rotator", character.body_rotator}},
      .makers = {maker(title, reference)}};
  if (!why_not_fused(character, options.device, options.precision)) {
    // Fresh weights move the picture by half its width, which says nothing of characters.
    const auto add = [&](std::string its_title, const std::shared_ptr<Poser>& poser) {
      if (!folder.empty()) its_title += fmt::format(" ({:.1f} dB)", min_agreement(*reference, *poser));
      system.makers.push_back(maker(its_title, poser));
    };
    if (!options.device.is_cpu()) {
      add(title + ", fused", std::make_shared<GpuStudentPoser>(character, options.device));
      system.makers.push_back(
          picture_maker(title + ", 8-bit pictures", make_painter(character, options.device)));
      return system;
    }
    const auto workers = std::make_shared<TileWorkers>(usual_threads());
    const auto add_on_cpu = [&](const std::string& its_title, const EmptyCells& empty) {
      add(its_title, std::make_shared<StudentPoser>(fused(character, workers, empty), options.device));
      system.makers.back().floor_ms =
          1000 * static_cast<double>(fused_products(character, empty)) / products_per_second(*workers);
    };
    add_on_cpu(title + ", fused", {});
    EmptyCells empty;
    if (!folder.empty() && can_skip_cells(character)) {
      const Context context{.logger = spdlog::default_logger()};
      empty = empty_cells_of(folder, character, *workers, context);
      add_on_cpu(title + ", empty cells skipped", empty);
    }
    system.makers.push_back(
        picture_maker(title + ", 8-bit pictures", make_painter(character, workers, empty)));
  }
  return system;
}

/// The vanilla SIREN draws the frame alone, without a face morpher.
System lone_rotator_system(std::shared_ptr<StudentBodyRotator> rotator, const RgbaImage& rest_image,
                           const SystemOptions& options) {
  move_network(*rotator, options.device, scalar_type(options.precision));
  rotator->eval();
  const at::Tensor image = to_image_tensor(rest_image).unsqueeze(0).to(options.device);
  const auto make = [rotator, image](const std::vector<Pose>& poses) {
    const at::Tensor batch = to_pose_batch(to_tensor(poses), image.device());
    rotator->rotate(image.expand({batch.size(0), -1, -1, -1}), batch, FrameWindow{});
  };
  return {.name = "vanilla_siren",
          .title = "vanilla SIREN",
          .networks = {{"body_rotator", rotator}},
          .makers = {{.title = "vanilla SIREN", .make = make}}};
}

System single_resolution_system(const Character& character, const SystemOptions& options,
                                const std::string& folder) {
  return character_system("student_single_resolution", "student w/o multi-res", character, options, folder);
}

}  // namespace

System student_system(const SystemOptions& options, const std::string& folder) {
  const Character character =
      folder.empty() ? fresh_character(SirenBodyRotator().ptr()) : load_character(folder);
  if (character.body_rotator_kind == BodyRotatorKind::vanilla_siren) {
    return lone_rotator_system(character.body_rotator, character.image, options);
  }
  if (character.body_rotator_kind == BodyRotatorKind::siren_single_resolution) {
    return single_resolution_system(character, options, folder);
  }
  return character_system("student", "student", character, options, folder);
}

System single_resolution_system(const SystemOptions& options) {
  const SirenBodyRotator rotator(SirenBodyRotatorOptions::single_resolution());
  return single_resolution_system(fresh_character(rotator.ptr()), options, "");
}

System vanilla_siren_system(const SystemOptions& options) {
  return lone_rotator_system(VanillaSirenBodyRotator().ptr(), some_image(), options);
}

}  // namespace tha4::app
