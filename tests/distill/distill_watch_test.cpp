#include <filesystem>
#include <string>

#include "distill/distill_fixture.h"
#include "fitted_schedule.h"
#include "report/occurrences.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr DistillPace kAlways{.probe_seconds = 0, .first_seconds = 0, .pause_seconds = 0};

class WatchedRun : public DistillRun {
 protected:
  DistillJob watched(const std::string& settings, const fs::path& out, RunStart start = RunStart::fresh) {
    DistillJob whole = job(settings, out, start);
    whole.pace = kAlways;
    return whole;
  }

  /// What the user is told, and the report that is left, where a run is stopped at a call of its teacher.
  nlohmann::json interrupt(const std::string& settings, const fs::path& out, int at_call, std::string& said) {
    StoppingUser user;
    WatchedPoser interrupting(teacher_, at_call, [&](PosedFrame&) { user.stop(); });
    try {
      distill(opened(interrupting), job(settings, out), user.context());
      ADD_FAILURE() << "not interrupted";
    } catch (const InterruptedError& error) {
      said = error.what();
      EXPECT_EQ(error.remedy().kind, Remedy::resume);
    }
    const std::string page = read_text_file(out / "report.html");
    EXPECT_NE(page.find("This character is not finished"), std::string::npos);
    EXPECT_EQ(page.find("http-equiv"), std::string::npos) << "nothing comes any more";
    return read_json_file(out / "report.json");
  }
};

TEST_F(WatchedRun, LookingOnChangesNothingOfTheResult) {
  for (const char* settings : {"tiny_siren.json", "tiny_blendshape.json"}) {
    const Character plain = distill(opened(teacher_), job(settings, fresh_path("not_watched"))).character;
    const Character seen = distill(opened(teacher_), watched(settings, fresh_path("watched"))).character;
    expect_equal(*plain.face_morpher, *seen.face_morpher);
    expect_equal(*plain.body_rotator, *seen.body_rotator);
  }
}

TEST_F(WatchedRun, LeavesAPageThatLoadsItselfAnewUntilTheReportTakesItsPlace) {
  const fs::path out = fresh_path("watched_page");
  DistillJob whole = watched("tiny_siren.json", out);
  std::string page;
  Context context;
  context.progress = [&](const ProgressReport& report) {
    EXPECT_EQ(report.what, "distilling") << "one line for the whole";
    if (report.note.find("body_rotator") != std::string_view::npos && fs::exists(out / "report.html")) {
      page = read_text_file(out / "report.html");
      if (fs::exists(out / "progress.png")) {
        EXPECT_GT(read_image(out / "progress.png").width, 3 * 100);
      }
    }
  };
  distill(opened(teacher_), whole, context);
  EXPECT_NE(page.find("http-equiv=\"refresh\""), std::string::npos);
  EXPECT_NE(page.find("Being distilled"), std::string::npos);
  EXPECT_GT(occurrences(page, ">student<"), 0U);
  const auto report = read_text_file(out / "report.html");
  EXPECT_EQ(report.find("http-equiv"), std::string::npos);
  EXPECT_NE(report.find("Distilled character"), std::string::npos);
  EXPECT_NE(report.find("PSNR of a few held-out poses"), std::string::npos) << "the course is kept";
  EXPECT_FALSE(fs::exists(out / "progress.png"));
  EXPECT_EQ(read_json_file(out / "report.json")["finished"], true);
}

TEST_F(WatchedRun, InterruptedBeforeTheBodyItLeavesAFaceOnAPicture) {
  const fs::path out = fresh_path("playable_face");
  std::string said;
  const auto report = interrupt("tiny_blendshape.json", out, 3, said);
  EXPECT_NE(said.find("the whole face, on a body that does not move yet"), std::string::npos) << said;
  EXPECT_EQ(report["finished"], false);
  EXPECT_EQ(report["body_rotator"], "not begun");
  StudentPoser student(load_character(out), torch::kCPU);
  EXPECT_EQ(student.pose(torch::zeros({1, 45})).flow.abs().max().item<double>(), 0);
}

TEST_F(WatchedRun, InterruptedAmongTheBodysStepsItLeavesBoth) {
  const fs::path out = fresh_path("playable_both");
  std::string said;
  const auto report = interrupt("tiny_siren.json", out, 4, said);
  EXPECT_NE(said.find("the body as far as it is learnt"), std::string::npos) << said;
  EXPECT_EQ(report["face_morpher"], "finished");
  EXPECT_EQ(report["body_rotator"], "under way");
  EXPECT_TRUE(load_character(out).is_official());
}

TEST_F(WatchedRun, InterruptedBeforeAnythingItSaysThatNothingCanBePlayed) {
  const fs::path out = fresh_path("nothing_playable");
  StoppingUser user;
  WatchedPoser interrupting(teacher_, 0, {});
  interrupting.watch_face(2, [&] { user.stop(); });
  try {
    distill(opened(interrupting), job("tiny_siren.json", out), user.context());
    ADD_FAILURE() << "not interrupted";
  } catch (const InterruptedError& error) {
    EXPECT_NE(std::string(error.what()).find("Nothing of it can be played yet"), std::string::npos)
        << error.what();
  }
  EXPECT_FALSE(fs::exists(out / "character_model.yaml"));
}

TEST_F(WatchedRun, ARunThatWasFittedToATimeGoesOnByItsSchedule) {
  const fs::path out = fresh_path("fitted_goes_on");
  std::string said;
  interrupt("tiny_siren.json", out, 4, said);
  DistillConfig fitted = job("tiny_siren.json", out).config;
  fitted.held_out_poses = 1;
  write_schedule(out, {1.5, fitted});
  distill(opened(teacher_), job("tiny_siren.json", out, RunStart::resume));
  const auto report = read_json_file(out / "report.json");
  EXPECT_EQ(report["held_out"]["poses"], 1);
  EXPECT_EQ(report["minutes"], 1.5);
  EXPECT_EQ(report["settings"]["held_out"]["poses"], 1);
  EXPECT_NE(read_text_file(out / "report.html").find("fitted to 1.5 minutes"), std::string::npos);
}

TEST_F(WatchedRun, TooFewMinutesAreRefusedBeforeAnythingIsWritten) {
  for (const char* settings : {"tiny_siren.json", "tiny_blendshape.json"}) {
    const fs::path out = fresh_path("too_few_minutes");
    DistillJob hasty = job(settings, out);
    hasty.minutes = 1e-6;
    EXPECT_THROW(distill(opened(teacher_), hasty), InputError);
    EXPECT_FALSE(fs::exists(out));
  }
}

}  // namespace
}  // namespace tha4
