#include "backbone_layers.h"

namespace tha4 {
namespace {

using Kind = BackboneStep::Kind;

BackboneStep convolution(int index, int kernel = 3, int stride = 1, int padding = 1) {
  return {Kind::convolution, index, kernel, stride, padding};
}

BackboneStep fire(int index) {
  return {Kind::fire, index};
}

BackboneStep pool(int kernel) {
  return {Kind::pool, 0, kernel, 2, 0};
}

}  // namespace

BackboneDescription backbone_description(BackboneKind kind) {
  switch (kind) {
    case BackboneKind::vgg16:
      return {kind,
              "VGG16",
              "vgg16-397923af.pth",
              false,
              {{convolution(0), convolution(2)},
               {pool(2), convolution(5), convolution(7)},
               {pool(2), convolution(10), convolution(12), convolution(14)},
               {pool(2), convolution(17), convolution(19), convolution(21)},
               {pool(2), convolution(24), convolution(26), convolution(28)}}};
    case BackboneKind::alexnet:
      return {kind,
              "AlexNet",
              "alexnet-owt-7be5be79.pth",
              false,
              {{convolution(0, 11, 4, 2)},
               {pool(3), convolution(3, 5, 1, 2)},
               {pool(3), convolution(6)},
               {convolution(8)},
               {convolution(10)}}};
    case BackboneKind::squeezenet:
      break;
  }
  return {BackboneKind::squeezenet,
          "SqueezeNet 1.1",
          "squeezenet1_1-b8a52dc0.pth",
          true,
          {{convolution(0, 3, 2, 0)},
           {pool(3), fire(3), fire(4)},
           {pool(3), fire(6), fire(7)},
           {pool(3), fire(9)},
           {fire(10)},
           {fire(11)},
           {fire(12)}}};
}

}  // namespace tha4
