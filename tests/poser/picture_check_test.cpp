#include "tha4/poser/picture_check.h"

#include <algorithm>

#include "painted_poser.h"
#include "poser_fixture.h"

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/render/rig_poser.h"
#include "tha4/rig/generator.h"

namespace tha4 {
namespace {

using Faults = std::vector<PictureFault>;

/// The faults that were found, each of which is said in one line of its own.
Faults faults_of(const std::vector<PictureFinding>& findings) {
  Faults faults;
  for (const PictureFinding& finding : findings) {
    EXPECT_FALSE(finding.text.empty());
    EXPECT_EQ(finding.text.find('\n'), std::string::npos) << finding.text;
    faults.push_back(finding.fault);
  }
  return faults;
}

Faults faults_of(const PaintedCharacter& character) {
  PaintedPoser poser(character);
  return faults_of(check_picture(paint(character), poser));
}

std::uint8_t& alpha_at(RgbaImage& image, int x, int y) {
  return image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 4 + 3];
}

TEST(PictureCheck, FindsNothingWrongWithAGoodPicture) {
  EXPECT_EQ(faults_of(PaintedCharacter{}), Faults{});
  EXPECT_EQ(faults_of(PaintedCharacter{.right = 12, .down = -8}), Faults{}) << "roughly is enough";
}

TEST(PictureCheck, FindsNothingWrongWithGeneratedCharacters) {
  for (const std::uint64_t seed : {1, 5, 14}) {
    const auto poser = make_rig_poser(generate_rig(seed), torch::kCPU);
    EXPECT_EQ(faults_of(check_picture(to_rgba_image(poser->rest_image()), *poser)), Faults{}) << seed;
  }
}

TEST(PictureCheck, FindsBackgroundsThatAreOpaque) {
  RgbaImage rounded = paint({});
  RgbaImage disc = rounded;
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      const bool is_corner = std::min(x, 511 - x) + std::min(y, 511 - y) < 30;
      alpha_at(rounded, x, y) = is_corner ? 0 : 255;
      alpha_at(disc, x, y) = std::hypot(x - 255.5, y - 255.5) < 255 ? 255 : 0;
    }
  }
  EXPECT_EQ(faults_of(check_picture(rounded)), Faults{PictureFault::opaque_background});
  EXPECT_EQ(faults_of(check_picture(disc)), Faults{PictureFault::opaque_background});
}

TEST(PictureCheck, FindsBackgroundsThatAreAThinVeil) {
  RgbaImage picture = paint({});
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) {
    picture.pixels[i] = std::max<std::uint8_t>(picture.pixels[i], 20);
  }
  EXPECT_EQ(faults_of(check_picture(picture)), Faults{PictureFault::opaque_background});
}

TEST(PictureCheck, SaysOfADotOnlyThatHardlyAnythingIsThere) {
  const RgbaImage dot = read_image(kTestData / "pictures" / "dot.png");
  const auto findings = check_picture(dot);
  ASSERT_EQ(faults_of(findings), Faults{PictureFault::hardly_anything});
  EXPECT_NE(findings[0].text.find("hardly anything is drawn"), std::string::npos);
}

TEST(PictureCheck, FindsPhotographs) {
  EXPECT_EQ(faults_of(check_picture(like_a_photograph(paint({})))), Faults{PictureFault::photograph});
}

TEST(PictureCheck, FindsACharacterThatIsSmallAndInACorner) {
  const auto findings = check_picture(read_image(kTestData / "pictures" / "small_in_corner.png"));
  ASSERT_EQ(faults_of(findings), Faults{PictureFault::head_misplaced});
  EXPECT_NE(findings[0].text.find("nothing is drawn above y = 395"), std::string::npos) << findings[0].text;
}

TEST(PictureCheck, FindsAHeadThatIsBesideItsBox) {
  const PaintedCharacter moved{.right = 32.5, .down = -8.5};  // middles of pixels are half a pixel off
  PaintedPoser poser(moved);
  const auto findings = check_picture(paint(moved), poser);
  ASSERT_EQ(faults_of(findings), Faults{PictureFault::head_misplaced});
  EXPECT_NE(findings[0].text.find("move the character by (-32,7)"), std::string::npos) << findings[0].text;
  EXPECT_EQ(faults_of(PaintedCharacter{.right = -100}), Faults{PictureFault::head_misplaced});
  EXPECT_EQ(faults_of(PaintedCharacter{.down = 100}), Faults{PictureFault::head_misplaced});
}

TEST(PictureCheck, FindsAHeadOfTheWrongSize) {
  EXPECT_EQ(faults_of(PaintedCharacter{.scale = 0.5}), Faults{PictureFault::head_misplaced});
  EXPECT_EQ(faults_of(PaintedCharacter{.scale = 1.6}), Faults{PictureFault::head_misplaced});
}

TEST(PictureCheck, FindsAFaceThatIsTooSmallOrTooLargeForItsPlace) {
  const auto motion = [](double size) {
    return FaceMotion{.left_eye = {400, 256 + 26 * size, 182 - 44 * size},
                      .right_eye = {400, 256 - 26 * size, 182 - 44 * size},
                      .mouth = {400, 256, 182}};
  };
  for (const double size : {0.75, 1.0, 1.25})
    EXPECT_EQ(faults_of(check_face_motion(motion(size))), Faults{}) << size;
  for (const double size : {0.6, 1.4}) {
    const auto findings = check_face_motion(motion(size));
    ASSERT_EQ(faults_of(findings), Faults{PictureFault::head_misplaced}) << size;
    const std::string what = size < 1 ? "about 0.60 times as large" : "about 1.40 times as large";
    EXPECT_NE(findings[0].text.find(what), std::string::npos) << findings[0].text;
    const std::string remedy = size < 1 ? "scale the character by 1.67" : "scale the character by 0.71";
    EXPECT_NE(findings[0].text.find(remedy), std::string::npos) << findings[0].text;
  }
}

TEST(PictureCheck, FindsACharacterOnItsHead) {
  const PaintedCharacter turned{.is_upside_down = true};
  const Faults faults = faults_of(turned);
  EXPECT_NE(std::find(faults.begin(), faults.end(), PictureFault::cut_off_at_top), faults.end());
  // The same with room on all sides.
  RgbaImage lower = paint(turned);
  const std::size_t rows = std::size_t{26} * 4 * kImageSize;
  lower.pixels.insert(lower.pixels.begin(), rows, 0);
  lower.pixels.resize(lower.pixels.size() - rows);
  const Faults of_lower = faults_of(check_picture(lower));
  EXPECT_NE(std::find(of_lower.begin(), of_lower.end(), PictureFault::cut_off_at_top), of_lower.end());
  // And where no body is cut off: the mouth is above the eyes.
  const FaceMotion motion{
      .left_eye = {400, 284, 160}, .right_eye = {400, 228, 160}, .mouth = {400, 256, 165}};
  EXPECT_EQ(faults_of(check_face_motion(motion)), Faults{PictureFault::head_misplaced});
}

TEST(PictureCheck, FindsEyesThatAreNotOnBothSidesOfTheMouth) {
  FaceMotion motion{.left_eye = {849, 250, 130}, .right_eye = {203, 230, 130}, .mouth = {471, 256, 182}};
  const auto findings = check_face_motion(motion);
  ASSERT_EQ(faults_of(findings), Faults{PictureFault::head_misplaced});
  EXPECT_NE(findings[0].text.find(
                "around x = 256 and the character's own right and left eye around x = 230 and 250"),
            std::string::npos)
      << findings[0].text;
  motion.right_eye = {5, 240, 130};  // one is behind hair
  EXPECT_EQ(faults_of(check_face_motion(motion)), Faults{});
}

TEST(PictureCheck, FindsEyesAndMouthsThatNothingMoves) {
  EXPECT_EQ(faults_of(PaintedCharacter{.has_eyes = false}), Faults{PictureFault::still_eyes});
  EXPECT_EQ(faults_of(PaintedCharacter{.has_mouth = false}), Faults{PictureFault::still_mouth});
  EXPECT_EQ(faults_of(PaintedCharacter{.has_eyes = false, .has_mouth = false}),
            (Faults{PictureFault::still_eyes, PictureFault::still_mouth}));
}

TEST(PictureCheck, ThrowsForPicturesOfAnotherSize) {
  EXPECT_THROW(check_picture(RgbaImage(512, 511)), Error);
}

TEST(FaceMotion, SaysWhereEyesAndMouthAre) {
  PaintedPoser poser({});
  const FaceMotion motion = measure_face_motion(poser);
  EXPECT_NEAR(motion.left_eye.x, 284, 1);
  EXPECT_NEAR(motion.left_eye.y, 133, 1);
  EXPECT_NEAR(motion.right_eye.x, 228, 1);
  EXPECT_NEAR(motion.mouth.x, 256, 1);
  EXPECT_NEAR(motion.mouth.y, 184, 1);
  EXPECT_NEAR(motion.left_eye.count, 3.14 * 14 * 15, 20);
}

}  // namespace
}  // namespace tha4
