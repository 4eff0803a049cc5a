#include "choice_lists.h"

#include "accessories.h"
#include "arm_gestures.h"
#include "clothes.h"
#include "clothes_patterns.h"
#include "eye_shape.h"
#include "face_parts.h"
#include "hair.h"
#include "held_things.h"
#include "mouth_shape.h"

namespace tha4::generator {

const std::vector<ChoiceList>& choice_lists() {
  static const std::vector<ChoiceList> lists = {
      {front_hair_styles().names(),
       {"/parts/feminine/front_hair", "/parts/masculine/front_hair", "/grown_front_hair"}},
      {side_hair_styles().names(), {"/parts/feminine/side_hair", "/parts/masculine/side_hair"}},
      {back_hair_styles().names(), {"/parts/feminine/back_hair", "/parts/masculine/back_hair"}},
      {ahoge_kinds(), {"/ahoge"}},
      {hair_color_schemes(), {"/hair_color_schemes"}},
      {clothes_styles().names(), {"/parts/feminine/clothes", "/parts/masculine/clothes"}},
      {clothes_patterns().names(), {"/clothes_patterns"}},
      {arm_gestures().names(), {"/gestures"}},
      {held_things().names(), {"/held_things"}},
      {headwear().names(), {"/headwear"}},
      {glasses().names(), {"/accessories/glasses"}},
      {head_accessories().names(), {"/accessories/head"}},
      {hair_accessories().names(), {"/accessories/hair"}},
      {neckwear().names(), {"/accessories/neck"}},
      {face_shapes(), {"/face/shapes"}},
      {eye_shapes(), {"/face/eye_shapes/feminine", "/face/eye_shapes/masculine"}},
      {lid_kinds().names(), {"/face/lid_kinds"}},
      {eye_whites(), {"/face/eye_whites"}},
      {iris_patterns(), {"/face/iris_patterns"}},
      {highlights(), {"/face/highlights"}},
      {brow_shapes(), {"/face/brow_shapes"}},
      {blush_kinds(), {"/face/blush_kinds"}},
      {mouth_kinds(), {"/face/mouth_kinds"}},
      {mouth_insides(), {"/face/mouth_insides"}},
      {rest_mouths(), {"/rest_mouths"}},
      {noses(), {"/face/nose_kinds"}},
      {face_marks(), {"/face/marks"}},
  };
  return lists;
}

}  // namespace tha4::generator
