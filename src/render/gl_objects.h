#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <epoxy/gl.h>

#include "tha4/image/region.h"

// Owners of OpenGL objects. Each is made and destroyed while its context is current.

namespace tha4 {

/// Owns one name of a kind of objects, which Kind makes and deletes.
template <class Kind>
class GlObject {
 public:
  GlObject() : name_(Kind::make()) {}
  ~GlObject() {
    if (name_ != 0) Kind::destroy(name_);
  }
  GlObject(GlObject&& other) noexcept : name_(std::exchange(other.name_, 0)) {}
  GlObject& operator=(GlObject&& other) noexcept {
    std::swap(name_, other.name_);
    return *this;
  }
  GLuint name() const { return name_; }

 private:
  GLuint name_;
};

struct GlBufferKind {
  static GLuint make() {
    GLuint name = 0;
    glGenBuffers(1, &name);
    return name;
  }
  static void destroy(GLuint name) { glDeleteBuffers(1, &name); }
};
struct GlTextureKind {
  static GLuint make() {
    GLuint name = 0;
    glGenTextures(1, &name);
    return name;
  }
  static void destroy(GLuint name) { glDeleteTextures(1, &name); }
};
struct GlFramebufferKind {
  static GLuint make() {
    GLuint name = 0;
    glGenFramebuffers(1, &name);
    return name;
  }
  static void destroy(GLuint name) { glDeleteFramebuffers(1, &name); }
};
struct GlRenderbufferKind {
  static GLuint make() {
    GLuint name = 0;
    glGenRenderbuffers(1, &name);
    return name;
  }
  static void destroy(GLuint name) { glDeleteRenderbuffers(1, &name); }
};
struct GlVertexArrayKind {
  static GLuint make() {
    GLuint name = 0;
    glGenVertexArrays(1, &name);
    return name;
  }
  static void destroy(GLuint name) { glDeleteVertexArrays(1, &name); }
};
struct GlProgramKind {
  static GLuint make() { return glCreateProgram(); }
  static void destroy(GLuint name) { glDeleteProgram(name); }
};

using GlBuffer = GlObject<GlBufferKind>;
using GlTexture = GlObject<GlTextureKind>;
using GlFramebuffer = GlObject<GlFramebufferKind>;
using GlRenderbuffer = GlObject<GlRenderbufferKind>;
using GlVertexArray = GlObject<GlVertexArrayKind>;
using GlProgram = GlObject<GlProgramKind>;

/// Compiles and links a vertex and a fragment shader. Throws Error with the driver's message.
GlProgram make_program(const char* vertex_shader, const char* fragment_shader);

/// Throws Error, saying what takes less, where the driver has run out of memory.
void check_memory_of_driver();

/// Lets the sampler \p name of the program in use read \p texture, through the texture unit \p unit.
void use_texture(const GlProgram& program, const char* name, GLint unit, GLuint texture,
                 GLenum kind = GL_TEXTURE_2D);

/// A set of pictures of one size that are drawn into together. Their kinds are OpenGL's sized formats, such
/// as GL_RGBA16F. With more than one sample a pixel, the edges of triangles are resolved to samples.
class GlTarget {
 public:
  GlTarget(int width, int height, std::span<const GLenum> formats, int samples, bool has_depth);

  int width() const { return width_; }
  int height() const { return height_; }
  bool has_depth() const { return has_depth_; }
  /// Draws into all of its pictures from now on, and sets the viewport to them.
  void bind() const;
  /// Takes the pixels of picture 0 of \p other, which has its size.
  void copy(const GlTarget& other) const;
  GLuint texture(std::size_t index) const { return textures_[index].name(); }
  /// The pixels of a part of one picture, row for row, to \p pixels: memory, or a place in the buffer that is
  /// bound to GL_PIXEL_PACK_BUFFER. Leaves the target bound for reading.
  void read(std::size_t index, const Region& region, GLenum format, GLenum type, void* pixels) const;

 private:
  int width_;
  int height_;
  bool has_depth_;
  GlFramebuffer framebuffer_;
  std::vector<GlTexture> textures_;
  GlRenderbuffer depth_;
};

}  // namespace tha4
