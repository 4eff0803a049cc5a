#include "reader_lists.h"

#include "tha4/base/atomic_file.h"
#include "tha4/distill/distill_config.h"
#include "tha4/engine/empty_cells.h"
#include "tha4/pose/pose_file.h"
#include "tha4/poser/character.h"

namespace tha4::fuzz {
namespace {

namespace fs = std::filesystem;

void read_json_poses(const std::string& bytes) {
  read_pose_file(scratch_file("poses.json", bytes));
}

std::vector<std::string> json_seeds() {
  return {R"([{"head_x": 0.5, "mouth_aaa": 1}, {"eye_wink_left": 1e-3}])", "// one\n{\"breathing\": 0}",
          std::string("[\0{\0}\0]\0", 8), std::string("\xFE\xFF\0[\0{\0}\0]", 10)};
}

void read_csv_poses(const std::string& bytes) {
  read_pose_file(scratch_file("poses.csv", bytes));
}

std::vector<std::string> csv_seeds() {
  return {"\xEF\xBB\xBFhead_x, \"mouth_aaa\"\r\n0.5,+1\r\n\r\n-1e-1,\"0\"\r\n",
          "head_x;head_y\n0,5;-0,25\n",
          "head_x\thead_y\n0.5\t1\n",
          "head_x|head_y\r0,5|1\r",
          std::string("\0n\0e\0c\0k\0_\0z\0\n\0\x31", 16),
          std::string("\xFF\xFEn\0e\0c\0k\0_\0z\0\n\0\x31\0", 18)};
}

void read_character(const std::string& bytes) {
  character_image_file(scratch_file("character/character_model.yaml", bytes).parent_path());
}

std::vector<std::string> character_seeds() {
  return {fixture("characters/siren/character_model.yaml"),
          fixture("characters/blendshape/character_model.yaml")};
}

void read_official_settings(const std::string& bytes) {
  read_official_distill_config(scratch_file("config.yaml", bytes));
}

std::vector<std::string> official_seeds() {
  return {
      "prefix: out\ncharacter_image_file_name: 'a\\me.png'\nface_mask_image_file_name: \"mask.png\"\n"
      "face_morpher_random_seed_0: 12\nbody_morpher_random_seed_0: 13\nface_morpher_batch_size: 8\n"
      "body_morpher_batch_size: 4\nlist: [1, {a: &x b, c: *x}]\ntext: |\n  two\n  lines\n"};
}

void read_cells(const std::string& bytes) {
  static const Character character = load_character(fs::path(THA4_FIXTURES_DIR) / "characters/siren");
  if (!read_empty_cells(scratch_file("cells.json", bytes), character))
    throw InputError("no cells of this character");
}

std::vector<std::string> cells_seeds() {
  return {fixture("characters/siren/cache/empty_cells.json")};
}

}  // namespace

std::vector<FileReader> text_readers() {
  return {{"poses_json", read_json_poses, json_seeds},
          {"poses_csv", read_csv_poses, csv_seeds},
          {"character", read_character, character_seeds},
          {"official_settings", read_official_settings, official_seeds},
          {"empty_cells", read_cells, cells_seeds}};
}

std::string fixture(const std::string& name) {
  return read_text_file(fs::path(THA4_FIXTURES_DIR) / name);
}

}  // namespace tha4::fuzz
