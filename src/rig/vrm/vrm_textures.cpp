#include "vrm_textures.h"

#include <algorithm>
#include <array>

#include <glm/common.hpp>

#include "tha4/base/error.h"
#include "tha4/image/image_io.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

const tinygltf::Texture& texture_of(const GltfDocument& document, int texture) {
  const auto& textures = document.model.textures;
  if (texture < 0 || static_cast<std::size_t>(texture) >= textures.size()) {
    document.fail("textures." + std::to_string(texture),
                  "is not there, but a material refers to it; the file is damaged: export it again");
  }
  return textures[static_cast<std::size_t>(texture)];
}

int source_of(const GltfDocument& document, int texture) {
  const tinygltf::Texture& found = texture_of(document, texture);
  const auto webp = found.extensions.find("EXT_texture_webp");
  if (webp != found.extensions.end() && webp->second.IsObject() && webp->second.Has("source")) {
    return webp->second.Get("source").GetNumberAsInt();
  }
  if (found.source < 0 && !found.extensions.empty()) {
    const std::string& extension = found.extensions.begin()->first;
    document.fail("textures." + std::to_string(texture),
                  "has its picture only by " + extension.substr(0, 80) +
                      ", which is not read; export the model with PNG, JPEG or WebP pictures");
  }
  return found.source;
}

void make_opaque(RgbaImage& image) {
  for (std::size_t i = 3; i < image.pixels.size(); i += 4) image.pixels[i] = 255;
}

}  // namespace

int VrmTextures::add(int texture, bool is_opaque) {
  const int source = source_of(document_, texture);
  if (source >= 0) return add_source(source, is_opaque);
  std::string note = "textures." + std::to_string(texture) + " has no picture and is drawn white.";
  if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(std::move(note));
  return -1;
}

int VrmTextures::sampler_of(int texture) const {
  return texture_of(document_, texture).sampler;
}

int VrmTextures::add_source(int image, bool is_opaque) {
  const auto [place, is_new] = known_.try_emplace({image, is_opaque}, static_cast<int>(pictures_.size()));
  if (!is_new) return place->second;
  const std::string name = document_.name + ": images." + std::to_string(image);
  std::string storage;
  const std::string_view bytes = gltf_image_bytes(document_, image, storage);
  RgbaImage picture = decode_image(bytes, name, {.largest_side = kMaxTextureSide, .as_stored = true});
  area_ += std::int64_t{picture.width} * picture.height;
  if (area_ > kMaxTextureArea) {
    throw InputError(document_.name + ": its textures have more than " +
                     std::to_string(kMaxTextureArea >> 20) + " megapixels in all; make them smaller");
  }
  if (is_opaque) make_opaque(picture);
  pictures_.push_back(std::move(picture));
  return place->second;
}

glm::vec3 VrmTextures::mean_color(int picture) const {
  const std::array<float, 256>& linear = linear_levels();
  const RgbaImage& image = pictures_[static_cast<std::size_t>(picture)];
  glm::dvec3 sum(0);
  double weight = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    const double alpha = image.pixels[i + 3];
    weight += alpha;
    for (int k = 0; k < 3; ++k) sum[k] += alpha * linear[image.pixels[i + static_cast<std::size_t>(k)]];
  }
  return weight > 0 ? glm::vec3(sum / weight) : glm::vec3(1);
}

glm::vec3 linear_of_srgb(const glm::vec3& color) {
  return glm::vec3(linear_of(color.x), linear_of(color.y), linear_of(color.z));
}

glm::vec3 srgb_of_linear(const glm::vec3& color) {
  const glm::vec3 within = glm::clamp(color, 0.0F, 1.0F);
  return glm::vec3(srgb_of(within.x), srgb_of(within.y), srgb_of(within.z));
}

}  // namespace tha4
