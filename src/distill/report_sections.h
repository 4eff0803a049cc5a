#pragma once

#include <string>
#include <vector>

#include "psnr_watch.h"

#include "tha4/evaluation/held_out.h"
#include "tha4/report/html_report.h"
#include "tha4/train/training_loop.h"

// What the pages of a distillation have in common, while it runs and at its end.

namespace tha4 {

/// "36.21", with as many digits as are worth reading; "exact" where nothing differs.
std::string decibels(double value);

/// The parameters of \p pose that are furthest from rest, as parts of their ranges, the strongest first:
/// "head_y -0.93, mouth_aaa 0.80". "at rest" where there is none.
std::string strongest_parameters(const Pose& pose);

/// Teacher, student and difference of each frame, captioned by its PSNR and its pose.
void add_frames(HtmlReport& page, const std::vector<HeldOutFrame>& frames);

/// The PSNR of a few held-out poses and the losses over the examples that each training has seen.
void add_courses(HtmlReport& page, const std::vector<TrainingCurves>& curves, const PsnrWatch& watch);

/// The title of a character's page, by its folder.
std::string page_title(const std::string& what, const std::filesystem::path& folder);

}  // namespace tha4
