#include <algorithm>
#include <bit>
#include <filesystem>
#include <map>
#include <vector>

#include "distill/distill_fixture.h"
#include "report/embedded_png.h"
#include "report/event_file_reader.h"
#include "report/occurrences.h"
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/image/image_io.h"
#include "tha4/image/rest_image.h"
#include "tha4/metrics/psnr.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The \p index-th picture of a page.
RgbaImage picture_of(const std::string& page, std::size_t index) {
  const fs::path file = fs::path(testing::TempDir()) / "picture_of_a_page.png";
  write_text_file(file, embedded_png(page, index));
  return read_image(file);
}

/// All scalars of a run's event files whose tag begins with \p prefix.
std::map<std::string, float> scalars_of(const fs::path& run, const std::string& prefix) {
  std::map<std::string, float> scalars;
  for (const fs::directory_entry& entry : fs::directory_iterator(run)) {
    if (!entry.path().filename().string().starts_with("events.out.tfevents")) continue;
    for (const std::string& record : read_records(read_text_file(entry.path()))) {
      const WireMessage event = parse_message(record);
      if (event.count(5) == 0) continue;
      const WireMessage value = parse_message(only(parse_message(only(event, 5).bytes), 1).bytes);
      const std::string tag = only(value, 1).bytes;
      if (!tag.starts_with(prefix) || value.count(2) == 0) continue;
      scalars[tag] = std::bit_cast<float>(static_cast<std::uint32_t>(only(value, 2).number));
    }
  }
  return scalars;
}

class DistilledReport : public DistillRun {
 protected:
  static constexpr const char* kPlace =
      "a\xE9"
      "b";  // "aéb" in Latin-1, which is no UTF-8

  DistilledReport() {
    DistillJob whole = job("tiny_siren.json", fresh_path(kPlace));
    result_ = distill(opened(teacher_, kPlace), whole);
    run_ = whole.out;
    config_ = whole.config;
    page_ = read_text_file(run_ / "report.html");
  }

  DistillResult result_;
  DistillConfig config_;
  fs::path run_;
  std::string page_;
};

TEST_F(DistilledReport, IsWrittenWhateverBytesItsNamesHave) {
  const auto report = read_json_file(run_ / "report.json");
  EXPECT_EQ(report["teacher"], "a\uFFFDb");
  EXPECT_EQ(report["settings"], read_json_file(run_ / "config.json"));
}

TEST_F(DistilledReport, ShowsTeacherStudentAndDifferenceOfThePosesThatItScores) {
  StudentPoser student(load_character(run_), torch::kCPU);
  const auto poses = draw_poses(PoseSource{}, config_.held_out_poses, config_.held_out_seed);
  for (int i = 0; i < config_.held_out_poses; ++i) {
    const auto pose = poses.narrow(0, i, 1);
    const auto expected = teacher_.pose(pose, {}).blended[0];
    const auto drawn = student.pose(pose, {}).blended[0];
    const auto first = static_cast<std::size_t>(3 * i);
    EXPECT_EQ(picture_of(page_, first).pixels, lay_over(to_rgba_image(expected), {}).pixels);
    EXPECT_EQ(picture_of(page_, first + 1).pixels, lay_over(to_rgba_image(drawn), {}).pixels);
    EXPECT_EQ(picture_of(page_, first + 2).pixels, difference_image(expected, drawn).pixels);
  }
  for (const char* caption : {">teacher<", ">student<", ">difference, four times<"}) {
    // Each of these few poses is also among the worst.
    EXPECT_GE(occurrences(page_, caption), static_cast<std::size_t>(2 * config_.held_out_poses)) << caption;
  }
}

TEST_F(DistilledReport, ShowsMaskCurvesScoresAndSettings) {
  // Before it come the first poses, the worst ones, and the rest pose.
  const auto mask = static_cast<std::size_t>(2 * 3 * config_.held_out_poses + 5);
  EXPECT_EQ(occurrences(page_, "<img "), mask + 1);
  EXPECT_EQ(picture_of(page_, mask).pixels, read_image(run_ / "face_mask.png").pixels);
  EXPECT_EQ(occurrences(page_, "<svg "), 2U);
  EXPECT_NE(page_.find("face_morpher"), std::string::npos);
  EXPECT_NE(page_.find("body_rotator"), std::string::npos);
  EXPECT_NE(page_.find(fmt::format(">{:.2f}<", result_.score.student.network)), std::string::npos);
  EXPECT_NE(page_.find(fmt::format(">{:.2f}<", result_.score.rest_face.seen)), std::string::npos);
  EXPECT_NE(page_.find("<dt>body_rotator.window</dt><dd>64</dd>"), std::string::npos);
  EXPECT_NE(page_.find("The official apps can open this character."), std::string::npos);
  // One self-contained page.
  EXPECT_EQ(occurrences(page_, "src=\"data:"), mask + 1);
  EXPECT_EQ(page_.find("<link"), std::string::npos);
  EXPECT_EQ(page_.find("<script"), std::string::npos);
}

TEST_F(DistilledReport, TellsTheWorstPosesAndWhoseFaultsTheyAre) {
  StudentPoser student(load_character(run_), torch::kCPU);
  const auto report = read_json_file(run_ / "report.json");
  const auto poses = draw_poses(PoseSource{}, config_.held_out_poses, config_.held_out_seed);
  std::vector<double> scores;
  for (int i = 0; i < config_.held_out_poses; ++i) {
    const auto pose = poses.narrow(0, i, 1);
    scores.push_back(
        network_psnr(teacher_.pose(pose, {}).blended, student.pose(pose, {}).blended).item<double>());
  }
  std::sort(scores.begin(), scores.end());
  ASSERT_EQ(report["worst_poses"].size(), scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    EXPECT_NEAR(report["worst_poses"][i]["network"].get<double>(), scores[i], 1e-3);
    EXPECT_FALSE(report["worst_poses"][i]["pose"].empty());
  }
  const auto rest = torch::zeros({1, 45});
  const auto picture = teacher_.rest_image().unsqueeze(0), by_teacher = teacher_.pose(rest, {}).blended;
  EXPECT_NEAR(report["at_rest"]["teacher_of_picture"]["network"].get<double>(),
              network_psnr(picture, by_teacher).item<double>(), 1e-3);
  EXPECT_NEAR(report["at_rest"]["student_of_teacher"]["network"].get<double>(),
              network_psnr(by_teacher, student.pose(rest, {}).blended).item<double>(), 1e-3);
  EXPECT_EQ(report["held_out"]["body_poses"], config_.held_out_poses);
  EXPECT_TRUE(report["held_out"].contains("student_body_psnr"));
}

TEST_F(DistilledReport, AllScoresAreAmongTheEvents) {
  const HeldOutScore& score = result_.score;
  const std::map<std::string, double> expected = {
      {"held_out/student_network_psnr", score.student.network},
      {"held_out/student_seen_psnr", score.student.seen},
      {"held_out/student_face_network_psnr", score.face.network},
      {"held_out/student_face_seen_psnr", score.face.seen},
      {"held_out/rest_image_network_psnr", score.rest.network},
      {"held_out/rest_image_seen_psnr", score.rest.seen},
      {"held_out/rest_image_face_network_psnr", score.rest_face.network},
      {"held_out/rest_image_face_seen_psnr", score.rest_face.seen}};
  const auto scalars = scalars_of(run_, "held_out/");
  EXPECT_EQ(scalars.size(), expected.size());
  for (const auto& [tag, value] : expected) {
    ASSERT_TRUE(scalars.contains(tag)) << tag;
    EXPECT_FLOAT_EQ(scalars.at(tag), static_cast<float>(value)) << tag;
  }
}

}  // namespace
}  // namespace tha4
