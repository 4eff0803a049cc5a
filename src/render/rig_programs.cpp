#include "rig_programs.h"

#include "rig_shaders.h"

namespace tha4 {
namespace {

const MeshProgram& compiled(std::optional<MeshProgram>& program, const char* fragment_shader) {
  return program ? *program : program.emplace(fragment_shader);
}

}  // namespace

MeshProgram::MeshProgram(const char* fragment_shader)
    : program(make_program(kMeshVertexShader, fragment_shader)) {
  const auto uniform = [&](const char* name) { return glGetUniformLocation(program.name(), name); };
  scale = uniform("scale");
  origin = uniform("origin");
  size = uniform("size");
  outline_width = uniform("outline_width");
  picture = uniform("picture");
  tint = uniform("tint");
  shade = uniform("shade");
  shade_edge = uniform("shade_edge");
  light = uniform("light");
  is_lit = uniform("is_lit");
  cutoff = uniform("cutoff");
  mesh_number = uniform("mesh_number");
}

const MeshProgram& RigPrograms::colors(bool has_light) {
  return has_light ? compiled(lit_colors_, kColorFragmentShader)
                   : compiled(unlit_colors_, kUnlitColorFragmentShader);
}

const MeshProgram& RigPrograms::surfaces() {
  return compiled(surfaces_, kSurfaceFragmentShader);
}

}  // namespace tha4
