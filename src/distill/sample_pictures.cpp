#include "sample_pictures.h"

#include <algorithm>

#include "teacher_store.h"
#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/image/compositing.h"

namespace tha4 {

RgbaImage comparison_sheet(const at::Tensor& teacher, const at::Tensor& student) {
  std::vector<RgbaImage> images;
  ContactSheetOptions options{.columns = 3};
  for (std::int64_t i = 0; i < teacher.size(0); ++i) {
    const at::Tensor expected = teacher[i].cpu().to(torch::kFloat32);
    const at::Tensor drawn = student[i].detach().cpu().to(torch::kFloat32);
    images.push_back(to_rgba_image(expected));
    images.push_back(to_rgba_image(drawn));
    images.push_back(difference_image(expected, drawn));
    for (const char* label : {"teacher", "student", "difference x4"}) options.labels.emplace_back(label);
  }
  return contact_sheet(images, options);
}

std::vector<std::int64_t> shown_frames(const TeacherStore& store) {
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(kSampledPoses, store.count()); ++i)
    indices.push_back(i);
  return indices;
}

}  // namespace tha4
