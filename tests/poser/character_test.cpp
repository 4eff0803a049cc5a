#include "tha4/poser/character.h"

#include "captured_log.h"
#include "input_error_message.h"
#include "poser_fixture.h"

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"
#include "tha4/weights/packed_weights.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

void expect_same_weights(const StateDict& a, const StateDict& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& item : a) {
    ASSERT_TRUE(b.contains(item.key())) << item.key();
    EXPECT_EQ(item.value().scalar_type(), b[item.key()].scalar_type()) << item.key();
    EXPECT_TRUE(torch::equal(item.value(), b[item.key()])) << item.key();
  }
}

TEST(Character, SavesAndLoadsTheOfficialLayout) {
  const fs::path folder = make_character_folder("character_in");
  const Character character = load_character(folder);
  EXPECT_TRUE(character.is_official());
  const fs::path copy = fs::path(testing::TempDir()) / "character_out";
  fs::remove_all(copy);
  save_character(character, copy);
  EXPECT_EQ(load_character(copy / "character_model.yaml").image.pixels, character.image.pixels);
  expect_same_weights(read_weights(copy / "body_morpher.pt"), read_weights(folder / "body_morpher.pt"));
  expect_same_weights(read_weights(copy / "face_morpher.pt"), read_weights(folder / "face_morpher.pt"));
}

TEST(Character, TellsOfWeightsThatAreAllZero) {
  const fs::path folder = make_character_folder("character_of_zeros");
  const CapturedLog quiet;
  load_character(folder);
  EXPECT_EQ(quiet.text().find("all weights are zero"), std::string::npos) << quiet.text();
  StateDict zeros;
  for (const auto& item : read_weights(folder / "face_morpher.pt"))
    zeros.insert(item.key(), torch::zeros_like(item.value()));
  write_weights(folder / "face_morpher.pt", zeros);
  const CapturedLog log;
  load_character(folder);
  EXPECT_NE(log.text().find("face_morpher.pt: all weights are zero"), std::string::npos) << log.text();
}

/// Blendshape networks whose values are of no meaning, but all different from 0.
void become_blendshape_body(Character& character) {
  const TiledBlendshapeOptions small{
      .channels = 2, .tiles = 1, .basis_size = 1, .size = 64, .tile_size = 32, .width = 4};
  TiledBlendshapeOptions appearance = small;
  appearance.channels = 5;
  BlendshapeBodyRotator body(BlendshapeBodyOptions{small, appearance});
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : body->parameters()) parameter.normal_(0, 0.01);
  character.body_rotator_kind = BodyRotatorKind::blendshape;
  character.body_rotator = body.ptr();
}

void become_blendshape_face(Character& character) {
  BlendshapeFaceMorpher face(
      std::vector<BlendshapeRegionOptions>{{.pixels = 30, .basis_size = 2, .width = 4, .hidden_layers = 1},
                                           {.pixels = 20, .basis_size = 1, .width = 4, .hidden_layers = 1}});
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : face->parameters()) parameter.normal_(0, 0.01);
  character.face_morpher_kind = FaceMorpherKind::blendshape;
  character.face_morpher = face.ptr();
}

TEST(Character, AllMixesOfKindsAreSavedLoadedAndDrawn) {
  for (const bool blendshape_face : {false, true}) {
    for (const bool blendshape_body : {false, true}) {
      Character character = load_character(make_character_folder("character_mix_in"));
      if (blendshape_face) become_blendshape_face(character);
      if (blendshape_body) become_blendshape_body(character);
      const fs::path folder = fs::path(testing::TempDir()) / "character_mix";
      fs::remove_all(folder);
      save_character(character, folder);
      const Character again = load_character(folder);
      EXPECT_EQ(again.face_morpher_kind, character.face_morpher_kind);
      EXPECT_EQ(again.body_rotator_kind, character.body_rotator_kind);
      EXPECT_EQ(again.is_official(), !blendshape_face && !blendshape_body);
      StudentPoser saved(character, torch::kCPU);
      StudentPoser loaded(again, torch::kCPU);
      const auto poses = torch::full({1, 45}, 0.3);
      const FrameWindow window{512, {240, 130, 32, 32}};
      const PosedFrame expected = saved.pose(poses, window);
      const PosedFrame frame = loaded.pose(poses, window);
      // Bases are kept as float16.
      EXPECT_LT(largest_difference(frame.face, expected.face), 1e-3);
      EXPECT_LT(largest_difference(frame.blended, expected.blended), 1e-2);
      EXPECT_TRUE(frame.blended.isfinite().all().item<bool>());
    }
  }
}

TEST(Character, MixesKindsAndNamesThem) {
  Character character = load_character(make_character_folder("character_mixed_in"));
  become_blendshape_body(character);
  EXPECT_FALSE(character.is_official());
  const fs::path folder = fs::path(testing::TempDir()) / "character_mixed";
  fs::remove_all(folder);
  save_character(character, folder);
  const Character again = load_character(folder);
  EXPECT_EQ(again.face_morpher_kind, FaceMorpherKind::siren);
  EXPECT_EQ(again.body_rotator_kind, BodyRotatorKind::blendshape);
  StudentPoser poser(again, torch::kCPU);
  EXPECT_EQ(poser.pose(torch::zeros({1, 45}), {512, {0, 0, 16, 16}}).blended.size(3), 16);
  const StateDict stored = read_weights(folder / "body_morpher.pt");
  EXPECT_EQ(stored["flow.basis"].scalar_type(), torch::kHalf);
  EXPECT_EQ(stored["flow.mean"].scalar_type(), torch::kFloat32);
}

TEST(Character, ConvertsWeightsBitForBitThereAndBack) {
  const fs::path folder = make_character_folder("character_convert");
  const fs::path other = fs::path(testing::TempDir()) / "character_safetensors";
  const fs::path back = fs::path(testing::TempDir()) / "character_back";
  fs::remove_all(other);
  fs::remove_all(back);
  convert_character(folder, other, WeightsFormat::safetensors);
  EXPECT_TRUE(fs::exists(other / "face_morpher.safetensors"));
  convert_character(other, back, WeightsFormat::pt);
  for (const char* file : {"face_morpher.pt", "body_morpher.pt"}) {
    expect_same_weights(read_weights(back / file), read_weights(folder / file));
  }
  EXPECT_THROW(convert_character(folder, folder, WeightsFormat::safetensors), InputError);
}

TEST(Character, ConvertsBlendshapesTypeForType) {
  Character character = load_character(make_character_folder("character_types_in"));
  become_blendshape_face(character);
  become_blendshape_body(character);
  const fs::path folder = fs::path(testing::TempDir()) / "character_types";
  for (const char* name : {"pt", "safetensors", "back"}) fs::remove_all(folder / name);
  save_character(character, folder / "pt");
  convert_character(folder / "pt", folder / "safetensors", WeightsFormat::safetensors);
  convert_character(folder / "safetensors", folder / "back", WeightsFormat::pt);
  for (const std::string network : {"face_morpher", "body_morpher"}) {
    const StateDict before = read_weights(folder / "pt" / (network + ".pt"));
    expect_same_weights(read_weights(folder / "safetensors" / (network + ".safetensors")), before);
    expect_same_weights(read_weights(folder / "back" / (network + ".pt")), before);
  }
  const StateDict face = read_weights(folder / "safetensors" / "face_morpher.safetensors");
  EXPECT_EQ(face["regions.0.basis"].scalar_type(), torch::kHalf);
  EXPECT_EQ(face["regions.0.pixels"].scalar_type(), torch::kLong);
  EXPECT_EQ(load_character(folder / "back").body_rotator_kind, BodyRotatorKind::blendshape);
}

TEST(Character, PacksBlendshapesAtNoCostThatIsSeen) {
  Character character = load_character(make_character_folder("character_packed_in"));
  EXPECT_EQ(usual_format(character), WeightsFormat::pt);
  become_blendshape_body(character);
  EXPECT_EQ(usual_format(character), WeightsFormat::packed);
  become_blendshape_face(character);
  const fs::path folder = fs::path(testing::TempDir()) / "character_packed";
  fs::remove_all(folder);
  save_character(character, folder, WeightsFormat::packed);
  EXPECT_TRUE(is_packed_weights(folder / "face_morpher.safetensors"));
  EXPECT_TRUE(is_packed_weights(folder / "body_morpher.safetensors"));
  StudentPoser saved(character, torch::kCPU);
  StudentPoser loaded(load_character(folder), torch::kCPU);
  const auto poses = to_tensor(sample_poses(PoseDistribution::natural, 8, 5));
  const PosedFrame expected = saved.pose(poses), frame = loaded.pose(poses);
  EXPECT_GT(network_psnr(frame.face, expected.face).min().item<double>(), 60);
  EXPECT_GT(network_psnr(frame.blended, expected.blended).min().item<double>(), 60);
}

TEST(Character, ConvertsPackedBlendshapesThereAndBack) {
  Character character = load_character(make_character_folder("character_repacked_in"));
  become_blendshape_body(character);
  const fs::path folder = fs::path(testing::TempDir()) / "character_repacked";
  for (const char* name : {"pt", "packed", "copied", "unpacked"}) fs::remove_all(folder / name);
  save_character(character, folder / "pt");
  convert_character(folder / "pt", folder / "packed", WeightsFormat::packed);
  // The networks of other kinds keep every bit.
  expect_same_weights(read_weights(folder / "packed" / "face_morpher.safetensors"),
                      read_weights(folder / "pt" / "face_morpher.pt"));
  EXPECT_FALSE(is_packed_weights(folder / "packed" / "face_morpher.safetensors"));
  EXPECT_TRUE(is_packed_weights(folder / "packed" / "body_morpher.safetensors"));
  convert_character(folder / "packed", folder / "copied", WeightsFormat::packed);
  EXPECT_EQ(read_text_file(folder / "copied" / "body_morpher.safetensors"),
            read_text_file(folder / "packed" / "body_morpher.safetensors"));
  convert_character(folder / "packed", folder / "unpacked", WeightsFormat::pt);
  const StateDict unpacked = read_weights(folder / "unpacked" / "body_morpher.pt");
  EXPECT_EQ(unpacked["flow.basis"].scalar_type(), torch::kHalf);
  EXPECT_EQ(unpacked["flow.tiles"].scalar_type(), torch::kLong);
  StudentPoser packed(load_character(folder / "packed"), torch::kCPU);
  StudentPoser plain(load_character(folder / "unpacked"), torch::kCPU);
  const auto poses = torch::full({1, 45}, 0.3);
  EXPECT_LT(largest_difference(packed.pose(poses).blended, plain.pose(poses).blended), 1e-2);
}

TEST(Character, NamesTheFileOfItsPictureWhateverItIsCalled) {
  const fs::path folder = make_character_folder("character_renamed");
  EXPECT_EQ(character_image_file(folder), folder / "character.png");
  std::ofstream(folder / "character_model.yaml") << "character_image_file_name: lambda.png\n"
                                                    "face_morpher_file_name: face_morpher.pt\n"
                                                    "body_morpher_file_name: body_morpher.pt\n";
  EXPECT_EQ(character_image_file(folder), folder / "lambda.png");
  EXPECT_EQ(character_image_file(folder / "character_model.yaml"), folder / "lambda.png");
}

TEST(Character, SaysWhatIsWrongWithAFolder) {
  const fs::path folder = make_character_folder("character_bad");
  EXPECT_NE(input_error_message([&] { load_character(folder / "none"); }).find("is no character"),
            std::string::npos);

  std::ofstream(folder / "character_model.yaml") << "character_image_file_name: character.png\n";
  EXPECT_EQ(input_error_message([&] { load_character(folder); }),
            (folder / "character_model.yaml").string() + ": the key face_morpher_file_name is missing");

  std::ofstream(folder / "character_model.yaml") << "a: [1,\n";
  EXPECT_NE(input_error_message([&] { load_character(folder); }).find("line"), std::string::npos);

  make_character_folder("character_bad");
  for (const char* part : {"character.png", "face_morpher.pt"}) {
    EXPECT_EQ(input_error_message([&] { load_character(folder / part); }),
              (folder / part).string() + " is a part of a character; name its folder, " + folder.string());
  }
  std::ofstream(folder.parent_path() / "character.zip") << "PK\x03\x04 and so on";
  EXPECT_NE(input_error_message([&] {
              load_character(folder.parent_path() / "character.zip");
            }).find("is an archive (zip), not the file itself; unpack it"),
            std::string::npos);
  std::ofstream(folder / "character_model.yaml") << "version https://git-lfs.github.com/spec/v1\n";
  EXPECT_NE(input_error_message([&] { load_character(folder); }).find("Git LFS"), std::string::npos);

  make_character_folder("character_bad");
  std::ofstream(folder / "character_model.yaml", std::ios::app) << "body_morpher_kind: blendshap\n";
  EXPECT_EQ(input_error_message([&] { load_character(folder); }),
            (folder / "character_model.yaml").string() +
                ": body_morpher_kind is wrong: 'blendshap' is not a kind of body rotator; did you mean "
                "'blendshape'?");

  make_character_folder("character_bad");
  std::ofstream(folder / "face_morpher.pt") << "not weights";
  EXPECT_NE(input_error_message([&] { load_character(folder); }).find("face_morpher.pt"), std::string::npos);

  make_character_folder("character_bad");
  write_image(folder / "character.png", disc_picture(100));
  EXPECT_EQ(input_error_message([&] { load_character(folder); }),
            (folder / "character.png").string() + " is 100x100; a character's image is 512x512");
}

}  // namespace
}  // namespace tha4
