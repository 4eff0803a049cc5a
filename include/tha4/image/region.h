#pragma once

namespace tha4 {

/// A rectangle of whole pixels, from its top left corner; x to the right, y down.
struct Region {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  friend bool operator==(const Region&, const Region&) = default;
};

/// Width and height of a rest image, and of a frame unless another resolution is asked for.
inline constexpr int kImageSize = 512;

/// Which part of a frame is wanted, and how large the whole frame is: a frame can be drawn at any resolution,
/// and any rectangle of it at proportional cost.
struct FrameWindow {
  int resolution = kImageSize;                  ///< width and height of the whole frame
  Region region{0, 0, kImageSize, kImageSize};  ///< in pixels of the whole frame

  /// All of a frame of \p resolution by \p resolution pixels.
  static constexpr FrameWindow whole(int resolution) { return {resolution, {0, 0, resolution, resolution}}; }

  friend bool operator==(const FrameWindow&, const FrameWindow&) = default;
};

/// The face crop (paper, section 5.1): what a student's face morpher draws, in pixels of the rest image.
inline constexpr Region kFaceCrop{192, 80, 128, 128};

/// What the teacher's eyebrow networks see of the rest image.
inline constexpr Region kEyebrowCrop{192, 64, 128, 128};

/// What the teacher's face morpher sees and redraws of the rest image.
inline constexpr Region kTeacherFaceCrop{160, 32, 192, 192};

/// The student's face crop, in pixels of the teacher's.
inline constexpr Region kFaceCropInTeacherFace{
    kFaceCrop.x - kTeacherFaceCrop.x, kFaceCrop.y - kTeacherFaceCrop.y, kFaceCrop.width, kFaceCrop.height};

/// Throws InputError if \p region is empty or does not lie within an image of that size.
void check_region(const Region& region, int width, int height);

}  // namespace tha4
