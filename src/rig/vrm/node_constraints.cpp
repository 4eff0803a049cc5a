#include "node_constraints.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include <glm/gtc/matrix_transform.hpp>
#include <glm/gtc/quaternion.hpp>

namespace tha4 {
namespace {

using std::size_t;

constexpr float kLeastDistance = 1e-5F;  // metres: nearer than that, a way has no direction
constexpr float kSmallestTurn = 1e-5F;   // as a part of a quaternion: rounding

enum class ConstraintKind { roll, aim, rotation };

struct Constraint {
  ConstraintKind kind = ConstraintKind::rotation;
  int source = 0;
  float weight = 1;
  glm::vec3 axis{0};  ///< of the node itself; none of a rotation
};

std::optional<glm::vec3> axis_of(const nlohmann::json& name) {
  static const std::map<std::string, glm::vec3> axes = {
      {"X", {1, 0, 0}},          {"Y", {0, 1, 0}},          {"Z", {0, 0, 1}},
      {"PositiveX", {1, 0, 0}},  {"PositiveY", {0, 1, 0}},  {"PositiveZ", {0, 0, 1}},
      {"NegativeX", {-1, 0, 0}}, {"NegativeY", {0, -1, 0}}, {"NegativeZ", {0, 0, -1}}};
  const auto found = name.is_string() ? axes.find(name.get<std::string>()) : axes.end();
  return found == axes.end() ? std::nullopt : std::optional(found->second);
}

/// Nothing where it makes no sense.
std::optional<Constraint> read_constraint(const nlohmann::json& entry, int node, size_t node_count) {
  struct Kind {
    const char* name;
    ConstraintKind kind;
    const char* axis;
  };
  for (const Kind& kind : {Kind{"roll", ConstraintKind::roll, "rollAxis"},
                           {"aim", ConstraintKind::aim, "aimAxis"},
                           {"rotation", ConstraintKind::rotation, nullptr}}) {
    if (!entry.is_object() || !entry.contains(kind.name) || !entry[kind.name].is_object()) continue;
    const nlohmann::json& values = entry[kind.name];
    if (!values.contains("source") || !values["source"].is_number_integer()) return std::nullopt;
    const auto source = values["source"].get<std::int64_t>();
    if (source < 0 || source >= static_cast<std::int64_t>(node_count) || source == node) return std::nullopt;
    Constraint constraint{kind.kind, static_cast<int>(source), 1, glm::vec3(0)};
    if (values.contains("weight")) {
      if (!values["weight"].is_number()) return std::nullopt;
      constraint.weight = static_cast<float>(std::clamp(values["weight"].get<double>(), 0.0, 1.0));
    }
    if (kind.axis != nullptr) {
      const auto axis = values.contains(kind.axis) ? axis_of(values[kind.axis]) : std::nullopt;
      if (!axis) return std::nullopt;
      constraint.axis = *axis;
    }
    return constraint;
  }
  return std::nullopt;
}

using Constraints = std::map<int, Constraint>;

/// Those of all nodes; \p senseless counts the others.
Constraints read_constraints(const GltfDocument& document, size_t& senseless) {
  Constraints constraints;
  const size_t count = document.model.nodes.size();
  const nlohmann::json::json_pointer place("/extensions/VRMC_node_constraint");
  for (size_t i = 0; i < count; ++i) {
    const nlohmann::json& node = document.json["nodes"][i];
    if (!node.contains(place)) continue;
    const nlohmann::json& extension = node[place];
    const bool has_one = extension.is_object() && extension.contains("constraint");
    const auto constraint =
        has_one ? read_constraint(extension["constraint"], static_cast<int>(i), count) : std::nullopt;
    if (constraint) {
      constraints.emplace(static_cast<int>(i), *constraint);
    } else {
      ++senseless;
    }
  }
  return constraints;
}

/// All nodes, each after its parent and after what it follows. Constraints of nodes that cannot be ordered
/// so, because some go round in a circle, are taken out of \p constraints and counted by \p circling.
std::vector<int> dependency_order(const GltfScene& scene, Constraints& constraints, size_t& circling) {
  const size_t count = scene.parents.size();
  std::vector<std::vector<int>> followers(count);
  std::vector<int> waiting(count, 0);
  const auto add = [&](int before, int after) {
    followers[static_cast<size_t>(before)].push_back(after);
    ++waiting[static_cast<size_t>(after)];
  };
  for (size_t i = 0; i < count; ++i) {
    if (scene.parents[i] >= 0) add(scene.parents[i], static_cast<int>(i));
  }
  for (const auto& [node, constraint] : constraints) add(constraint.source, node);
  std::vector<int> order;
  for (size_t i = 0; i < count; ++i) {
    if (waiting[i] == 0) order.push_back(static_cast<int>(i));
  }
  for (size_t i = 0; i < order.size(); ++i) {
    for (const int follower : followers[static_cast<size_t>(order[i])]) {
      if (--waiting[static_cast<size_t>(follower)] == 0) order.push_back(follower);
    }
  }
  for (const int node : scene.order) {
    if (waiting[static_cast<size_t>(node)] <= 0) continue;
    circling += constraints.erase(node);
    order.push_back(node);
  }
  return order;
}

/// The rotation in \p transform; nothing where it is flat, mirrored or skewed.
std::optional<glm::quat> rotation_of(const glm::mat4& transform) {
  glm::mat3 axes(transform);
  for (int i = 0; i < 3; ++i) {
    const float length = glm::length(axes[i]);
    if (!(length > 1e-9F)) return std::nullopt;
    axes[i] /= length;
  }
  if (!(glm::determinant(axes) > 0.99F)) return std::nullopt;
  return glm::normalize(glm::quat_cast(axes));
}

/// The shortest turn that takes \p from to \p to, both of length 1.
glm::quat turn_between(const glm::vec3& from, const glm::vec3& to) {
  const float cosine = glm::dot(from, to);
  if (cosine > -0.99999F) return glm::normalize(glm::quat(1 + cosine, glm::cross(from, to)));
  const glm::vec3 other = std::abs(from.x) < 0.7F ? glm::vec3(1, 0, 0) : glm::vec3(0, 1, 0);
  return glm::angleAxis(glm::pi<float>(), glm::normalize(glm::cross(from, other)));
}

/// Turns nodes one after the other, those that they follow before them.
class ConstraintSolver {
 public:
  ConstraintSolver(const GltfScene& rest, GltfScene& scene)
      : rest_(rest), scene_(scene), changes_(scene.parents.size(), glm::mat4(1)) {}

  /// Takes \p node along with its parent, and turns it as \p constraint says, which may be none. Returns
  /// false where transforms do not allow that.
  bool place(int node, const Constraint* constraint) {
    const auto i = static_cast<size_t>(node);
    if (const int parent = scene_.parents[i]; parent >= 0 && moved_parent(parent)) {
      changes_[i] = changes_[static_cast<size_t>(parent)];
      scene_.worlds[i] = changes_[i] * scene_.worlds[i];
    }
    if (constraint == nullptr || constraint->weight == 0) return true;
    const auto rest = local_rotation(rest_, node);
    const auto parent = parent_rotation(scene_, node);
    const auto now = rotation_of(scene_.worlds[i]);
    const auto target = rest && parent && now ? target_of(node, *constraint, *rest, *parent) : std::nullopt;
    if (!target) return false;
    const glm::quat wanted = *parent * glm::slerp(*rest, *target, constraint->weight);
    const glm::quat turn = wanted * glm::inverse(*now);
    if (std::max({std::abs(turn.x), std::abs(turn.y), std::abs(turn.z)}) < kSmallestTurn) return true;
    const glm::vec3 pivot = position_of(scene_, node);
    const glm::mat4 change =
        glm::translate(glm::translate(glm::mat4(1), pivot) * glm::mat4_cast(turn), -pivot);
    changes_[i] = change * changes_[i];
    scene_.worlds[i] = change * scene_.worlds[i];
    return true;
  }

 private:
  bool moved_parent(int parent) const { return changes_[static_cast<size_t>(parent)] != glm::mat4(1); }

  static std::optional<glm::quat> parent_rotation(const GltfScene& scene, int node) {
    const int parent = scene.parents[static_cast<size_t>(node)];
    if (parent < 0) return glm::quat(1, 0, 0, 0);
    return rotation_of(scene.worlds[static_cast<size_t>(parent)]);
  }

  static std::optional<glm::quat> local_rotation(const GltfScene& scene, int node) {
    const auto parent = parent_rotation(scene, node);
    const auto own = rotation_of(scene.worlds[static_cast<size_t>(node)]);
    if (!parent || !own) return std::nullopt;
    return glm::inverse(*parent) * *own;
  }

  /// The local rotation of \p node at full weight, by the formulas of VRMC_node_constraint 1.0.
  std::optional<glm::quat> target_of(int node, const Constraint& constraint, const glm::quat& rest,
                                     const glm::quat& parent) const {
    if (constraint.kind == ConstraintKind::aim) {
      const glm::vec3 way = position_of(scene_, constraint.source) - position_of(scene_, node);
      const float length = glm::length(way);
      if (!(length > kLeastDistance)) return std::nullopt;
      const glm::quat turn = turn_between(parent * rest * constraint.axis, way / length);
      return glm::inverse(parent) * turn * parent * rest;
    }
    const auto source_rest = local_rotation(rest_, constraint.source);
    const auto source = local_rotation(scene_, constraint.source);
    if (!source_rest || !source) return std::nullopt;
    if (constraint.kind == ConstraintKind::rotation) return rest * glm::inverse(*source_rest) * *source;
    // How the source was turned, as seen by its parent, and then by the node.
    const glm::quat turned = glm::inverse(rest) * *source * glm::inverse(*source_rest) * rest;
    return rest * glm::inverse(turn_between(constraint.axis, turned * constraint.axis)) * turned;
  }

  const GltfScene& rest_;
  GltfScene& scene_;
  std::vector<glm::mat4> changes_;  ///< of each node that was placed, in the world
};

}  // namespace

void follow_constraints(const GltfDocument& document, const GltfScene& rest, GltfScene& scene,
                        std::vector<std::string>& notes) {
  size_t passed_over = 0;
  Constraints constraints = read_constraints(document, passed_over);
  ConstraintSolver solver(rest, scene);
  for (const int node : dependency_order(scene, constraints, passed_over)) {
    const auto constraint = constraints.find(node);
    if (!solver.place(node, constraint == constraints.end() ? nullptr : &constraint->second)) ++passed_over;
  }
  if (passed_over == 0) return;
  notes.push_back(std::to_string(passed_over) +
                  " constraints between nodes make no sense or go round in circles and were passed over.");
}

}  // namespace tha4
