#include "run_page.h"

#include <chrono>
#include <cmath>
#include <ctime>

#include "report_sections.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/duration_text.h"
#include "tha4/base/json_text.h"
#include "tha4/base/version.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

constexpr int kRefreshSeconds = 10;

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

int percent_of(const RunState& state) {
  return static_cast<int>(std::floor(100 * state.fraction));
}

void write_stopped_json(const RunState& state, const PsnrWatch& watch, const DistillConfig& config,
                        const std::filesystem::path& folder) {
  nlohmann::json json = {{"tha4_version", version()},
                         {"teacher", state.teacher},
                         {"finished", false},
                         {"stopped", state.stopped},
                         {"percent", percent_of(state)},
                         {"face_morpher", state.face},
                         {"body_rotator", state.body},
                         {"seconds", {{"in all", state.seconds}}},
                         {"settings", to_json(config)}};
  if (watch.last()) {
    json["watched_psnr"] = {{"of", watch.is_of_face() ? "face crop" : "whole frame"},
                            {"network", watch.last()->network},
                            {"srgb_on_white", watch.last()->seen}};
  }
  write_text_file(folder / "report.json", json_text(json, 2) + "\n");
}

void add_key_figures(HtmlReport& page, const RunState& state, const PsnrWatch& watch) {
  std::vector<KeyFigure> figures = {{"done", fmt::format("{} %", percent_of(state)), state.doing}};
  if (state.is_running) {
    figures.push_back({"time left", state.seconds_left ? duration_text(*state.seconds_left) : "not known yet",
                       duration_text(state.seconds) + " so far"});
  } else {
    figures.push_back(
        {"time", duration_text(state.seconds),
         state.seconds_left ? "about " + duration_text(*state.seconds_left) + " are left" : ""});
  }
  if (watch.last()) {
    const std::string of = watch.is_of_face() ? "face" : "whole frame";
    figures.push_back({"network PSNR, " + of, decibels(watch.last()->network) + " dB",
                       "rest image " + decibels(watch.rest().network)});
    figures.push_back({"seen PSNR, " + of, decibels(watch.last()->seen) + " dB",
                       "rest image " + decibels(watch.rest().seen)});
  }
  page.add_key_figures(figures);
}

/// What the teacher makes of the picture, until there is something of the student.
void add_teacher_preview(HtmlReport& page, const RunState& state, const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return;
  page.add_heading("What the teacher makes of the picture");
  page.add_image(state.is_running ? "Pictures of the student come as soon as its face is trained."
                                  : "It was stopped before there were pictures of the student.",
                 read_image(file));
}

}  // namespace

void write_run_page(const RunState& state, const PsnrWatch& watch, const std::vector<TrainingCurves>& curves,
                    const DistillConfig& config, const std::filesystem::path& folder) {
  if (!state.is_running) write_stopped_json(state, watch, config, folder);
  HtmlReport page(page_title(state.is_running ? "Being distilled" : "Not finished", folder));
  if (state.is_running) {
    page.refresh_every(kRefreshSeconds);
  } else {
    page.add_notice(fmt::format("This character is not finished: {} at {} %. {}", state.stopped,
                                percent_of(state), state.playable));
  }
  page.add_progress(state.fraction);
  add_key_figures(page, state, watch);
  if (state.is_running) {
    page.add_text(
        fmt::format("Written at {}. The page loads itself anew until the character is finished; "
                    "where this time stands still, the run has ended.",
                    time_of_day()));
  }
  page.add_table({{"network", "state"}, {"face morpher", state.face}, {"body rotator", state.body}});
  if (state.minutes > 0) page.add_text(fmt::format("The schedule is fitted to {:g} minutes.", state.minutes));
  if (watch.frames().empty()) {
    add_teacher_preview(page, state, folder / "preview.png");
  } else {
    page.add_heading("By now");
    page.add_text("A few held-out poses, by the average of the weights where one is kept.");
    add_frames(page, watch.frames());
  }
  page.add_heading("Course");
  add_courses(page, curves, watch);
  page.write(folder / "report.html");
}

}  // namespace tha4
