#include <new>

#include "command_line.h"
#include "input_error_message.h"
#include "remedy_text.h"
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include "tha4/base/device.h"

namespace tha4::app {
namespace {

/// What a command says that ends by \p failure, and whose way to need less memory is \p remedy.
template <class Failure>
std::string said_of(const Failure& failure, const std::string& remedy, int status) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_command(
                "tha4-x", [&]() -> int { throw failure; }, remedy),
            status);
  return testing::internal::GetCapturedStderr();
}

TEST(RunCommand, TurnsWhatIsThrownIntoOneLineAndAStatus) {
  EXPECT_EQ(said_of(InputError("no such file"), "", 2), "tha4-x: error: no such file\n");
  EXPECT_EQ(said_of(Error("disk full"), "", 1), "tha4-x: error: disk full\n");
  EXPECT_EQ(said_of(InterruptedError("stopped"), "", 130), "tha4-x: error: stopped\n");
  EXPECT_EQ(said_of(std::runtime_error("first\nsecond"), "", 1), "tha4-x: error: first\n");
}

TEST(RunCommand, SaysWhichOptionsHelp) {
  EXPECT_EQ(
      said_of(InputError("out/me already holds a run", Remedy::continue_or_other_output), "", 2),
      "tha4-x: error: out/me already holds a run; choose another --out, or continue it with --resume\n");
  EXPECT_EQ(said_of(Error("too large", Remedy(Remedy::less_device_memory, {"batch=2", "precision=bf16"})),
                    "use a smaller --batch", 1),
            "tha4-x: error: too large; take one with more, or --set batch=2, or --set precision=bf16\n");
  EXPECT_EQ(said_of(InterruptedError("interrupted after 3 of 4 frames", Remedy::resume), "", 130),
            "tha4-x: error: interrupted after 3 of 4 frames; --resume goes on from there\n");
}

TEST(RunCommand, AdvisesOnMemoryOnlyWhatTheCommandHas) {
  const c10::OutOfMemoryError device_full(c10::SourceLocation{"", "", 0}, "CUDA out of memory");
  EXPECT_EQ(said_of(device_full, "", 1),
            "tha4-x: error: the device has not enough memory; use --device cpu\n");
  EXPECT_EQ(said_of(device_full, "use a smaller --batch", 1),
            "tha4-x: error: the device has not enough memory; use a smaller --batch or --device cpu\n");
  EXPECT_EQ(said_of(std::bad_alloc(), "", 1), "tha4-x: error: out of memory\n");
  EXPECT_EQ(said_of(std::bad_alloc(), "use fewer --threads", 1),
            "tha4-x: error: out of memory; use fewer --threads\n");
}

TEST(ParseOption, NamesTheOptionWhoseValueIsWrong) {
  EXPECT_EQ(parse_option("--precision", "bf16", parse_precision), Precision::bf16);
  EXPECT_EQ(input_error_message([] { parse_option("--precision", "fp8", parse_precision); }),
            "--precision fp8 is not a precision; use fp32, fp16 or bf16");
}

TEST(ParseOption, LeavesErrorsOfFilesAsTheyAre) {
  const auto fail = [](const std::string&) -> int { throw InputError("poses.csv, line 3: too short"); };
  EXPECT_EQ(input_error_message([&] { parse_option("--poses", "poses.csv", fail); }),
            "poses.csv, line 3: too short");
}

}  // namespace
}  // namespace tha4::app
