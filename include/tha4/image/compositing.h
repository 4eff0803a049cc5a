#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/image/region.h"
#include "tha4/image/rgba_image.h"

// Laying pictures over one another, cutting and scaling them, and making pictures of numbers for reports.
// Image tensors are those of color.h. Light adds up linearly: all compositing is done in linear light.

namespace tha4 {

/// An opaque sRGB colour; white where nothing is said.
struct SrgbColor {
  std::uint8_t red = 255;
  std::uint8_t green = 255;
  std::uint8_t blue = 255;

  friend bool operator==(const SrgbColor&, const SrgbColor&) = default;
};

/// An image tensor [..., 4, H, W] laid over a solid colour: an opaque image tensor of the same shape.
at::Tensor lay_over(const at::Tensor& image_tensor, SrgbColor background);
RgbaImage lay_over(const RgbaImage& image, SrgbColor background);

/// \p image over a light checkerboard, the usual sign of transparency.
RgbaImage lay_over_checkerboard(const RgbaImage& image);

/// The part \p region of a tensor [..., H, W]; a view, not a copy. Throws InputError as check_region() does.
at::Tensor crop(const at::Tensor& tensor, const Region& region);

/// A tensor [C, H, W] or [N, C, H, W] of floats scaled to another size, any device, differentiable: the mean
/// over the area of each new pixel (as torch's "area") if neither side grows, else bilinear
/// (align_corners=false).
at::Tensor resize(const at::Tensor& tensor, int width, int height);

/// How a contact sheet is laid out.
struct ContactSheetOptions {
  int columns = 4;                       ///< at most; a sheet of fewer pictures is narrower
  std::vector<std::string> labels = {};  ///< one for each picture, or none at all; ASCII
};

/// Space around the pictures of a contact sheet, and height of the label above each, in pixels.
inline constexpr int kSheetGap = 4;
inline constexpr int kSheetLabelHeight = 20;

/// Throws InputError when a sheet of \p count pictures of \p width x \p height would be larger than an image
/// file may be (kMaxImageSide, kMaxImageArea).
void check_contact_sheet(std::size_t count, int width, int height, int columns, bool has_labels);

/// Pictures in rows, from the top left, each centred in a cell as large as the largest of them. The sheet is
/// opaque and white, also behind the pictures. Throws Error when there is no picture or the labels do not
/// match in number, and InputError when the sheet would be larger than an image file may be (kMaxImageSide,
/// kMaxImageArea).
RgbaImage contact_sheet(const std::vector<RgbaImage>& images, const ContactSheetOptions& options = {});

/// The absolute difference, times \p gain, of two image tensors [4, H, W] as seen on white (sRGB), per colour
/// channel; black where they agree.
RgbaImage difference_image(const at::Tensor& a, const at::Tensor& b, double gain = 4.0);

/// Values in [0, 1], [H, W] or [1, H, W], as levels of grey from black to white.
RgbaImage grey_image(const at::Tensor& values);

}  // namespace tha4
