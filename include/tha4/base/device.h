#pragma once

#include <array>
#include <string_view>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace tha4 {

/// The arithmetic that a network is evaluated in.
enum class Precision { fp32, fp16, bf16 };

/// All of them.
inline constexpr std::array kPrecisions = {Precision::fp32, Precision::fp16, Precision::bf16};

/// Reads "fp32", "fp16" or "bf16"; anything else throws ValueError.
Precision parse_precision(std::string_view text);

/// "fp32", "fp16" or "bf16".
std::string_view precision_name(Precision precision);

/// The tensor type that a precision stores its values in.
c10::ScalarType scalar_type(Precision precision);

/// Reads "auto", "cpu", "cuda" or "cuda:N". "auto" is the first CUDA device where there is one, else the CPU.
/// LibTorch's CUDA library is loaded only here, when a CUDA device is asked for or "auto" finds a driver.
/// LibTorch looks for it once: a program that draws random numbers by LibTorch before has no GPU. Single
/// precision on CUDA then means 32 bits throughout: LibTorch would let cuDNN round to TF32, which the depth
/// of the teachers turns into visible errors. Throws InputError for other texts and for CUDA devices that
/// cannot be used, saying why.
c10::Device parse_device(std::string_view text);

/// Throws InputError unless \p text is one that parse_device() reads. Whether there is such a device is not
/// asked, so that nothing is loaded.
void check_device_form(std::string_view text);

/// Waits until \p device has done all that it was asked to do; returns at once on the CPU.
void synchronize(c10::Device device);

}  // namespace tha4
