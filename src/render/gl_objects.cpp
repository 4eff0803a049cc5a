#include "gl_objects.h"

#include "tha4/base/error.h"

namespace tha4 {
namespace {

class Shader {
 public:
  Shader(GLenum stage, const char* source) : name_(glCreateShader(stage)) {
    glShaderSource(name_, 1, &source, nullptr);
    glCompileShader(name_);
    GLint is_right = GL_FALSE;
    glGetShaderiv(name_, GL_COMPILE_STATUS, &is_right);
    if (is_right == GL_TRUE) return;
    std::string log(4096, '\0');
    GLsizei length = 0;
    glGetShaderInfoLog(name_, static_cast<GLsizei>(log.size()), &length, log.data());
    log.resize(static_cast<std::size_t>(length));
    glDeleteShader(name_);
    throw Error("the OpenGL driver does not compile a shader: " + log);
  }
  ~Shader() { glDeleteShader(name_); }
  Shader(const Shader&) = delete;
  Shader& operator=(const Shader&) = delete;
  GLuint name() const { return name_; }

 private:
  GLuint name_;
};

}  // namespace

GlProgram make_program(const char* vertex_shader, const char* fragment_shader) {
  const Shader vertex(GL_VERTEX_SHADER, vertex_shader);
  const Shader fragment(GL_FRAGMENT_SHADER, fragment_shader);
  GlProgram program;
  glAttachShader(program.name(), vertex.name());
  glAttachShader(program.name(), fragment.name());
  glLinkProgram(program.name());
  GLint is_right = GL_FALSE;
  glGetProgramiv(program.name(), GL_LINK_STATUS, &is_right);
  if (is_right != GL_TRUE) {
    std::string log(4096, '\0');
    GLsizei length = 0;
    glGetProgramInfoLog(program.name(), static_cast<GLsizei>(log.size()), &length, log.data());
    log.resize(static_cast<std::size_t>(length));
    throw Error("the OpenGL driver does not link a shader: " + log);
  }
  return program;
}

void check_memory_of_driver() {
  if (glGetError() == GL_OUT_OF_MEMORY) {
    throw Error("the OpenGL driver is out of memory; draw at a lower resolution, or fewer rigs at once");
  }
}

void use_texture(const GlProgram& program, const char* name, GLint unit, GLuint texture, GLenum kind) {
  glActiveTexture(GL_TEXTURE0 + static_cast<GLenum>(unit));
  glBindTexture(kind, texture);
  glUniform1i(glGetUniformLocation(program.name(), name), unit);
}

GlTarget::GlTarget(int width, int height, std::span<const GLenum> formats, int samples, bool has_depth)
    : width_(width), height_(height), has_depth_(has_depth), textures_(formats.size()) {
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.name());
  std::vector<GLenum> buffers;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    const GLenum kind = samples > 1 ? GL_TEXTURE_2D_MULTISAMPLE : GL_TEXTURE_2D;
    glBindTexture(kind, textures_[i].name());
    if (samples > 1) {
      glTexImage2DMultisample(kind, samples, formats[i], width, height, GL_TRUE);
    } else {
      glTexImage2D(kind, 0, static_cast<GLint>(formats[i]), width, height, 0, GL_RGBA, GL_FLOAT, nullptr);
      glTexParameteri(kind, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
      glTexParameteri(kind, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
      glTexParameteri(kind, GL_TEXTURE_MAX_LEVEL, 0);
    }
    buffers.push_back(GL_COLOR_ATTACHMENT0 + static_cast<GLenum>(i));
    glFramebufferTexture2D(GL_FRAMEBUFFER, buffers.back(), kind, textures_[i].name(), 0);
  }
  glDrawBuffers(static_cast<GLsizei>(buffers.size()), buffers.data());
  if (has_depth) {
    glBindRenderbuffer(GL_RENDERBUFFER, depth_.name());
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, samples > 1 ? samples : 0, GL_DEPTH_COMPONENT24, width,
                                     height);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, depth_.name());
  }
  if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
    throw Error("the OpenGL driver cannot draw into pictures of " + std::to_string(width) + "x" +
                std::to_string(height) + " floating-point pixels");
  }
}

void GlTarget::bind() const {
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_.name());
  glViewport(0, 0, width_, height_);
}

void GlTarget::copy(const GlTarget& other) const {
  bind();
  glBindFramebuffer(GL_READ_FRAMEBUFFER, other.framebuffer_.name());
  glReadBuffer(GL_COLOR_ATTACHMENT0);
  glBlitFramebuffer(0, 0, width_, height_, 0, 0, width_, height_, GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

void GlTarget::read(std::size_t index, const Region& region, GLenum format, GLenum type, void* pixels) const {
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_.name());
  glReadBuffer(GL_COLOR_ATTACHMENT0 + static_cast<GLenum>(index));
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(region.x, region.y, region.width, region.height, format, type, pixels);
}

}  // namespace tha4
