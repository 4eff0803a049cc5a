#include <string>

#include "onnx_cases.h"
#include "python_script.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/export/onnx_model.h"
#include "tha4/image/color.h"
#include "tha4/image/image_io.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"
#include "tha4/poser/teacher_poser.h"
#include "tha4/weights/safetensors.h"

// Files of small networks are run by onnxruntime, in Python, and compared with the project's own posers.

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr int kNoOnnx = 77;
constexpr double kStudentError = 1e-4;
constexpr double kTeacherError = 1e-3;

/// An empty folder that is removed at the end.
class CaseFolder {
 public:
  explicit CaseFolder(const std::string& name) : path_(fs::path(testing::TempDir()) / ("onnx_" + name)) {
    fs::remove_all(path_);
    fs::create_directories(path_ / "networks");
  }
  ~CaseFolder() { fs::remove_all(path_); }
  CaseFolder(const CaseFolder&) = delete;
  CaseFolder& operator=(const CaseFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Writes beside the graphs in \p folder what they must make of \p picture and two poses, by \p poser.
void write_expected(const fs::path& folder, Poser& poser, const RgbaImage& picture) {
  const at::Tensor poses = to_tensor(sample_poses(PoseDistribution::uniform, 2, 5));
  const at::Tensor frames = poser.pose(poses).blended.contiguous();
  StateDict tensors;
  tensors.insert("image", to_image_tensor(picture).unsqueeze(0));
  tensors.insert("poses", poses);
  tensors.insert("frames", frames);
  write_safetensors(folder / "expected.safetensors", tensors);
  write_image(folder / "picture.png", picture);
  for (int i = 0; i < 2; ++i) {
    write_image(folder / ("frame_" + std::to_string(i) + ".png"), to_rgba_image(frames[i]));
  }
}

class OnnxRun : public testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(7); }

  void expect_agreement(const fs::path& folder, double error) {
    const int status = run_python("export/check_onnx.py", {folder.string(), std::to_string(error)});
    if (status == kNoOnnx || status == 127) {
      GTEST_SKIP() << python() << " cannot import onnx and onnxruntime; name one that can with THA4_PYTHON";
    }
    EXPECT_EQ(status, 0);
  }

  void expect_character(FaceMorpherKind face, BodyRotatorKind body) {
    expect_character(to_string(face) + "_" + to_string(body), small_character(face, body));
  }

  void expect_character(const std::string& name, const Character& character) {
    const CaseFolder folder(name);
    save_character(character, folder.path() / "character", WeightsFormat::safetensors);
    write_onnx_character(folder.path() / "character", folder.path() / "whole.onnx");
    write_onnx_character_networks(folder.path() / "character", folder.path() / "networks");
    StudentPoser poser(load_character(folder.path() / "character"), torch::kCPU);
    write_expected(folder.path(), poser, character.image);
    expect_agreement(folder.path(), kStudentError);
  }

  void expect_teacher(Architecture architecture) {
    const CaseFolder folder(to_string(architecture));
    write_teacher_files(small_teacher(architecture), folder.path() / "teacher");
    write_onnx_teacher(folder.path() / "teacher", folder.path() / "whole.onnx");
    write_onnx_teacher_networks(folder.path() / "teacher", folder.path() / "networks");
    const RgbaImage picture = soft_picture();
    const auto poser =
        make_teacher_poser(load_teacher(folder.path() / "teacher"), to_image_tensor(picture), torch::kCPU);
    write_expected(folder.path(), *poser, picture);
    expect_agreement(folder.path(), kTeacherError);
  }
};

TEST_F(OnnxRun, Sirens) {
  expect_character(FaceMorpherKind::siren, BodyRotatorKind::siren);
}
TEST_F(OnnxRun, Blendshapes) {
  expect_character(FaceMorpherKind::blendshape, BodyRotatorKind::blendshape);
}
TEST_F(OnnxRun, BlendshapeFaceWithSirenBody) {
  expect_character(FaceMorpherKind::blendshape, BodyRotatorKind::siren_single_resolution);
}
TEST_F(OnnxRun, SirenFaceWithBlendshapeBody) {
  expect_character(FaceMorpherKind::siren, BodyRotatorKind::blendshape);
}
TEST_F(OnnxRun, BlendshapeBodyWhoseMapsMove) {
  expect_character("moving", moving_character());
}
TEST_F(OnnxRun, HardEdges) {
  expect_character("hard_edges", hard_edged_character());
}
TEST_F(OnnxRun, SirenWithHardEdges) {
  expect_character("siren_hard_edges", hard_edged_siren_character());
}
TEST_F(OnnxRun, VanillaSiren) {
  expect_character(FaceMorpherKind::siren, BodyRotatorKind::vanilla_siren);
}
TEST_F(OnnxRun, Tha4Teacher) {
  expect_teacher(Architecture::tha4);
}
TEST_F(OnnxRun, Tha3Teacher) {
  expect_teacher(Architecture::tha3);
}
TEST_F(OnnxRun, CompactTeacher) {
  expect_teacher(Architecture::compact);
}

TEST(OnnxModel, RefusesWhatIsNotThere) {
  const CaseFolder folder("refused");
  EXPECT_THROW(write_onnx_character(folder.path() / "nobody", folder.path() / "x.onnx"), InputError);
  EXPECT_THROW(write_onnx_teacher(folder.path() / "nobody", folder.path() / "x.onnx"), InputError);
  EXPECT_THROW(write_onnx_teacher_networks(folder.path(), folder.path() / "networks"), InputError);
  EXPECT_FALSE(fs::exists(folder.path() / "x.onnx"));
  EXPECT_TRUE(fs::is_empty(folder.path() / "networks"));
}

}  // namespace
}  // namespace tha4
