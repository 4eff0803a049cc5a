#include "measured_layouts.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "measured_layouts_text.h"
#include <nlohmann/json.hpp>

namespace tha4 {
namespace {

constexpr int kMeasuredCapability = 90;

struct MeasuredRow {
  MapConvolutionShape shape;
  int teams, blocks, outputs, loaders;  // of the layout: the rest follows
  bool copies;
};

MeasuredRow measured_row_of(const nlohmann::json& json) {
  const auto& layout = json.at("layout");
  return {.shape = {.images = json.at("images"),
                    .height = json.at("height"),
                    .width = json.at("width"),
                    .taps = json.at("taps"),
                    .halves = json.at("halves"),
                    .inputs = json.at("inputs").get<std::vector<int>>(),
                    .skipped = json.at("skipped").get<std::vector<int>>(),
                    .outputs = json.at("outputs")},
          .teams = layout.at("teams"),
          .blocks = layout.at("blocks"),
          .outputs = layout.at("outputs"),
          .loaders = layout.at("loaders"),
          .copies = layout.value("copies", false)};
}

std::vector<MeasuredRow> read_rows() {
  std::vector<MeasuredRow> rows;
  for (const auto& json : nlohmann::json::parse(std::string(texts::measured_layouts)))
    rows.push_back(measured_row_of(json));
  return rows;
}

double pixels_of(const MapConvolutionShape& shape) {
  return static_cast<double>(shape.images) * shape.height * shape.width;
}

bool differ_in_pixels_only(const MapConvolutionShape& one, const MapConvolutionShape& other) {
  return one.taps == other.taps && one.halves == other.halves && one.inputs == other.inputs &&
         one.skipped == other.skipped && one.outputs == other.outputs;
}

/// By what power of two the numbers of pixels differ.
double distance(const MapConvolutionShape& one, const MapConvolutionShape& other) {
  return std::abs(std::log2(pixels_of(one) / pixels_of(other)));
}

}  // namespace

std::optional<MapConvolutionLayout> measured_layout(const MapConvolutionShape& shape,
                                                    const CudaLimits& limits) {
  static const std::vector<MeasuredRow> rows = read_rows();
  if (limits.capability != kMeasuredCapability) return std::nullopt;
  const MeasuredRow* nearest = nullptr;
  for (const MeasuredRow& row : rows) {
    if (!differ_in_pixels_only(row.shape, shape) || distance(row.shape, shape) >= 1) continue;
    if (nearest == nullptr || distance(row.shape, shape) < distance(nearest->shape, shape)) nearest = &row;
  }
  if (nearest == nullptr) return std::nullopt;
  // Only what fits this shape and this GPU.
  const std::vector<MapConvolutionLayout> possible = warpgroup_layouts(shape, limits);
  const auto place = std::find_if(possible.begin(), possible.end(), [&](const MapConvolutionLayout& layout) {
    return layout.teams == nearest->teams && layout.blocks == nearest->blocks &&
           layout.outputs == nearest->outputs && layout.loaders == nearest->loaders &&
           layout.copies == nearest->copies;
  });
  return place != possible.end() ? std::optional(*place) : std::nullopt;
}

}  // namespace tha4
