#include "cuda_kernels.h"

#include <array>
#include <memory>
#include <string>

#include "absolute_difference_arguments_text.h"
#include "absolute_difference_text.h"
#include "channels_last_arguments_text.h"
#include "channels_last_text.h"
#include "rotated_pixels_arguments_text.h"
#include "rotated_pixels_text.h"
#include "stored_types_text.h"

namespace tha4 {
namespace {

/// The numbers of the types in the kernels' text.
std::size_t scalar_number(at::ScalarType type) {
  if (type == at::kHalf) return 1;
  return type == at::kBFloat16 ? 2 : 0;
}

/// One program for each type.
class Programs {
 public:
  Programs(const std::string& name, const std::string& arguments, const std::string& source) {
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      programs_[i] = std::make_unique<CudaProgram>(name + ".cu", texts::stored_types + arguments + source,
                                                   std::vector<std::string>{"SCALAR=" + std::to_string(i)});
    }
  }
  const CudaProgram& of(at::ScalarType type) const { return *programs_[scalar_number(type)]; }

 private:
  std::array<std::unique_ptr<CudaProgram>, 3> programs_;
};

}  // namespace

bool kernels_take(const at::Tensor& x) {
  const bool type =
      x.scalar_type() == at::kFloat || x.scalar_type() == at::kHalf || x.scalar_type() == at::kBFloat16;
  return x.is_cuda() && type && CudaProgram::is_possible();
}

std::int64_t vector_length(const at::Tensor& x) {
  constexpr std::int64_t kVectorBytes = 16;
  return kVectorBytes / static_cast<std::int64_t>(x.element_size());
}

const CudaProgram& channels_last_program(const at::Tensor& x) {
  static const Programs programs("channels_last", texts::channels_last_arguments, texts::channels_last);
  return programs.of(x.scalar_type());
}

const CudaProgram& absolute_difference_program(const at::Tensor& x) {
  static const Programs programs("absolute_difference", texts::absolute_difference_arguments,
                                 texts::absolute_difference);
  return programs.of(x.scalar_type());
}

const CudaProgram& rotated_pixels_program(at::ScalarType type) {
  static const Programs programs("rotated_pixels", texts::rotated_pixels_arguments, texts::rotated_pixels);
  return programs.of(type);
}

}  // namespace tha4
