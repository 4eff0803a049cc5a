#include "tha4/metrics/lpips.h"

#include <array>
#include <string>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

struct NamedNet {
  LpipsNet net;
  std::string_view name;
  BackboneKind backbone;
};

constexpr std::array kNets = {NamedNet{LpipsNet::alex, "alex", BackboneKind::alexnet},
                              NamedNet{LpipsNet::squeeze, "squeeze", BackboneKind::squeezenet},
                              NamedNet{LpipsNet::vgg, "vgg", BackboneKind::vgg16}};

/// The features [N, C, H, W] of every pixel, scaled to length 1.
at::Tensor unit_features(const at::Tensor& features) {
  constexpr double kMinLength = 1e-10;
  return features / (features.square().sum(1, /*keepdim=*/true).sqrt() + kMinLength);
}

}  // namespace

LpipsNet parse_lpips_net(std::string_view text) {
  for (const NamedNet& net : kNets) {
    if (net.name == text) return net.net;
  }
  throw InputError("'" + std::string(text) + "' is no net of LPIPS; use alex, squeeze or vgg");
}

BackboneKind backbone_of(LpipsNet net) {
  return kNets[static_cast<std::size_t>(net)].backbone;
}

at::Tensor Lpips::distance(const at::Tensor& a, const at::Tensor& b) const {
  const auto features = [&](const at::Tensor& image) {
    return backbone_.features(imagenet_normalized(image.to(torch::kFloat32)), heads_.size());
  };
  const std::vector<at::Tensor> of_a = features(a), of_b = features(b);
  at::Tensor distance = torch::zeros({a.size(0)}, a.options().dtype(torch::kFloat64));
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    const at::Tensor difference = unit_features(of_a[i]) - unit_features(of_b[i]);
    const at::Tensor weighted = (difference.square() * heads_[i]).sum(1);
    distance = distance + weighted.flatten(1).mean(1, /*keepdim=*/false, torch::kFloat64);
  }
  return distance;
}

Lpips Lpips::to(c10::Device device) const {
  std::vector<at::Tensor> heads;
  for (const at::Tensor& head : heads_) heads.push_back(head.to(device));
  return {backbone_.to(device, torch::kFloat32), std::move(heads)};
}

Lpips load_lpips(LpipsNet net, const std::filesystem::path& backbone_file,
                 const std::filesystem::path& heads_file) {
  Backbone backbone = load_backbone(backbone_of(net), backbone_file);
  const StateDict state = read_weights(heads_file);
  std::vector<at::Tensor> heads;
  for (std::size_t i = 0; state.contains("lin" + std::to_string(i) + ".model.1.weight"); ++i) {
    heads.push_back(state["lin" + std::to_string(i) + ".model.1.weight"].to(torch::kFloat32));
  }
  if (heads.empty()) {
    throw InputError(heads_file.string() +
                     ": lin0.model.1.weight is missing: these are no heads of LPIPS 0.1");
  }
  if (backbone.layer_count() < heads.size()) {
    throw InputError(backbone_file.string() + ": has " + std::to_string(backbone.layer_count()) + " of the " +
                     std::to_string(heads.size()) + " layers that LPIPS compares; " +
                     where_to_get(backbone_of(net)));
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (heads[i].sizes() != at::IntArrayRef{1, backbone.channels(i), 1, 1}) {
      throw InputError(backbone_file.string() + ": layer " + std::to_string(i + 1) + " has " +
                       std::to_string(backbone.channels(i)) + " channels, which the heads of LPIPS in " +
                       heads_file.string() + " are not made for; " + where_to_get(backbone_of(net)));
    }
  }
  return {std::move(backbone), std::move(heads)};
}

}  // namespace tha4
