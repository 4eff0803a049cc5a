#include "dataset_fixtures.h"

#include <algorithm>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/image/region.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

class Painter final : public CharacterRenderer {
 public:
  explicit Painter(const PaintedCharacters& characters) : characters_(characters) {}

  RgbaImage rest(std::uint64_t index) override {
    if (characters_.unusable.contains(index))
      throw InputError("model " + std::to_string(index) + " is broken");
    return painted_character(index, Pose{});
  }

  std::vector<RgbaImage> posed(std::uint64_t index, std::span<const Pose> poses, PictureMorphs) override {
    if (characters_.at_posing) characters_.at_posing(++calls_);
    std::vector<RgbaImage> pictures;
    for (const Pose& pose : poses) pictures.push_back(painted_character(index, pose));
    return pictures;
  }

  Pose within_reach(std::uint64_t, const Pose& pose) override {
    Pose reached = pose;
    for (const std::string& name : characters_.lacking)
      reached[static_cast<std::size_t>(pose_parameter_index(name))] = 0;
    return reached;
  }

 private:
  const PaintedCharacters& characters_;
  int calls_ = 0;
};

}  // namespace

RgbaImage painted_character(std::uint64_t index, const Pose& pose) {
  static const auto head_y = static_cast<std::size_t>(pose_parameter_index("head_y"));
  static const auto mouth = static_cast<std::size_t>(pose_parameter_index("mouth_aaa"));
  RgbaImage picture(kImageSize, kImageSize);
  const int center = 256 - static_cast<int>(30 * pose[head_y]);
  for (int y = 60; y < 200; ++y) {
    for (int x = center - 60; x < center + 60; ++x) {
      std::uint8_t* const pixel =
          &picture.pixels[(static_cast<std::size_t>(y) * kImageSize + static_cast<std::size_t>(x)) * 4];
      const bool in_mouth = y > 160 && y < 161 + 30 * pose[mouth] && std::abs(x - center) < 20;
      pixel[0] = in_mouth ? 200 : static_cast<std::uint8_t>(40 + 20 * index);
      pixel[1] = in_mouth ? 0 : 120;
      pixel[2] = static_cast<std::uint8_t>(x - center + 60);
      pixel[3] = 255;
    }
  }
  return picture;
}

std::unique_ptr<CharacterRenderer> PaintedCharacters::make_renderer(int cuda_device) const {
  if (at_making) at_making(cuda_device);
  return std::make_unique<Painter>(*this);
}

DatasetSettings small_settings() {
  DatasetSettings settings;
  settings.poses_per_character = 3;
  settings.samples_per_shard = 7;
  settings.seed = 5;
  settings.test_fraction = 0.3;
  return settings;
}

DatasetJob whole_job(const fs::path& out) {
  return {.out = out, .settings = small_settings(), .share = {}, .threads = 2};
}

const fs::path& painted_dataset() {
  static const fs::path folder = [] {
    const fs::path out = fresh_folder("painted");
    write_dataset(PaintedCharacters(8), whole_job(out));
    return out;
  }();
  return folder;
}

fs::path copy_of_painted_dataset(const std::string& name) {
  const fs::path folder = fresh_folder(name);
  fs::copy(painted_dataset(), folder, fs::copy_options::recursive);
  return folder;
}

std::map<std::string, std::string> dataset_files(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".tar") || name == "dataset.json") files[name] = read_text_file(entry.path());
  }
  return files;
}

std::vector<std::string> next_keys(TripleSource& source, int count) {
  std::vector<std::string> keys;
  for (int i = 0; i < count; ++i) keys.push_back(source.next().key);
  return keys;
}

void replace_in_file(const fs::path& file, const std::string& from, const std::string& to) {
  std::string content = read_text_file(file);
  const std::size_t at = content.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  ASSERT_EQ(from.size(), to.size());
  content.replace(at, from.size(), to);
  write_text_file(file, content);
}

}  // namespace tha4
