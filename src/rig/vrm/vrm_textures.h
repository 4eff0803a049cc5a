#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gltf_document.h"
#include <glm/vec3.hpp>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// Largest side of a texture that is read, and most pixels of all textures together.
inline constexpr int kMaxTextureSide = 8192;
inline constexpr std::int64_t kMaxTextureArea = std::int64_t{256} << 20;

/// Decodes the pictures of a document that materials ask for, each once.
class VrmTextures {
 public:
  explicit VrmTextures(const GltfDocument& document) : document_(document) {}

  /// Index in pictures() of the picture of glTF texture \p texture. \p is_opaque: with its alpha ignored, as
  /// opaque materials do; -1 where the texture has no picture, which notes() then says. Throws InputError
  /// when it is missing, damaged, of a kind that is not read, or too large.
  int add(int texture, bool is_opaque);

  /// The sampler of that texture, -1 for none.
  int sampler_of(int texture) const;

  /// Index in pictures() of the document's image \p image as it is.
  int add_image(int image) { return add_source(image, false); }

  /// Mean colour of that picture, weighted by alpha, in linear light.
  glm::vec3 mean_color(int picture) const;

  std::vector<RgbaImage> take() { return std::move(pictures_); }

  /// Sentences about textures that are drawn white.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  int add_source(int image, bool is_opaque);

  const GltfDocument& document_;
  std::map<std::pair<int, bool>, int> known_;
  std::vector<RgbaImage> pictures_;
  std::int64_t area_ = 0;
  std::vector<std::string> notes_;
};

/// Linear light of an sRGB colour, and back; the latter takes what is outside [0, 1] for its end.
glm::vec3 linear_of_srgb(const glm::vec3& color);
glm::vec3 srgb_of_linear(const glm::vec3& color);

}  // namespace tha4
