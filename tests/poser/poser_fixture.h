#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "tensor_difference.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/image/image_io.h"
#include "tha4/image/rgba_image.h"

namespace tha4 {

inline const std::filesystem::path kTestData = THA4_FIXTURES_DIR;

/// The uint8 [4, 512, 512] image of a reference file as an image tensor (reference: image tensor = u8 / 127.5
/// - 1).
inline torch::Tensor reference_image(const torch::Tensor& image_u8) {
  return image_u8.to(torch::kFloat32) / 127.5 - 1;
}

/// A picture of a coloured disc on a transparent background.
inline RgbaImage disc_picture(int size = 512) {
  RgbaImage image(size, size);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const double dx = x - size / 2.0, dy = y - size * 0.4;
      const std::size_t at = (static_cast<std::size_t>(y) * size + x) * 4;
      image.pixels[at] = static_cast<std::uint8_t>(x / 4 % 256);
      image.pixels[at + 1] = static_cast<std::uint8_t>(y / 4 % 256);
      image.pixels[at + 2] = 120;
      image.pixels[at + 3] = dx * dx + dy * dy < size * size / 9.0 ? 255 : 0;
    }
  }
  return image;
}

/// A fresh folder holding a whole character: the disc and the random reference student.
inline std::filesystem::path make_character_folder(const std::string& name) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  write_image(folder / "character.png", disc_picture());
  for (const char* file : {"face_morpher.pt", "body_morpher.pt"}) {
    fs::copy_file(kTestData / "random_student" / file, folder / file);
  }
  std::ofstream(folder / "character_model.yaml") << "character_image_file_name: character.png\n"
                                                    "face_morpher_file_name: face_morpher.pt\n"
                                                    "body_morpher_file_name: body_morpher.pt\n";
  return folder;
}

}  // namespace tha4
