#pragma once

#include <filesystem>
#include <memory>

#include "tha4/image/compositing.h"
#include "tha4/image/rgba_image.h"

namespace tha4 {

/// Whether \p file has the extension of a clip, .mp4, in small letters or in capitals.
bool is_clip_name(const std::filesystem::path& file);

/// Whether FFmpeg's libraries have an encoder that a VideoWriter can use.
bool can_write_clips();

/// Writes an .mp4 clip by FFmpeg's libraries, H.264 where they have an encoder for it, else MPEG-4. Colours
/// are BT.709 and tagged so: white stays white in every player. The file appears when finish() is called; a
/// writer that is destroyed before leaves nothing behind.
class VideoWriter {
 public:
  /// \param width,height  of the frames; odd sizes are padded by one pixel of background
  /// \param fps           frames a second, above 0 and at most 1000
  /// \param background    what transparent frames are laid over
  ///
  /// Throws InputError for another extension, for sizes and rates out of range, and, saying what to install,
  /// when no encoder is there; Error when the folder cannot be written.
  VideoWriter(const std::filesystem::path& file, int width, int height, double fps,
              SrgbColor background = {});
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Appends a frame. Throws Error if it is of another size.
  void add(const RgbaImage& frame);

  /// Ends the clip and gives it its name. Throws Error if there are no frames or the clip cannot be written.
  void finish();

 private:
  class Encoder;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace tha4
