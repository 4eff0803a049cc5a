#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tha4/image/rgba_image.h"
#include "tha4/track/face_points.h"
#include "tha4/track/rgba_image_view.h"

namespace tha4 {

/// What tests/track/make_fixtures.py has made.
std::filesystem::path track_fixture(const std::string& name);

/// The float32 numbers of a fixture.
std::vector<float> track_numbers(const std::string& name);

/// The fixture's face, 256x256.
const RgbaImage& face_picture();

RgbaImageView view_of(const RgbaImage& picture);

/// The project's models, as they are read.
const std::vector<std::byte>& project_models();

/// The points that MediaPipe finds in face_picture(): a true face, for tests of what is made of points.
const std::array<FacePoint, kFacePoints>& true_face();

/// \p picture, turned about its middle by \p degrees (positive: counterclockwise, as one sees it) and grown
/// by \p scale, on grey.
RgbaImage turned_picture(const RgbaImage& picture, float degrees, float scale = 1);

}  // namespace tha4
