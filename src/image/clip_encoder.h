#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace tha4 {

/// Encodes frames into an .mp4 by FFmpeg's libraries, as BT.709 in studio range and tagged as that, so that
/// every player gives back the colours that went in. It writes nothing to the standard error stream.
class ClipEncoder {
 public:
  /// \param width,height  even
  /// \param encoders      names of FFmpeg's encoders, of which the first that works is taken
  ///
  /// Throws InputError, naming \p file and what to install, when none works; Error when \p unfinished, where
  /// the clip is put, cannot be written.
  ClipEncoder(const std::filesystem::path& file, const std::filesystem::path& unfinished, int width,
              int height, double fps, std::span<const char* const> encoders);
  ~ClipEncoder();
  ClipEncoder(const ClipEncoder&) = delete;
  ClipEncoder& operator=(const ClipEncoder&) = delete;

  /// Appends a frame: rows of R, G, B, A without gaps. Throws Error when it cannot be written.
  void add(const std::uint8_t* rgba);

  /// Writes what is left and closes the file. Throws Error when that fails.
  void finish();

  bool is_open() const { return streams_ != nullptr; }

  /// Whether one of FFmpeg's \p encoders works here.
  static bool works(std::span<const char* const> encoders);

 private:
  struct Streams;
  std::string name_;
  std::unique_ptr<Streams> streams_;
};

}  // namespace tha4
