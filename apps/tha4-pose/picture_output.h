#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tha4/image/rgba_image.h"

namespace tha4::app {

/// What becomes of the pictures of a job: a folder of them, a clip, a sheet.
class PictureOutput {
 public:
  virtual ~PictureOutput() = default;

  /// Takes the next picture, all of one size. A sheet says \p label above it.
  virtual void add(const RgbaImage& picture, const std::string& label = {}) = 0;

  /// Writes what cannot be written before the last picture is there.
  virtual void finish() {}
};

/// The pictures that are to come.
struct PictureSeries {
  std::size_t count = 1;
  int width = 0;
  int height = 0;
  double frames_per_second = 0;
  int columns = 0;          ///< of a sheet; 0: about as many as rows
  bool has_labels = false;  ///< whether a sheet says what its pictures are
};

/// Throws InputError if \p out is of no form that open_picture_output() knows, or cannot hold those pictures.
void check_picture_output(const std::filesystem::path& out, const PictureSeries& series);

/// Whether \p out is a folder of frames.
bool is_folder_of_frames(const std::filesystem::path& out);

/// Whether \p out is a clip.
bool is_clip(const std::filesystem::path& out);

/// Whether \p out is an image: of one picture, or a sheet.
bool is_sheet(const std::filesystem::path& out);

/// What \p out stands for by its name: a folder (no extension), a clip (.mp4), or an image, which holds the
/// one picture, or a sheet of them all.
std::unique_ptr<PictureOutput> open_picture_output(const std::filesystem::path& out,
                                                   const PictureSeries& series);

}  // namespace tha4::app
