#include "tha4/nn/teacher/teacher_architecture.h"

#include <fstream>
#include <set>

#include "input_error_message.h"
#include "teacher_fixtures.h"
#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using testing::expect_mentions;

namespace fs = std::filesystem;

const std::vector<Architecture> kAll = {Architecture::tha4, Architecture::tha3, Architecture::compact};

/// A folder with empty files of these names.
fs::path folder_with(const std::vector<std::string>& files) {
  const fs::path folder = fs::path(::testing::TempDir()) / "teacher_files";
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (const std::string& file : files) std::ofstream(folder / file).flush();
  return folder;
}

std::vector<std::string> files_of(Architecture architecture, const std::string& extension) {
  std::vector<std::string> files;
  for (const ArchitectureRow& row : rows_of(architecture)) files.push_back(std::string(row.file) + extension);
  return files;
}

std::string complaint_about(const fs::path& folder) {
  return input_error_message([&] { architecture_of(folder); });
}

TEST(TeacherArchitecture, EveryOneHasNetworksOfDifferentFilesThatEndInAnEditor) {
  EXPECT_EQ(architecture_names().size(), kAll.size());
  std::size_t rows = 0;
  for (const Architecture architecture : kAll) {
    EXPECT_EQ(parse_architecture(to_string(architecture)), architecture);
    std::set<std::string> files;
    for (const ArchitectureRow& row : rows_of(architecture)) {
      files.insert(std::string(row.file));
      EXPECT_EQ(file_of(architecture, row.network), row.file);
    }
    EXPECT_EQ(files.size(), rows_of(architecture).size()) << to_string(architecture);
    EXPECT_EQ(rows_of(architecture).back().network, TeacherNetwork::editor);
    rows += files.size();
  }
  EXPECT_EQ(rows, kArchitectureTable.size());
}

TEST(TeacherArchitecture, SaysWhichNameIsMeant) {
  EXPECT_THROW(file_of(Architecture::compact, TeacherNetwork::face_morpher), Error);
  expect_mentions(input_error_message([] { parse_architecture("compakt"); }),
                  {"'compakt'", "did you mean 'compact'?"});
}

TEST(TeacherArchitecture, IsThatOfTheFilesThatAreThere) {
  for (const Architecture architecture : kAll) {
    for (const char* extension : {".pt", ".safetensors"}) {
      const fs::path folder = folder_with(files_of(architecture, extension));
      EXPECT_EQ(architecture_of(folder), architecture);
      EXPECT_TRUE(missing_files(folder, architecture).empty());
    }
  }
  auto both = files_of(Architecture::tha4, ".pt");
  both.emplace_back("unet_face_morpher.pt");
  EXPECT_EQ(architecture_of(folder_with(both)), Architecture::tha4) << "the most usual one";
}

TEST(TeacherArchitecture, SaysWhatTheNearestOneLacks) {
  expect_mentions(complaint_about(folder_with({"unet_face_morpher.pt", "body_morpher.safetensors"})),
                  {"no whole compact teacher: residual_editor.pt is missing"});
  expect_mentions(
      complaint_about(folder_with({"face_morpher.pt", "eyebrow_decomposer.pt", "editor.pt"})),
      {"no whole tha3 teacher: eyebrow_morphing_combiner.pt and two_algo_face_body_rotator.pt are "
       "missing"});
  expect_mentions(complaint_about(folder_with({"readme.txt"})),
                  {"no whole tha4 teacher: eyebrow_decomposer.pt, eyebrow_morphing_combiner.pt, "
                   "face_morpher.pt, body_morpher.pt and upscaler.pt are missing"});
  expect_mentions(complaint_about(folder_with({}) / "none"), {"there is no folder", "none"});
  expect_mentions(input_error_message([] { load_teacher(data_file("random_teacher"), Architecture::tha3); }),
                  {"random_teacher", "tha3", "two_algo_face_body_rotator.pt and editor.pt"});
}

}  // namespace
}  // namespace tha4
