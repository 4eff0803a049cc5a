#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// Writes one TensorBoard event file, "events.out.tfevents.<seconds>.<hostname>", into a folder. A resumed
/// run writes another file beside the first, and TensorBoard shows them as one run. A step is the count on
/// the horizontal axis; this project counts examples seen.
///
/// To be used by one thread at a time. What was added reaches the disk within some seconds, when flush() is
/// called, and at the end. Throws Error when the file cannot be written.
class EventWriter {
 public:
  /// \param folder      created if missing
  /// \param first_step  step that a resumed run goes on from: TensorBoard then drops what the interrupted run
  ///                    had still written for that step and later ones. 0 for a new run.
  explicit EventWriter(const std::filesystem::path& folder, std::int64_t first_step = 0);

  void add_scalar(std::string_view tag, double value, std::int64_t step);
  void add_image(std::string_view tag, const RgbaImage& image, std::int64_t step);

  /// \param text  shown by TensorBoard as Markdown
  void add_text(std::string_view tag, std::string_view text, std::int64_t step);

  void flush();

  const std::filesystem::path& file() const { return file_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
  };

  void open_new_file(const std::filesystem::path& folder);
  void write_summary(std::string_view summary_value, std::int64_t step);
  void write_record(std::string_view event);
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  std::unique_ptr<std::FILE, CloseFile> stream_;
  std::chrono::steady_clock::time_point last_flush_ = std::chrono::steady_clock::now();
};

}  // namespace tha4
