#include "flow_extender.h"

#include <array>

#include "rig_shaders.h"

#include "tha4/image/region.h"

namespace tha4 {
namespace {

constexpr std::array<GLenum, 1> kLevelFormats{GL_RGBA32F};
constexpr std::array<GLenum, 2> kFlowFormats{GL_RG32F, GL_R8};

/// Offsets in pixels of the rest image as flows count them (docs/files.md): the picture is from -1 to 1.
constexpr float kFlowPerPixel = 2.0F / kImageSize;

}  // namespace

FlowExtender::FlowExtender()
    : pull_(make_program(kWholeTargetVertexShader, kPullFragmentShader)),
      push_(make_program(kWholeTargetVertexShader, kPushFragmentShader)) {}

const GlTarget& FlowExtender::extend(GLuint motion, int width, int height) {
  fit(width, height);
  glBindVertexArray(no_vertices_.name());
  GLuint fine = motion;
  for (const GlTarget& coarse : pulled_) {
    pull(fine, coarse);
    fine = coarse.texture(0);
  }
  GLuint coarse = pulled_.back().texture(0);
  for (std::size_t i = filled_.size(); i-- > 1;) {
    push(pulled_[i - 1].texture(0), coarse, filled_[i], 1);
    coarse = filled_[i].texture(0);
  }
  push(motion, coarse, filled_.front(), kFlowPerPixel);
  glBindVertexArray(0);
  return filled_.front();
}

void FlowExtender::fit(int width, int height) {
  if (!filled_.empty() && filled_.front().width() == width && filled_.front().height() == height) return;
  pulled_.clear();
  filled_.clear();
  filled_.emplace_back(width, height, kFlowFormats, 1, false);
  do {
    width = (width + 1) / 2;
    height = (height + 1) / 2;
    pulled_.emplace_back(width, height, kLevelFormats, 1, false);
    if (width > 1 || height > 1) filled_.emplace_back(width, height, kLevelFormats, 1, false);
  } while (width > 1 || height > 1);
}

void FlowExtender::pull(GLuint fine, const GlTarget& coarse) const {
  coarse.bind();
  glUseProgram(pull_.name());
  use_texture(pull_, "fine", 0, fine);
  glDrawArrays(GL_TRIANGLES, 0, 3);
}

void FlowExtender::push(GLuint fine, GLuint coarse, const GlTarget& filled, float scale) const {
  filled.bind();
  glUseProgram(push_.name());
  use_texture(push_, "fine", 0, fine);
  use_texture(push_, "coarse", 1, coarse);
  glUniform1f(glGetUniformLocation(push_.name(), "scale"), scale);
  glDrawArrays(GL_TRIANGLES, 0, 3);
}

}  // namespace tha4
