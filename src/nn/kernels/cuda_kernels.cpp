#include "cuda_kernels.h"

#include <array>
#include <memory>
#include <string>

#include "absolute_difference_arguments_text.h"
#include "absolute_difference_text.h"
#include "channels_last_arguments_text.h"
#include "channels_last_text.h"
#include "stored_types_text.h"

namespace tha4 {
namespace {

/// The numbers of the types in the kernels' text.
std::size_t scalar_number(const at::Tensor& x) {
  if (x.scalar_type() == at::kHalf) return 1;
  return x.scalar_type() == at::kBFloat16 ? 2 : 0;
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
  const CudaProgram& of(const at::Tensor& x) const { return *programs_[scalar_number(x)]; }

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
  return programs.of(x);
}

const CudaProgram& absolute_difference_program(const at::Tensor& x) {
  static const Programs programs("absolute_difference", texts::absolute_difference_arguments,
                                 texts::absolute_difference);
  return programs.of(x);
}

}  // namespace tha4
