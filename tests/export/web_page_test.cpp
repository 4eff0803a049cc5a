#include "tha4/export/web_page.h"

#include <algorithm>
#include <string>

#include "base64.h"
#include "onnx_cases.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/image/image_io.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/poser/student_packing.h"
#include "tha4/track/tracker_models.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

const fs::path kCharacters = fs::path(THA4_FIXTURES_DIR) / "characters";

std::string page_of(const std::vector<fs::path>& characters, bool has_tracker = false) {
  const fs::path file = fs::path(testing::TempDir()) / "web_page_test.html";
  const std::uintmax_t size = write_web_page(characters, file, {.has_tracker = has_tracker});
  EXPECT_EQ(fs::file_size(file), size);
  return read_text_file(file);
}

TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64_of(""), "");
  EXPECT_EQ(base64_of("f"), "Zg==");
  EXPECT_EQ(base64_of("fo"), "Zm8=");
  EXPECT_EQ(base64_of("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_of("\xff\xfe\xfd"), "//79");
}

TEST(WebPage, HoldsItsCharacters) {
  const std::string page = page_of({kCharacters / "siren", kCharacters / "blendshape"});
  constexpr std::string_view kBegin = "<script type=\"application/json\" class=\"character\">";
  std::vector<nlohmann::json> found;
  for (std::size_t begin = page.find(kBegin); begin != std::string::npos; begin = page.find(kBegin, begin)) {
    begin += kBegin.size();
    found.push_back(nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin)));
  }
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]["name"], "siren");
  EXPECT_EQ(found[0]["body"]["kind"], "siren");
  EXPECT_EQ(found[0]["empty"].size(), 64U);
  EXPECT_EQ(found[1]["face"]["kind"], "blendshape");
  EXPECT_FALSE(found[1].contains("empty"));
}

TEST(WebPage, HoldsTheTrackerWhereItIsAskedFor) {
  constexpr std::string_view kTracker = "<script type=\"text/plain\" id=\"tracker\">";
  const std::string page = page_of({kCharacters / "siren"}, true);
  const std::size_t begin = page.find(kTracker);
  ASSERT_NE(begin, std::string::npos);
  const std::string models = base64_of(read_text_file(tracker_models_file()));
  EXPECT_EQ(page.compare(begin + kTracker.size(), models.size(), models), 0);
  EXPECT_EQ(page_of({kCharacters / "siren"}, false).find(kTracker), std::string::npos);
}

TEST(WebPage, NamesNoPlaceElsewhere) {
  const std::string page = page_of({kCharacters / "siren"}, true);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const char* text : {"https://", "http://", " src=\"", "url(", "@import"}) {
    EXPECT_EQ(page.find(text), std::string::npos) << text;
  }
  for (const char* mark : {"/*STYLE*/", "/*SCRIPT*/", "<!--CHARACTERS-->", "<!--TRACKER-->"}) {
    EXPECT_EQ(page.find(mark), std::string::npos) << mark;
  }
}

/// Noise of \p deviation steps, so that it takes as many bits as a distilled character's: what a page's size
/// is made of.
void fill_with_noise(torch::nn::Module& network, const Packings& packings, const std::string& name,
                     double deviation) {
  const torch::NoGradGuard no_grad;
  at::Tensor values = network.named_parameters()[name];
  at::Tensor steps = packings.at(name).steps;
  while (steps.dim() < values.dim()) steps = steps.unsqueeze(-1);
  values.copy_(torch::randn_like(values) * steps * deviation);
}

/// A character of the sizes that the preset "quick" names. Parts of the face, and tiles that have a basis,
/// are as many as the demo's character has of them, and deviations such that its tensors of such sizes take
/// as many bytes.
Character quick_character() {
  const std::string preset = read_text_file(fs::path(THA4_SOURCE_DIR) / "configs" / "distill" / "quick.json");
  const nlohmann::json config = nlohmann::json::parse(preset, nullptr, true, true);
  const nlohmann::json &face = config["face_morpher"], &body = config["body_rotator"];
  std::vector<BlendshapeRegionOptions> regions;
  const auto add_region = [&](int pixels, int bases, int max) {
    const int basis_size = std::min(bases, max);  // no more than it needs
    const int width = std::min(std::max(2 * basis_size, 64), face["width"].get<int>());
    regions.push_back({pixels, basis_size, width, face["hidden_layers"]});
  };
  for (const int pixels : {1872, 1932}) add_region(pixels, 4 * pixels, face["basis_size"]);
  add_region(511, 137, face["basis_size"]);
  add_region(648, 5, face["rest_basis_size"]);
  add_region(11421, 4, face["rest_basis_size"]);
  const auto map = [&body](int channels, int tiles, const char* basis, int size, int tile_size) {
    return TiledBlendshapeOptions{channels,  tiles,         body[basis],          size,
                                  tile_size, body["width"], body["hidden_layers"]};
  };
  const int motion_size = body["motion_size"];
  BlendshapeFaceMorpher face_morpher(regions);
  BlendshapeBodyRotator body_rotator(BlendshapeBodyOptions{
      map(2, 94, "flow_basis_size", body["map_size"], body["tile_size"]),
      map(5, 90, "appearance_basis_size", body["appearance_map_size"], body["appearance_tile_size"]),
      map(2, 1, "motion_basis_size", motion_size, motion_size)});
  for (TiledBlendshape* each : {&body_rotator->flow, &body_rotator->appearance, &body_rotator->motion}) {
    (*each)->tiles.copy_(torch::arange((*each)->options().tiles));
  }
  const Packings of_face = packings_of(*face_morpher), of_body = packings_of(*body_rotator);
  fill_with_noise(*face_morpher, of_face, "mean", 12);
  for (std::size_t i = 0; i < regions.size(); ++i) {
    fill_with_noise(*face_morpher, of_face, "regions." + std::to_string(i) + ".basis", i < 3 ? 3.2 : 1);
  }
  fill_with_noise(*body_rotator, of_body, "flow.mean", 0.45);
  fill_with_noise(*body_rotator, of_body, "flow.basis", 1.4);
  fill_with_noise(*body_rotator, of_body, "appearance.mean", 0.3);
  fill_with_noise(*body_rotator, of_body, "appearance.basis", 0.5);

  Character character = small_character(FaceMorpherKind::blendshape, BodyRotatorKind::blendshape);
  character.image = read_image(fs::path(THA4_SOURCE_DIR) / "data" / "demo" / "character.png");
  character.face_morpher = face_morpher.ptr();
  character.body_rotator = body_rotator.ptr();
  return character;
}

TEST(WebPage, IsAtMost7MiBForABlendshapeCharacter) {
  torch::manual_seed(1);
  const fs::path folder = fs::path(testing::TempDir()) / "web_page_quick";
  fs::remove_all(folder);
  save_character(quick_character(), folder, WeightsFormat::packed);
  const std::size_t size = page_of({folder}).size();
  fs::remove_all(folder);
  RecordProperty("bytes", static_cast<int>(size));
  EXPECT_LE(size, std::size_t{7} << 20);
  EXPECT_GT(size, std::size_t{5} << 20) << "which is no character of such sizes";
}

TEST(WebPage, RefusesWhatIsNoCharacter) {
  EXPECT_THROW(page_of({kCharacters / "nobody"}), InputError);
}

}  // namespace
}  // namespace tha4
