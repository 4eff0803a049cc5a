#pragma once

#include <filesystem>

#include <ATen/core/Tensor.h>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// What load_rest_image() does with a picture of the wrong size.
enum class RestImageFit {
  exact,  ///< refuse it
  scale   ///< scale it to fit, keeping its proportions, centre it, and fill up with transparency
};

/// Reads a rest image: 512x512 RGBA, the character facing forward on a transparent background, its head
/// roughly inside the 128x128 box centred at (256, 128) (paper, section 3). Scaling works on premultiplied
/// linear light, so that no fringes appear. Throws InputError that says what is expected and how to make it
/// when the size is wrong (unless it is scaled), there is no alpha channel, or every pixel is opaque or
/// transparent.
RgbaImage load_rest_image(const std::filesystem::path& file, RestImageFit fit = RestImageFit::exact);

/// Reads the picture of a character of any size, from which a rest image is to be made. Throws as
/// load_rest_image() does, but for the size.
RgbaImage load_picture(const std::filesystem::path& file);

/// How a picture lies in a rest image: scaled, its top left corner at (x, y).
struct PicturePlace {
  double scale = 1;  ///< above 0
  double x = 0;
  double y = 0;
};

/// As RestImageFit::scale places a picture.
PicturePlace centred_place(const RgbaImage& picture);

/// The rest image that shows \p picture at \p place, to a pixel; what lies beyond is cut off.
RgbaImage placed(const RgbaImage& picture, const PicturePlace& place);

/// Reads a face mask: which pixels of the face crop the face morpher's masked loss counts (paper, section
/// 5.1). The official format is a 512x512 black and white picture of the whole rest image, of which the face
/// crop (kFaceCrop) is taken; a 128x128 picture of the crop alone serves as well. Like the published
/// implementation, takes the red channel, times alpha, as linear light. Returns float [1, 128, 128] in [0,
/// 1]. Throws InputError for other sizes and for a mask that is black all over the crop, or nearly so; a mask
/// that is dark, white all over or looks inverted is told to spdlog's default logger.
at::Tensor load_face_mask(const std::filesystem::path& file);

/// The picture, in the official 512x512 format, that load_face_mask() reads as \p mask, float [1, 128, 128]
/// in [0, 1], to the nearest of 256 levels.
RgbaImage face_mask_picture(const at::Tensor& mask);

}  // namespace tha4
