#include "frame_resolver.h"

#include "rig_shaders.h"
#include <glm/gtc/type_ptr.hpp>

#include "tha4/image/region.h"

namespace tha4 {

FrameResolver::FrameResolver() : program_(make_program(kWholeTargetVertexShader, kResolveFragmentShader)) {}

void FrameResolver::resolve(const GlTarget& samples, const Surfaces* surfaces, const GlTarget& target,
                            glm::ivec2 corner, const RigView& view) const {
  const auto uniform = [&](const char* name) { return glGetUniformLocation(program_.name(), name); };
  target.bind();
  glViewport(corner.x, corner.y, samples.width(), samples.height());
  glUseProgram(program_.name());
  const bool with_motion = surfaces != nullptr;
  use_texture(program_, "color_samples", 0, samples.texture(0), GL_TEXTURE_2D_MULTISAMPLE);
  use_texture(program_, "surfaces", 1, with_motion ? surfaces->posed.texture(0) : 0);
  use_texture(program_, "offsets", 3, with_motion ? surfaces->posed.texture(1) : 0);
  use_texture(program_, "surfaces_at_rest", 2, with_motion ? surfaces->at_rest.texture(0) : 0);
  glUniform1i(uniform("with_motion"), with_motion ? 1 : 0);
  glUniform2i(uniform("corner"), corner.x, corner.y);
  glUniform1f(uniform("scale"), view.scale);
  glUniform2fv(uniform("origin"), 1, glm::value_ptr(view.origin));
  glUniform1f(uniform("frame_size"), kImageSize);
  glBindVertexArray(no_vertices_.name());
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glBindVertexArray(0);
}

}  // namespace tha4
