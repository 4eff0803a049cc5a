#pragma once

namespace tha4::generator {

/// The stack of sheets that a generated character is made of, from the back to the front.
enum Layer : int {
  kLayerBackHair = 0,
  kLayerBackAccessory = 10,
  kLayerBody = 20,
  kLayerClothes = 30,
  kLayerNeck = 40,
  kLayerEars = 50,
  kLayerEyeWhite = 60,
  kLayerIris = 70,
  kLayerHead = 80,  ///< skin, with holes for the eyes and the mouth
  kLayerFaceLines = 90,
  kLayerEyeLashes = 100,
  kLayerSideHair = 110,
  kLayerFrontHair = 120,
  kLayerBrows = 130,  ///< seen through the hair
  kLayerGlasses = 140,
  kLayerFrontAccessory = 150,
  kLayerRaisedArms = 160,
};

}  // namespace tha4::generator
