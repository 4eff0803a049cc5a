// A character that moves live, as a game or a streaming program shows it: stream CHARACTER [SECONDS]
//
// A tracker, here a wave of the head, submits poses; the drawing loop takes the newest frame in each of its
// turns. What is shown here is the time that frames take.

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <tha4/engine/frame_stream.h>
#include <tha4/opening/open_painter.h>

int main(int argc, char** argv) try {
  if (argc != 2 && argc != 3) throw tha4::InputError("usage: stream CHARACTER [SECONDS]");
  const double seconds = argc == 3 ? std::atof(argv[2]) : 10;
  // What is empty in every pose is found out the first time, which takes seconds, and kept with the
  // character.
  tha4::FrameStream stream(tha4::open_painter({.name = argv[1], .skipping = tha4::CellSkipping::found}),
                           {.alpha = tha4::AlphaKind::premultiplied});
  const int head = tha4::pose_parameter_index("head_y");
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t shown = 0;
  while (true) {
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    if (time.count() >= seconds) break;
    tha4::Pose pose{};
    pose[static_cast<std::size_t>(head)] = static_cast<float>(std::sin(3 * time.count()));
    stream.submit(pose);                               // from any thread; only the latest pose is painted
    const tha4::StreamFrame* frame = stream.latest();  // null before the first one
    if (frame != nullptr && frame->number != shown) {
      shown = frame->number;  // a game would now copy frame->pixels into its texture
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const tha4::FrameStreamStatistics statistics = stream.statistics();
  std::cout << statistics.frames << " frames, " << statistics.painting_median << " ms each, 99 of 100 within "
            << statistics.painting_p99 << " ms; from pose to frame " << statistics.latency_median << " ms\n";
} catch (const std::exception& error) {
  std::cerr << "stream: error: " << error.what() << '\n';
  return 1;
}
