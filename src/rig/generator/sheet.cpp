#include "sheet.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include "triangulation.h"
#include <glm/geometric.hpp>

#include "tha4/base/error.h"

namespace tha4::generator {
namespace {

glm::vec2 texture_coordinate(const Canvas& canvas, glm::vec2 point) {
  const glm::vec2 pixels = glm::ceil(canvas.size() * canvas.scale());
  return (point - canvas.corner()) * canvas.scale() / pixels;
}

/// Whether any pixel under the rectangle, and one pixel around it, has paint.
bool has_paint(const RgbaImage& image, glm::vec2 from, glm::vec2 to) {
  const int left = std::max(0, static_cast<int>(from.x) - 1);
  const int top = std::max(0, static_cast<int>(from.y) - 1);
  const int right = std::min(image.width, static_cast<int>(std::ceil(to.x)) + 1);
  const int bottom = std::min(image.height, static_cast<int>(std::ceil(to.y)) + 1);
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      if (image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 4 + 3] != 0) return true;
    }
  }
  return false;
}

}  // namespace

BoneWeights one_bone(int bone) {
  return {glm::u16vec4(static_cast<std::uint16_t>(bone), 0, 0, 0), glm::vec4(1, 0, 0, 0)};
}

BoneWeights two_bones(int first, int second, float weight) {
  return {glm::u16vec4(static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(second), 0, 0),
          glm::vec4(1 - weight, weight, 0, 0)};
}

Mesh empty_mesh(const SheetPlace& place, int material) {
  Mesh mesh;
  mesh.name = place.name;
  mesh.material = material;
  mesh.layer = place.layer;
  return mesh;
}

void add_vertex(Mesh& mesh, const SheetPlace& place, glm::vec2 point, glm::vec2 texture_coordinate) {
  mesh.positions.emplace_back(point, place.depth ? place.depth(point) : 0.0F);
  mesh.texture_coordinates.push_back(texture_coordinate);
  if (place.bone_weights) hang_on(mesh, place.bone_weights(point));
}

void hang_on(Mesh& mesh, const BoneWeights& weights) {
  mesh.bones.push_back(weights.bones);
  mesh.bone_weights.push_back(weights.weights);
}

float head_depth(glm::vec2 point) {
  constexpr float kFront = 62;
  constexpr float kFall = 0.72F;
  const glm::vec2 from_middle = (point - glm::vec2(256, 128)) / glm::vec2(62, 72);
  const float square = glm::dot(from_middle, from_middle);
  return kFront * (1 - kFall * (square < 1 ? square : 2 * std::sqrt(square) - 1) /
                           (1 + 0.12F * std::max(0.0F, square - 1)));
}

Mesh make_sheet(const Canvas& canvas, const RgbaImage& image, int material, const SheetPlace& place) {
  Mesh mesh = empty_mesh(place, material);
  const int columns = std::max(1, static_cast<int>(std::ceil(canvas.size().x / place.cell)));
  const int rows = std::max(1, static_cast<int>(std::ceil(canvas.size().y / place.cell)));
  const glm::vec2 cell = canvas.size() / glm::vec2(columns, rows);
  std::map<std::pair<int, int>, std::uint32_t> vertices;
  const auto vertex = [&](int column, int row) {
    const auto [at, is_new] =
        vertices.try_emplace({row, column}, static_cast<std::uint32_t>(mesh.positions.size()));
    if (is_new) {
      const glm::vec2 point = canvas.corner() + cell * glm::vec2(column, row);
      add_vertex(mesh, place, point, texture_coordinate(canvas, point));
    }
    return at->second;
  };
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const glm::vec2 from = cell * glm::vec2(column, row) * canvas.scale();
      if (!has_paint(image, from, from + cell * canvas.scale())) continue;
      const std::uint32_t a = vertex(column, row);
      const std::uint32_t b = vertex(column + 1, row);
      const std::uint32_t c = vertex(column, row + 1);
      const std::uint32_t d = vertex(column + 1, row + 1);
      mesh.triangles.insert(mesh.triangles.end(), {a, c, b, b, c, d});
    }
  }
  return mesh;
}

int add_sheet(RigBuilder& builder, const Canvas& canvas, const SheetPlace& place) {
  RgbaImage image = canvas.image();
  Mesh mesh = make_sheet(canvas, image, 0, place);
  mesh.material = builder.add_painted_material(place.name, std::move(image));
  return builder.add_mesh(std::move(mesh));
}

Mesh make_outlined_sheet(const Canvas& canvas, std::span<const glm::vec2> outline,
                         std::span<const Points> holes, int material, const SheetPlace& place) {
  const Triangulation triangulation = triangulate(outline, holes, place.cell);
  Mesh mesh = empty_mesh(place, material);
  for (const glm::vec2& point : triangulation.points)
    add_vertex(mesh, place, point, texture_coordinate(canvas, point));
  mesh.triangles = triangulation.triangles;
  return mesh;
}

void add_morph(Mesh& mesh, const std::string& name,
               const std::function<glm::vec2(std::uint32_t, glm::vec2)>& offset_at) {
  constexpr float kMinOffset = 1e-3F;
  Morph morph;
  morph.name = name;
  for (std::uint32_t v = 0; v < mesh.positions.size(); ++v) {
    const glm::vec2 offset = offset_at(v, glm::vec2(mesh.positions[v]));
    if (glm::length(offset) < kMinOffset) continue;
    morph.vertices.push_back(v);
    morph.offsets.emplace_back(offset, 0.0F);
  }
  if (!morph.vertices.empty()) mesh.morphs.push_back(std::move(morph));
}

void spread_offsets(const Mesh& mesh, const std::vector<bool>& fixed, std::vector<glm::vec2>& offsets) {
  constexpr int kMaxPasses = 600;
  constexpr float kEnough = 2e-4F;
  std::vector<std::vector<std::uint32_t>> neighbours(mesh.positions.size());
  for (std::size_t i = 0; i < mesh.triangles.size(); i += 3) {
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t a = mesh.triangles[i + k];
      const std::uint32_t b = mesh.triangles[i + (k + 1) % 3];
      neighbours[a].push_back(b);
      neighbours[b].push_back(a);
    }
  }
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    float max = 0;
    for (std::size_t v = 0; v < offsets.size(); ++v) {
      if (fixed[v] || neighbours[v].empty()) continue;
      glm::vec2 sum(0);
      float weights = 0;
      for (const std::uint32_t near : neighbours[v]) {
        const float weight =
            1 / std::max(0.2F, glm::length(glm::vec2(mesh.positions[v] - mesh.positions[near])));
        sum += weight * offsets[near];
        weights += weight;
      }
      const glm::vec2 mean = sum / weights;
      max = std::max(max, glm::length(mean - offsets[v]));
      offsets[v] = mean;
    }
    if (max < kEnough) break;
  }
}

}  // namespace tha4::generator
