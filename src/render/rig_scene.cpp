#include "rig_scene.h"

#include <algorithm>

#include <glm/geometric.hpp>
#include <glm/gtc/type_ptr.hpp>

#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

/// Where the light comes from: above, from the left of the picture, in front.
const glm::vec3 kLight = glm::normalize(glm::vec3(-0.35F, -0.55F, 0.75F));

/// Fragments of less alpha do not hide what is behind them, where depth is used.
constexpr float kMinAlpha = 0.5F / 255;

glm::vec3 linear_color(const glm::vec3& srgb) {
  glm::vec3 color;
  for (int c = 0; c < 3; ++c) color[c] = static_cast<float>(linear_of(srgb[c]));
  return color;
}

/// Whether a mesh that shows the texture goes beyond its edges.
bool repeats(const Rig& rig, int texture) {
  return std::any_of(rig.meshes.begin(), rig.meshes.end(), [&](const Mesh& mesh) {
    return rig.materials[static_cast<std::size_t>(mesh.material)].texture == texture &&
           std::any_of(mesh.texture_coordinates.begin(), mesh.texture_coordinates.end(),
                       [](const glm::vec2& at) {
                         return at.x < -1e-4F || at.x > 1.0001F || at.y < -1e-4F || at.y > 1.0001F;
                       });
  });
}

/// Whether anything is drawn that takes more than a texture and a colour.
bool has_light(const Rig& rig) {
  return std::any_of(rig.materials.begin(), rig.materials.end(),
                     [](const Material& material) { return material.is_lit; }) ||
         std::any_of(rig.meshes.begin(), rig.meshes.end(),
                     [](const Mesh& mesh) { return !mesh.colors.empty(); });
}

GLint gl_wrap(TextureWrap wrap, bool repeats) {
  if (wrap == TextureWrap::mirror) return GL_MIRRORED_REPEAT;
  return wrap == TextureWrap::repeat && repeats ? GL_REPEAT : GL_CLAMP_TO_EDGE;
}

template <class Element>
void fill(const GlBuffer& buffer, GLenum kind, const std::vector<Element>& elements, GLenum usage) {
  glBindBuffer(kind, buffer.name());
  glBufferData(kind, static_cast<GLsizeiptr>(elements.size() * sizeof(Element)), elements.data(), usage);
}

void set_attribute(GLuint index, const GlBuffer& buffer, GLint components) {
  glBindBuffer(GL_ARRAY_BUFFER, buffer.name());
  glVertexAttribPointer(index, components, GL_FLOAT, GL_FALSE, 0, nullptr);
  glEnableVertexAttribArray(index);
}

}  // namespace

RigScene::RigScene(const Rig& rig, std::span<const TextureLight> lights)
    : rig_(rig), has_light_(has_light(rig)) {
  for (std::size_t i = 0; i < lights.size(); ++i) {
    textures_.push_back(make_texture(lights[i]));
    repeats_.push_back(repeats(rig, static_cast<int>(i)));
  }
  RgbaImage white(1, 1);
  white.pixels.assign(4, 255);
  white_ = make_texture(to_texture_light(white));
  upload_meshes();
}

void RigScene::upload_meshes() {
  std::vector<glm::vec2> texture_coordinates;
  std::vector<glm::vec4> colors;
  std::vector<std::uint32_t> indices;
  for (std::size_t i = 0; i < rig_.meshes.size(); ++i) {
    const Mesh& mesh = rig_.meshes[i];
    has_colors_ = has_colors_ || !mesh.colors.empty();
    parts_.push_back({static_cast<int>(i), mesh.layer, static_cast<GLsizei>(mesh.triangles.size()),
                      indices.size() * sizeof(std::uint32_t), static_cast<GLint>(vertex_count_)});
    indices.insert(indices.end(), mesh.triangles.begin(), mesh.triangles.end());
    texture_coordinates.insert(texture_coordinates.end(), mesh.texture_coordinates.begin(),
                               mesh.texture_coordinates.end());
    vertex_count_ += mesh.positions.size();
    texture_coordinates.resize(vertex_count_, glm::vec2(0));
    for (const glm::vec4& color : mesh.colors) {
      colors.emplace_back(color.a * glm::vec3(color), color.a);
    }
    colors.resize(vertex_count_, glm::vec4(1));
    uses_depth_ = uses_depth_ || mesh.uses_depth;
    has_normals_ = has_normals_ || !mesh.normals.empty();
  }
  std::stable_sort(parts_.begin(), parts_.end(),
                   [](const Part& a, const Part& b) { return a.layer < b.layer; });
  fill(texture_coordinates_, GL_ARRAY_BUFFER, texture_coordinates, GL_STATIC_DRAW);
  if (has_colors_) fill(colors_, GL_ARRAY_BUFFER, colors, GL_STATIC_DRAW);
  for (const bool at_rest : {false, true}) {
    glBindVertexArray((at_rest ? source_array_ : posed_array_).name());
    set_attribute(0, at_rest ? source_ : posed_, 3);
    set_attribute(1, source_, 3);
    if (has_normals_) {
      set_attribute(2, at_rest ? source_normals_ : posed_normals_, 3);
    } else {
      glVertexAttrib3f(2, 0, 0, 1);
    }
    set_attribute(3, texture_coordinates_, 2);
    if (has_colors_) {
      set_attribute(4, colors_, 4);
    } else {
      glVertexAttrib4f(4, 1, 1, 1, 1);
    }
    fill(indices_, GL_ELEMENT_ARRAY_BUFFER, indices, GL_STATIC_DRAW);
  }
  glBindVertexArray(0);
}

void RigScene::upload_posed(const std::vector<PosedMesh>& meshes) {
  upload(meshes, posed_, posed_normals_);
}
void RigScene::upload_source(const std::vector<PosedMesh>& meshes) {
  upload(meshes, source_, source_normals_);
}

void RigScene::upload(const std::vector<PosedMesh>& meshes, const GlBuffer& positions,
                      const GlBuffer& normals) {
  gathered_.clear();
  for (const PosedMesh& mesh : meshes) {
    gathered_.insert(gathered_.end(), mesh.positions.begin(), mesh.positions.end());
  }
  fill(positions, GL_ARRAY_BUFFER, gathered_, GL_STREAM_DRAW);
  if (!has_normals_) return;
  gathered_.clear();
  for (const PosedMesh& mesh : meshes) {
    gathered_.insert(gathered_.end(), mesh.normals.begin(), mesh.normals.end());
    if (mesh.normals.empty()) gathered_.resize(gathered_.size() + mesh.positions.size(), glm::vec3(0, 0, 1));
  }
  fill(normals, GL_ARRAY_BUFFER, gathered_, GL_STREAM_DRAW);
}

void RigScene::draw_colors(RigPrograms& programs, const GlTarget& target, const RigView& view,
                           bool at_rest) const {
  const MeshProgram& program = programs.colors(has_light_);
  glEnable(GL_BLEND);
  glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
  draw(program, target, view, at_rest);
  glDisable(GL_BLEND);
}

void RigScene::draw_surfaces(RigPrograms& programs, const GlTarget& target, const RigView& view,
                             bool at_rest) const {
  draw(programs.surfaces(), target, view, at_rest);
}

void RigScene::draw(const MeshProgram& program, const GlTarget& target, const RigView& view,
                    bool at_rest) const {
  target.bind();
  glDepthMask(GL_TRUE);
  glClearColor(0, 0, 0, 0);
  glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
  glDepthFunc(GL_LEQUAL);
  glFrontFace(GL_CW);  // rows run down, which turns every triangle over
  program.use();
  glActiveTexture(GL_TEXTURE0);
  glUniform1i(program.picture, 0);
  glUniform1f(program.scale, view.scale);
  glUniform2fv(program.origin, 1, glm::value_ptr(view.origin));
  glUniform2f(program.size, static_cast<float>(target.width()), static_cast<float>(target.height()));
  glUniform3fv(program.light, 1, glm::value_ptr(kLight));
  glBindVertexArray((at_rest ? source_array_ : posed_array_).name());
  bool layer_used_depth = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Mesh& mesh = rig_.meshes[static_cast<std::size_t>(parts_[i].mesh)];
    if (i > 0 && parts_[i].layer != parts_[i - 1].layer && layer_used_depth) {
      glDepthMask(GL_TRUE);
      glClear(GL_DEPTH_BUFFER_BIT);
      layer_used_depth = false;
    }
    layer_used_depth = layer_used_depth || mesh.uses_depth;
    if (rig_.materials[static_cast<std::size_t>(mesh.material)].outline_width > 0) {
      draw_part(program, parts_[i], /*as_outline=*/true);
    }
    draw_part(program, parts_[i], /*as_outline=*/false);
  }
  glBindVertexArray(0);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_CULL_FACE);
}

void RigScene::draw_part(const MeshProgram& program, const Part& part, bool as_outline) const {
  const Mesh& mesh = rig_.meshes[static_cast<std::size_t>(part.mesh)];
  const Material& material = rig_.materials[static_cast<std::size_t>(mesh.material)];
  const auto set = [](GLenum what, bool on) { on ? glEnable(what) : glDisable(what); };
  set(GL_DEPTH_TEST, mesh.uses_depth);
  const bool writes_depth = mesh.uses_depth && material.writes_depth;
  glDepthMask(writes_depth ? GL_TRUE : GL_FALSE);
  set(GL_CULL_FACE, as_outline || !material.is_two_sided);
  glCullFace(as_outline ? GL_FRONT : GL_BACK);
  glBindTexture(
      GL_TEXTURE_2D,
      (material.texture < 0 ? white_ : textures_[static_cast<std::size_t>(material.texture)]).name());
  if (material.texture >= 0) {
    const bool repeats = repeats_[static_cast<std::size_t>(material.texture)];
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, gl_wrap(material.wrap_x, repeats));
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, gl_wrap(material.wrap_y, repeats));
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, material.is_smooth ? GL_LINEAR : GL_NEAREST);
  }
  const float alpha = material.color.a;
  const glm::vec3 tint =
      linear_color(as_outline ? material.outline_color : glm::vec3(material.color)) * alpha;
  glUniform4f(program.tint, tint.r, tint.g, tint.b, alpha);
  glUniform3fv(program.shade, 1, glm::value_ptr(linear_color(material.shade_color)));
  const float half = std::max(material.shade_softness, 1e-4F) / 2;
  glUniform2f(program.shade_edge, material.shade_threshold - half, material.shade_threshold + half);
  glUniform1i(program.is_lit, material.is_lit && !as_outline ? 1 : 0);
  glUniform1f(program.outline_width, as_outline ? material.outline_width : 0.0F);
  glUniform1f(program.cutoff, std::max(material.alpha_cutoff, writes_depth ? kMinAlpha : 0.0F));
  glUniform1f(program.mesh_number, static_cast<float>(part.mesh + 1));
  glDrawElementsBaseVertex(GL_TRIANGLES, part.index_count, GL_UNSIGNED_INT,
                           reinterpret_cast<const void*>(part.first_index), part.first_vertex);
}

}  // namespace tha4
