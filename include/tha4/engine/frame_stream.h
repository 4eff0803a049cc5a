#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "tha4/engine/frame_painter.h"

namespace tha4 {

/// A frame that is whole.
struct StreamFrame {
  using Time = std::chrono::steady_clock::time_point;

  std::uint64_t number = 0;  ///< of the stream's frames, from 1 on
  Pose pose{};               ///< that it shows
  Time submitted{};          ///< when submit() was given that pose
  Time begun{};              ///< when its painting began
  Time finished{};           ///< when it was whole
  int width = 0;
  int height = 0;
  std::span<const std::uint8_t> pixels = {};  ///< as FramePainter::paint() writes them

  double latency_ms() const {
    return std::chrono::duration<double, std::milli>(finished - submitted).count();
  }
  double painting_ms() const { return std::chrono::duration<double, std::milli>(finished - begun).count(); }
};

struct FrameStreamOptions {
  FrameWindow window = {};
  AlphaKind alpha = AlphaKind::straight;
};

/// What a stream has done so far. Times are of the last thousand frames, in milliseconds; 0 without a frame.
struct FrameStreamStatistics {
  std::uint64_t frames = 0;    ///< that are whole
  std::uint64_t replaced = 0;  ///< poses that were never painted, since a later one came before their turn
  double painting_median = 0;
  double painting_p99 = 0;
  double latency_median = 0;  ///< from submit() until the frame is whole
  double latency_p99 = 0;
};

/// Poses in, frames out, for applications that show a character live: a game, a plugin of a streaming
/// program. A thread of the stream's own paints the latest pose that was submitted, whenever it has finished
/// the one before; poses that come faster are left out. Frames lie in three buffers that change places, so
/// that neither side ever waits for the other, and, where make_painter() says so, no memory is taken for a
/// frame.
///
///     FrameStream stream(open_painter({.name = "out/me"}));
///     // whenever the tracker knows more, in any thread:
///     stream.submit(pose);
///     // in each turn of the drawing loop:
///     if (const StreamFrame* frame = stream.latest()) show(frame->pixels);
class FrameStream {
 public:
  explicit FrameStream(std::unique_ptr<FramePainter> painter, const FrameStreamOptions& options = {});
  /// Returns when the frame that is being painted is done; a pose that waits is left out.
  ~FrameStream();
  FrameStream(const FrameStream&) = delete;
  FrameStream& operator=(const FrameStream&) = delete;

  /// Makes \p pose the next one to be painted, in place of one that still waits. From any thread; never waits
  /// for a frame. Throws InputError as check_pose().
  void submit(const Pose& pose);

  /// The newest whole frame, the same one as before if there is no newer one (its number says so), null
  /// before the first. It stays as it is until the next call of latest() or wait(), which are of one thread.
  /// What a painter threw is thrown on here, once; the stream goes on with the next pose.
  const StreamFrame* latest();

  /// Waits for a frame that latest() and wait() have not given yet; null if there is none within \p timeout.
  const StreamFrame* wait(std::chrono::milliseconds timeout);

  /// From any thread.
  FrameStreamStatistics statistics() const;

 private:
  struct Buffer {
    StreamFrame frame;
    std::vector<std::uint8_t> pixels;
  };
  struct Times {
    float painting;
    float latency;
  };

  void work();
  /// Paints a pose into the hidden buffer.
  void paint(const Pose& pose, StreamFrame::Time submitted);
  void throw_failure();

  std::unique_ptr<FramePainter> painter_;
  FrameStreamOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable submitted_;
  std::condition_variable finished_;
  std::optional<Pose> waiting_;
  StreamFrame::Time waiting_since_{};
  std::array<Buffer, 3> buffers_;
  Buffer* hidden_ = &buffers_[0];  ///< the worker's
  Buffer* ready_ = &buffers_[1];   ///< the newest whole frame
  Buffer* shown_ = &buffers_[2];   ///< the consumer's
  bool is_newer_ = false;          ///< whether ready_ is newer than shown_
  std::exception_ptr failure_;
  bool is_over_ = false;
  std::vector<Times> times_;  ///< of the last frames, round and round
  std::uint64_t frames_ = 0;
  std::uint64_t replaced_ = 0;
  std::thread worker_;  ///< last: it uses all others
};

}  // namespace tha4
