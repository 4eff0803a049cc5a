#include "picture_warnings.h"

#include <spdlog/spdlog.h>

#include "tha4/poser/picture_check.h"

namespace tha4 {

void warn_of_picture(const std::string& file, const OpenedTeacher& teacher) {
  if (!teacher.poses_any_picture) return;
  for (const PictureFinding& finding : check_picture(teacher.image, *teacher.poser)) {
    spdlog::warn("{}: {}", file, finding.text);
  }
}

}  // namespace tha4
