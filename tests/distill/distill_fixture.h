#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "shaded_disc.h"
#include "test_files.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/distill/distiller.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {

/// A small character as the teacher: narrow SIRENs over a disc, its movements kept small.
inline Character small_character() {
  torch::manual_seed(1);
  Character character;
  character.image = shaded_disc();
  SirenFaceMorpher face(SirenOptions{.width = 8, .sine_layers = 2});
  SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{128, 6}, {256, 5}, {512, 4}}, .sine_layers = 2});
  torch::NoGradGuard no_grad;
  state_dict_of(*body)["last_linear.weight"].mul_(0.02);
  state_dict_of(*body)["last_linear.bias"].mul_(0.02);
  character.face_morpher = face.ptr();
  character.body_rotator = body.ptr();
  return character;
}

/// A teacher that does something at one of its calls; otherwise it is the one it wraps.
class WatchedPoser final : public Poser {
 public:
  WatchedPoser(Poser& poser, int at_call, std::function<void(PosedFrame&)> action)
      : poser_(poser), at_call_(at_call), action_(std::move(action)) {}

  /// Calls \p action at the call of face() of that number.
  void watch_face(int at_call, std::function<void()> action) {
    at_face_call_ = at_call;
    face_action_ = std::move(action);
  }

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
    PosedFrame frame = poser_.pose(poses, window);
    if (++calls_ == at_call_) action_(frame);
    return frame;
  }
  at::Tensor face(const at::Tensor& poses) override {
    faces_ += poses.size(0);
    if (++face_calls_ == at_face_call_) face_action_();
    return poser_.face(poses);
  }
  const at::Tensor& rest_image() const override { return poser_.rest_image(); }
  at::Device device() const override { return poser_.device(); }

  int calls() const { return calls_; }           ///< of pose()
  std::int64_t faces() const { return faces_; }  ///< that face() was asked for

 private:
  Poser& poser_;
  int at_call_;
  int calls_ = 0;
  std::function<void(PosedFrame&)> action_;
  int at_face_call_ = 0;
  int face_calls_ = 0;
  std::int64_t faces_ = 0;
  std::function<void()> face_action_;
};

/// Another's poser, lent to whoever wants one of its own.
class LentPoser final : public Poser {
 public:
  explicit LentPoser(Poser& poser) : poser_(poser) {}
  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
    return poser_.pose(poses, window);
  }
  at::Tensor face(const at::Tensor& poses) override { return poser_.face(poses); }
  const at::Tensor& rest_image() const override { return poser_.rest_image(); }
  at::Device device() const override { return poser_.device(); }

 private:
  Poser& poser_;
};

/// A user who can ask for a stop.
class StoppingUser {
 public:
  Context context() const { return {.stop = source_.get_token()}; }
  void stop() { source_.request_stop(); }

 private:
  std::stop_source source_;
};

/// Distillations of the small character with the settings of tests/fixtures/distill.
class DistillRun : public testing::Test {
 protected:
  DistillJob job(const std::string& settings, const std::filesystem::path& out,
                 RunStart start = RunStart::fresh) {
    DistillJob result;
    result.config = parse_distill_config(
        read_config_file(std::filesystem::path(THA4_FIXTURES_DIR) / "distill" / settings), settings);
    result.out = out;
    result.start = start;
    return result;
  }

  /// \p poser as the teacher of the small character's picture.
  OpenedPoser opened(Poser& poser, const std::string& name = "a small character") const {
    return {.poser = std::make_unique<LentPoser>(poser),
            .image = character_.image,
            .name = name,
            .kind = PoserKind::character};
  }

  /// Begins \p started, whose user stops it at a call of the teacher.
  void interrupt(const DistillJob& started, int at_call) {
    StoppingUser user;
    WatchedPoser interrupting(teacher_, at_call, [&](PosedFrame&) { user.stop(); });
    EXPECT_THROW(distill(opened(interrupting), started, user.context()), InterruptedError);
  }

  static void expect_equal(const torch::nn::Module& a, const torch::nn::Module& b) {
    const StateDict expected = state_dict_of(a);
    const StateDict actual = state_dict_of(b);
    for (const auto& item : expected)
      EXPECT_TRUE(torch::equal(item.value(), actual[item.key()])) << item.key();
  }

  Character character_ = small_character();
  StudentPoser teacher_{character_, torch::kCPU};
};

}  // namespace tha4
