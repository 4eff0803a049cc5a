#include "tha4/opening/open_poser.h"

#include <algorithm>

#include "input_error_message.h"
#include "poser/poser_fixture.h"

#include "tha4/image/rest_image.h"
#include "tha4/metrics/psnr.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/picture_check.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

const std::string kNetworks = (kTestData / "random_teacher").string();

fs::path written_picture(const std::string& name, const RgbaImage& picture) {
  const fs::path folder = fs::path(testing::TempDir()) / name;
  fs::create_directories(folder);
  write_image(folder / "me.png", picture);
  return folder / "me.png";
}

/// What is said of a choice that cannot be opened.
std::string refusal(const PoserChoice& choice) {
  return input_error_message([&] { open_poser(choice); });
}

void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(PoserKind, IsToldByTheName) {
  const fs::path character = make_character_folder("kind_character");
  EXPECT_EQ(poser_kind("procedural:7"), PoserKind::rig);
  EXPECT_EQ(poser_kind("avatars/me.VRM"), PoserKind::rig);
  EXPECT_EQ(poser_kind(character.string()), PoserKind::character);
  EXPECT_EQ(poser_kind((character / "character_model.yaml").string()), PoserKind::character);
  EXPECT_EQ(poser_kind(kNetworks), PoserKind::teacher);
}

TEST(PoserKind, ANameOfNothingIsRefusedInALineThatListsWhatCanBeOpened) {
  const std::string picture = written_picture("kind_picture", disc_picture()).string();
  for (const std::string& name : {std::string("procedura:7"), std::string("no/such/folder"), picture}) {
    const std::string said = refusal({.name = name, .usual_image = disc_picture()});
    for (const PoserKindRow& row : kPoserKinds) expect_in(std::string(row.given_as), said);
    expect_in("'" + name + "'", said);
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 0) << said;
  }
}

TEST(OpenPoser, ACharacterPosesItsOwnPicture) {
  const fs::path folder = make_character_folder("open_character");
  const OpenedPoser opened = open_poser_and_picture({.name = folder.string()});
  EXPECT_EQ(opened.kind, PoserKind::character);
  EXPECT_EQ(opened.image.pixels, disc_picture().pixels);
  EXPECT_EQ(opened.poser->pose(to_tensor(std::vector<Pose>(1))).blended.sizes(),
            (std::vector<std::int64_t>{1, 4, 512, 512}));
  EXPECT_NE(open_poser({.name = folder.string(), .image = folder / "character.png"}), nullptr);
}

TEST(OpenPoser, PlaysACharacterByTheEngineThatIsAskedForAndElseByFusedKernels) {
  const std::string folder = make_character_folder("open_engine").string();
  const at::Tensor poses = to_tensor(sample_poses(PoseDistribution::natural, 2, 5));
  const auto frames = [&](std::optional<Engine> engine) {
    return open_poser({.name = folder, .engine = engine})->pose(poses).direct;
  };
  const at::Tensor reference = frames(Engine::reference), fused = frames(Engine::fused);
  EXPECT_FALSE(torch::equal(reference, fused));
  EXPECT_GT(network_psnr(reference, fused).min().item<double>(), 50);
  EXPECT_TRUE(torch::equal(frames({}), fused));
  expect_in("the engine is fused, which networks are, but procedural:3 is a rig",
            refusal({.name = "procedural:3", .engine = Engine::fused}));
  expect_in("the engine is fused, but the kernels have a precision of their own",
            refusal({.name = kNetworks,
                     .precision = Precision::bf16,
                     .engine = Engine::fused,
                     .usual_image = disc_picture()}));
  expect_in("have a precision of their own",
            refusal({.name = folder, .precision = Precision::bf16, .engine = Engine::fused}));
}

TEST(OpenPoser, ATeacherPosesThePictureThatIsNamedOrElseTheUsualOne) {
  RgbaImage other = disc_picture();
  std::fill_n(other.pixels.begin() + 4 * 512 * 256, 400, std::uint8_t{255});
  const fs::path file = written_picture("open_teacher", other);
  const PoserChoice usual{.name = kNetworks, .usual_image = disc_picture()};
  EXPECT_EQ(open_poser_and_picture(usual).image.pixels, disc_picture().pixels);
  PoserChoice named = usual;
  named.image = file;
  const OpenedPoser opened = open_poser_and_picture(named);
  EXPECT_EQ(opened.kind, PoserKind::teacher);
  EXPECT_EQ(opened.image.pixels, other.pixels);
}

TEST(OpenPoser, WithoutANameTheProjectsOwnTeacherPosesThePicture) {
  const OpenedPoser opened = open_poser_and_picture({.image = written_picture("open_own", disc_picture())});
  EXPECT_EQ(opened.kind, PoserKind::teacher);
  EXPECT_EQ(fs::path(opened.name).filename(), "teacher");
}

TEST(OpenPoser, FittedPicturesHaveTheirHeadsWhereTheTeacherMovesThem) {
  const RgbaImage drawn = open_poser_and_picture({.name = "procedural:1"}).image;
  const fs::path small = written_picture("open_small", placed(drawn, {0.55, 30, 230}));
  const OpenedPoser unfitted = open_poser_and_picture({.image = small});
  EXPECT_FALSE(check_picture(unfitted.image, *unfitted.poser).empty());
  const OpenedPoser fitted = open_poser_and_picture({.image = small, .fit = true});
  EXPECT_TRUE(check_face_motion(measure_face_motion(*fitted.poser)).empty());
  EXPECT_NEAR(head_size(measure_face_motion(*fitted.poser)), 1, 0.2);
}

TEST(OpenPoser, FittingLeavesAloneAPictureThatIsAsItShouldBe) {
  const RgbaImage drawn = open_poser_and_picture({.name = "procedural:1"}).image;
  const fs::path file = written_picture("open_right", drawn);
  EXPECT_EQ(open_poser_and_picture({.image = file, .fit = true}).image.pixels, drawn.pixels);
}

TEST(OpenPoser, APictureWithoutAFaceIsCentred) {
  const fs::path file = written_picture("open_faceless", disc_picture());
  EXPECT_EQ(open_poser_and_picture({.name = kNetworks, .image = file, .fit = true}).image.pixels,
            disc_picture().pixels);
}

TEST(OpenPoser, WhatMustBeOfAKindIsNotTakenForAnother) {
  expect_in("is no character", refusal({.name = "procedural:7", .kind = PoserKind::character}));
  expect_in("is not a rig", refusal({.name = kNetworks, .kind = PoserKind::rig}));
}

TEST(OpenPoser, SaysWhichOptionIsMissingOrDoesNotFit) {
  const std::string character = make_character_folder("open_refused").string();
  const fs::path picture = written_picture("open_refused_picture", disc_picture());
  const auto option_of = [](const PoserChoice& choice) {
    try {
      open_poser(choice);
    } catch (const PoserChoiceError& error) {
      EXPECT_NE(std::string(error.what()).find(error.problem()), std::string::npos);
      return std::optional(error.option());
    }
    return std::optional<PoserOption>();
  };
  EXPECT_EQ(option_of({}), PoserOption::name);
  EXPECT_EQ(option_of({.name = kNetworks}), PoserOption::image);
  EXPECT_EQ(option_of({.name = "rig"}), PoserOption::image);
  EXPECT_EQ(option_of({.name = character, .fit = true}), PoserOption::fit);
  EXPECT_EQ(option_of({.name = character, .architecture = Architecture::tha3}), PoserOption::architecture);
  EXPECT_EQ(option_of({.name = "procedural:1", .precision = Precision::fp16}), PoserOption::precision);
  expect_in("me.vrm", refusal({.name = "rig", .image = picture}));
}

TEST(OpenPoser, APictureOfAnotherCharacterIsRefused) {
  RgbaImage other = disc_picture();
  other.pixels[4 * (512 * 200 + 256)] ^= 1;
  const fs::path file = written_picture("open_other", other);
  expect_in("is a character of another picture",
            refusal({.name = make_character_folder("open_own_picture").string(), .image = file}));
}

}  // namespace
}  // namespace tha4
