#include "model_file.h"

#include <cstring>

namespace tha4 {
namespace {

constexpr char kMagic[] = {'T', 'H', 'A', '4', 'T', 'R', 'K', '1'};

std::uint32_t word_at(std::span<const std::byte> bytes, std::size_t place) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(bytes[4 * place + i]) << (8 * i);
  return value;
}

}  // namespace

ModelReader::ModelReader(std::span<const std::byte> file) {
  constexpr std::size_t kHead = sizeof(kMagic) + 12;
  if (file.size() < kHead || std::memcmp(file.data(), kMagic, sizeof(kMagic)) != 0) {
    refuse_models("they are not in the project's format");
  }
  const std::span<const std::byte> counts = file.subspan(sizeof(kMagic), 12);
  const std::uint64_t words = word_at(counts, 0), floats = word_at(counts, 1), integers = word_at(counts, 2);
  if (kHead + 4 * words + 4 * floats + 2 * integers != file.size()) {
    refuse_models("they are not as long as they should be");
  }
  const std::span<const std::byte> rest = file.subspan(kHead);
  words_ = rest.subspan(0, 4 * words);
  floats_ = rest.subspan(4 * words, 4 * floats);
  low_ = rest.subspan(4 * (words + floats), integers);
  high_ = rest.subspan(4 * (words + floats) + integers, integers);
}

std::uint32_t ModelReader::word() {
  if (word_ >= words_.size() / 4) refuse_models("a network is cut off");
  return word_at(words_, word_++);
}

int ModelReader::number(std::uint32_t min, std::uint32_t max) {
  const std::uint32_t value = word();
  if (value < min || value > max) refuse_models("a size is out of range");
  return static_cast<int>(value);
}

LayerWords ModelReader::layer() {
  LayerWords layer{};
  layer.kind = static_cast<LayerKind>(word());
  for (std::uint32_t* const value : {&layer.from, &layer.with, &layer.outputs, &layer.kernel, &layer.stride,
                                     &layer.same, &layer.has_slopes, &layer.unused}) {
    *value = word();
  }
  return layer;
}

float ModelReader::real() {
  if (float_ >= floats_.size() / 4) refuse_models("numbers are missing");
  const std::uint32_t bits = word_at(floats_, float_++);
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

std::vector<float> ModelReader::reals(std::size_t count) {
  if (count > floats_.size() / 4 - float_) refuse_models("numbers are missing");
  std::vector<float> values(count);
  for (float& value : values) value = real();
  return values;
}

int ModelReader::integer() {
  const int folded = static_cast<int>(low_[integer_]) | static_cast<int>(high_[integer_]) << 8;
  ++integer_;
  return (folded & 1) != 0 ? -((folded + 1) / 2) : folded / 2;
}

std::vector<float> ModelReader::weights(std::size_t outputs, std::size_t count) {
  if (outputs * count > low_.size() - integer_) refuse_models("weights are missing");
  const std::vector<float> steps = reals(outputs);
  std::vector<float> values(outputs * count);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(integer()) * steps[i / count];
  }
  return values;
}

std::vector<int> ModelReader::indices(std::size_t count, int max) {
  if (count > low_.size() - integer_) refuse_models("indices are missing");
  std::vector<int> values(count);
  for (int& value : values) {
    value = integer();
    if (value < 0 || value > max) refuse_models("an index is out of range");
  }
  return values;
}

void ModelReader::finish() const {
  if (word_ * 4 != words_.size() || float_ * 4 != floats_.size() || integer_ != low_.size()) {
    refuse_models("they hold more than the networks");
  }
}

}  // namespace tha4
