#include "frame_splitter.h"

#include <span>

#include "rig_shaders.h"

namespace tha4 {
namespace {

constexpr std::array<GLenum, 6> kPlaneFormats{GL_R32F, GL_R32F, GL_R32F, GL_R32F, GL_R32F, GL_R32F};
constexpr std::span<const GLenum> kFourPlanes = std::span(kPlaneFormats).first(4);
constexpr std::span<const GLenum> kFivePlanes = std::span(kPlaneFormats).first(5);
constexpr std::array<GLenum, 1> kSplitFormats{GL_RGBA32F};

}  // namespace

FrameSplitter::FrameSplitter(FrameDrawer& drawer)
    : warp_(make_program(kWholeTargetVertexShader, kWarpFragmentShader)),
      blend_(make_program(kWholeTargetVertexShader, kBlendFragmentShader)),
      to_planes_(make_program(kWholeTargetVertexShader, kPlanesFragmentShader)),
      rest_(kImageSize, kImageSize, kSplitFormats, 1, false),
      warped_(kFivePlanes, 1),
      blended_(kFivePlanes, 1),
      direct_(kPlaneFormats, 1),
      planes_(kFourPlanes, 1) {
  rest_.copy(*drawer.draw(Pose{}, {}, kRestImageContents).color);
}

const GlTarget& FrameSplitter::rest_planes() {
  return planes(rest_);
}

SplitFrame FrameSplitter::split(const DrawnFrame& frame) {
  const int width = frame.color->width();
  const int height = frame.color->height();
  const GLuint drawn = frame.color->texture(0);
  SplitFrame split{&warped_.get(width, height, false), &blended_.get(width, height, false),
                   &direct_.get(width, height, false), &planes(*frame.face), frame.region};
  glBindVertexArray(no_vertices_.name());

  split.warped->bind();
  glUseProgram(warp_.name());
  use_texture(warp_, "rest", 0, rest_.texture(0));
  use_texture(warp_, "face", 1, frame.face->texture(0));
  use_texture(warp_, "drawn", 2, drawn);
  use_texture(warp_, "flow", 3, frame.flow->texture(0));
  use_texture(warp_, "hidden", 4, frame.flow->texture(1));
  glUniform2i(glGetUniformLocation(warp_.name(), "face_corner"), kFaceCrop.x, kFaceCrop.y);
  glDrawArrays(GL_TRIANGLES, 0, 3);

  split.blended->bind();
  glUseProgram(blend_.name());
  use_texture(blend_, "drawn", 0, drawn);
  use_texture(blend_, "warped_red", 1, split.warped->texture(0));
  use_texture(blend_, "warped_green", 2, split.warped->texture(1));
  use_texture(blend_, "warped_blue", 3, split.warped->texture(2));
  use_texture(blend_, "warped_alpha", 4, split.warped->texture(3));
  use_texture(blend_, "needed", 5, split.warped->texture(4));
  glDrawArrays(GL_TRIANGLES, 0, 3);

  split.direct->bind();
  glUseProgram(to_planes_.name());
  use_texture(to_planes_, "drawn", 0, drawn);
  use_texture(to_planes_, "flow", 1, frame.flow->texture(0));
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glBindVertexArray(0);
  return split;
}

const GlTarget& FrameSplitter::planes(const GlTarget& drawn) {
  const GlTarget& target = planes_.get(drawn.width(), drawn.height(), false);
  target.bind();
  glUseProgram(to_planes_.name());
  use_texture(to_planes_, "drawn", 0, drawn.texture(0));
  use_texture(to_planes_, "flow", 1, 0);
  glBindVertexArray(no_vertices_.name());
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glBindVertexArray(0);
  return target;
}

}  // namespace tha4
