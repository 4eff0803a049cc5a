#include "siren_programs.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "siren_backward_text.h"
#include "siren_chain_text.h"
#include "siren_forward_text.h"
#include "siren_map_gradient_text.h"
#include "siren_numbers_text.h"
#include "siren_pass_arguments_text.h"
#include "siren_soap_text.h"
#include "siren_update_text.h"
#include "siren_weight_gradient_text.h"
#include "student_losses_text.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "tha4/engine/kernel_texts.h"

namespace tha4 {
namespace {

/// The program of \p parts, after what all of them share.
CudaProgram program_of(const char* name, std::initializer_list<std::string_view> parts,
                       std::vector<std::string> macros = {}) {
  const std::string text =
      kernel_text({texts::siren_pass_arguments, tensor_core_text(), texts::siren_numbers});
  return CudaProgram(name, text + kernel_text(parts), std::move(macros));
}

std::vector<std::string> chain_macros(const TrainedLevel& level, const ChainLayout& layout) {
  return {fmt::format("SINE_STEPS={}", fmt::join(level.sine_steps, ",")),
          fmt::format("RESULT_STEPS={}", level.result_steps),
          fmt::format("CHUNK_OFFSETS={}", fmt::join(layout.chunk_offsets, ",")),
          fmt::format("CHUNK_PAIRS={}", layout.pairs),
          fmt::format("STAGES={}", layout.stages),
          fmt::format("SLOT_BYTES={}", layout.slot_bytes),
          fmt::format("TILES={}", layout.tiles),
          fmt::format("WARPS={}", layout.warps),
          fmt::format("KEPT_STEPS={}", layout.kept_steps)};
}

int parts_of(int count, int part) {
  return (count + part - 1) / part;
}

}  // namespace

std::optional<ChainLayout> forward_layout(const TrainedLevel& level, std::size_t shared_bytes) {
  const std::size_t biases = sizeof(float) * static_cast<std::size_t>(level.biases());
  if (shared_bytes <= biases) return std::nullopt;
  return lay_out_chain(level.matrices(), shared_bytes - biases);
}

std::optional<ChainLayout> backward_layout(const TrainedLevel& level, std::size_t shared_bytes) {
  auto matrices = level.matrices();
  std::reverse(matrices.begin(), matrices.end());
  for (auto& matrix : matrices) std::swap(matrix.first, matrix.second);
  return lay_out_chain(matrices, shared_bytes);
}

CudaProgram siren_forward_program(const TrainedLevel& level, const ChainLayout& layout, bool has_map,
                                  bool is_last) {
  auto macros = chain_macros(level, layout);
  macros.push_back(fmt::format("HAS_MAP={}", has_map ? 1 : 0));
  macros.push_back(fmt::format("IS_LAST={}", is_last ? 1 : 0));
  return program_of("siren_forward.cu", {weight_ring_text(), texts::siren_chain, texts::siren_forward},
                    std::move(macros));
}

CudaProgram siren_backward_program(const TrainedLevel& level, const ChainLayout& layout) {
  return program_of("siren_backward.cu", {weight_ring_text(), texts::siren_chain, texts::siren_backward},
                    chain_macros(level, layout));
}

WeightGradientLayout lay_out_weight_gradient(int output_steps, int input_steps) {
  constexpr int kMaxSteps = 12;  // of a tile, whose sums lie in registers
  const int down = parts_of(output_steps, kMaxSteps), across = parts_of(input_steps, kMaxSteps);
  WeightGradientLayout layout{.output_steps = parts_of(output_steps, down),
                              .input_steps = parts_of(input_steps, across),
                              .tiles = down * across,
                              .warps_out = 1,
                              .pixels = 64};
  // As evenly as warps divide it.
  const auto of_warp = [&](int warps_out) {
    return parts_of(layout.output_steps, warps_out) *
           parts_of(2 * layout.input_steps, WeightGradientLayout::kWarps / warps_out);
  };
  for (const int warps : {2, 4, 8}) {
    if (of_warp(warps) < of_warp(layout.warps_out)) layout.warps_out = warps;
  }
  if (layout.output_steps + layout.input_steps > 14) layout.pixels = 32;
  return layout;
}

std::size_t WeightGradientLayout::shared_bytes() const {
  constexpr int kBuffers = 2, kBytes = 2, kPadding = 8;
  const int warps_in = kWarps / warps_out;
  const int outputs = 16 * parts_of(output_steps, warps_out) * warps_out + kPadding;
  const int inputs = 8 * parts_of(2 * input_steps, warps_in) * warps_in + kPadding;
  return static_cast<std::size_t>(kBuffers * kBytes * pixels * (outputs + inputs));
}

CudaProgram siren_weight_gradient_program(const WeightGradientLayout& layout, bool is_first) {
  return program_of(
      "siren_weight_gradient.cu", {texts::siren_weight_gradient},
      {fmt::format("OUT_STEPS={}", layout.output_steps), fmt::format("IN_STEPS={}", layout.input_steps),
       fmt::format("WARPS_OUT={}", layout.warps_out),
       fmt::format("WARPS_IN={}", WeightGradientLayout::kWarps / layout.warps_out),
       fmt::format("PIXELS={}", layout.pixels), fmt::format("IS_FIRST={}", is_first ? 1 : 0)});
}

CudaProgram siren_map_gradient_program() {
  return program_of("siren_map_gradient.cu", {texts::siren_map_gradient});
}

CudaProgram siren_update_program() {
  return program_of("siren_update.cu", {texts::siren_update});
}

CudaProgram siren_soap_program() {
  return program_of("siren_soap.cu", {texts::siren_update, texts::siren_soap});
}

CudaProgram student_losses_program() {
  return program_of("student_losses.cu", {texts::student_losses});
}

}  // namespace tha4
