#include "face_cases.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <numbers>
#include <stdexcept>

#include "tha4/image/image_io.h"
#include "tha4/track/tracker_models.h"

namespace tha4 {

std::filesystem::path track_fixture(const std::string& name) {
  return std::filesystem::path(THA4_FIXTURES_DIR) / "track" / name;
}

std::vector<float> track_numbers(const std::string& name) {
  std::ifstream file(track_fixture(name), std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.empty()) throw std::runtime_error("no fixture " + name);
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(float));
  return numbers;
}

const RgbaImage& face_picture() {
  static const RgbaImage picture = read_image(track_fixture("face.png"));
  return picture;
}

RgbaImageView view_of(const RgbaImage& picture) {
  return {picture.pixels.data(), picture.width, picture.height};
}

const std::vector<std::byte>& project_models() {
  static const std::vector<std::byte> models = read_tracker_models(tracker_models_file());
  return models;
}

const std::array<FacePoint, kFacePoints>& true_face() {
  static const std::array<FacePoint, kFacePoints> face = [] {
    const std::vector<float> numbers = track_numbers("points.f32");
    std::array<FacePoint, kFacePoints> points;
    for (std::size_t i = 0; i < points.size(); ++i) {
      points.at(i) = {numbers.at(3 * i), numbers.at(3 * i + 1), numbers.at(3 * i + 2)};
    }
    return points;
  }();
  return face;
}

RgbaImage turned_picture(const RgbaImage& picture, float degrees, float scale) {
  const auto side = static_cast<int>(static_cast<float>(picture.width) * scale);
  RgbaImage result(side, side);
  const float angle = degrees * std::numbers::pi_v<float> / 180;
  const float cosine = std::cos(angle) / scale, sine = std::sin(angle) / scale;
  const float middle = static_cast<float>(side - 1) / 2,
              from_middle = static_cast<float>(picture.width - 1) / 2;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const float dx = static_cast<float>(x) - middle, dy = static_cast<float>(y) - middle;
      const float from_x = from_middle + cosine * dx - sine * dy,
                  from_y = from_middle + sine * dx + cosine * dy;
      const int left = static_cast<int>(std::floor(from_x)), top = static_cast<int>(std::floor(from_y));
      std::uint8_t* const pixel = result.pixels.data() + (static_cast<std::size_t>(y) * side + x) * 4;
      for (int channel = 0; channel < 4; ++channel) {
        float value = 0;
        for (int corner = 0; corner < 4; ++corner) {
          const int at_x = left + corner % 2, at_y = top + corner / 2;
          const float fraction =
              (corner % 2 == 1 ? from_x - static_cast<float>(left) : 1 - from_x + static_cast<float>(left)) *
              (corner / 2 == 1 ? from_y - static_cast<float>(top) : 1 - from_y + static_cast<float>(top));
          const bool is_inside = at_x >= 0 && at_y >= 0 && at_x < picture.width && at_y < picture.height;
          const float color =
              is_inside
                  ? picture.pixels[(static_cast<std::size_t>(at_y) * picture.width + at_x) * 4 + channel]
                  : 128.0F;
          value += fraction * color;
        }
        pixel[channel] = static_cast<std::uint8_t>(std::lround(value));
      }
    }
  }
  return result;
}

}  // namespace tha4
