#include "other_names.h"

#include <array>

namespace tha4 {
namespace {

struct OtherName {
  std::string_view name;
  std::string_view system;
  std::string_view ours;  ///< empty where nothing here is like it
};

/// What trackers and other models call about the same. Sides are the character's own there, too.
constexpr std::array kOtherNames = {
    OtherName{"jawOpen", "ARKit", "mouth_aaa"},
    OtherName{"browInnerUp", "ARKit", "eyebrow_troubled_left and eyebrow_troubled_right"},
    OtherName{"mouthPucker", "ARKit", "mouth_uuu"},
    OtherName{"mouthFunnel", "ARKit", "mouth_ooo"},
    OtherName{"eyeBlinkLeft", "ARKit", "eye_wink_left"},
    OtherName{"eyeWideLeft", "ARKit", "eye_surprised_left"},
    OtherName{"eyeSquintLeft", "ARKit", "eye_raised_lower_eyelid_left"},
    OtherName{"browDownLeft", "ARKit", "eyebrow_angry_left"},
    OtherName{"browOuterUpLeft", "ARKit", "eyebrow_raised_left"},
    OtherName{"mouthSmileLeft", "ARKit", "mouth_raised_corner_left"},
    OtherName{"mouthFrownLeft", "ARKit", "mouth_lowered_corner_left"},
    OtherName{"cheekSquintLeft", "ARKit", "eye_raised_lower_eyelid_left"},
    OtherName{"eyeLookUpLeft", "ARKit", "iris_rotation_x above 0"},
    OtherName{"eyeLookDownLeft", "ARKit", "iris_rotation_x below 0"},
    OtherName{"eyeBlinkRight", "ARKit", "eye_wink_right"},
    OtherName{"eyeWideRight", "ARKit", "eye_surprised_right"},
    OtherName{"eyeSquintRight", "ARKit", "eye_raised_lower_eyelid_right"},
    OtherName{"browDownRight", "ARKit", "eyebrow_angry_right"},
    OtherName{"browOuterUpRight", "ARKit", "eyebrow_raised_right"},
    OtherName{"mouthSmileRight", "ARKit", "mouth_raised_corner_right"},
    OtherName{"mouthFrownRight", "ARKit", "mouth_lowered_corner_right"},
    OtherName{"cheekSquintRight", "ARKit", "eye_raised_lower_eyelid_right"},
    OtherName{"eyeLookUpRight", "ARKit", "iris_rotation_x above 0"},
    OtherName{"eyeLookDownRight", "ARKit", "iris_rotation_x below 0"},
    OtherName{"eyeLookInLeft", "ARKit", "iris_rotation_y above 0"},
    OtherName{"eyeLookOutRight", "ARKit", "iris_rotation_y above 0"},
    OtherName{"eyeLookOutLeft", "ARKit", "iris_rotation_y below 0"},
    OtherName{"eyeLookInRight", "ARKit", "iris_rotation_y below 0"},
    OtherName{"mouthClose", "ARKit", ""},
    OtherName{"mouthLeft", "ARKit", ""},
    OtherName{"mouthRight", "ARKit", ""},
    OtherName{"mouthRollLower", "ARKit", ""},
    OtherName{"mouthRollUpper", "ARKit", ""},
    OtherName{"mouthShrugLower", "ARKit", ""},
    OtherName{"mouthShrugUpper", "ARKit", ""},
    OtherName{"mouthDimpleLeft", "ARKit", ""},
    OtherName{"mouthDimpleRight", "ARKit", ""},
    OtherName{"mouthStretchLeft", "ARKit", ""},
    OtherName{"mouthStretchRight", "ARKit", ""},
    OtherName{"mouthPressLeft", "ARKit", ""},
    OtherName{"mouthPressRight", "ARKit", ""},
    OtherName{"mouthLowerDownLeft", "ARKit", ""},
    OtherName{"mouthLowerDownRight", "ARKit", ""},
    OtherName{"mouthUpperUpLeft", "ARKit", ""},
    OtherName{"mouthUpperUpRight", "ARKit", ""},
    OtherName{"jawForward", "ARKit", ""},
    OtherName{"jawLeft", "ARKit", ""},
    OtherName{"jawRight", "ARKit", ""},
    OtherName{"cheekPuff", "ARKit", ""},
    OtherName{"noseSneerLeft", "ARKit", ""},
    OtherName{"noseSneerRight", "ARKit", ""},
    OtherName{"tongueOut", "ARKit", ""},
    OtherName{"_neutral", "ARKit", ""},
    OtherName{"EyeClosedLeft", "VRCFaceTracking", "eye_wink_left"},
    OtherName{"EyeClosedRight", "VRCFaceTracking", "eye_wink_right"},
    OtherName{"browInnerUpLeft", "VRCFaceTracking", "eyebrow_troubled_left"},
    OtherName{"browInnerUpRight", "VRCFaceTracking", "eyebrow_troubled_right"},
    OtherName{"lipPucker", "VRCFaceTracking", "mouth_uuu"},
    OtherName{"lipFunnel", "VRCFaceTracking", "mouth_ooo"},
    OtherName{"headPitch", "trackers", "head_x"},
    OtherName{"headYaw", "trackers", "head_y"},
    OtherName{"headRoll", "trackers", "neck_z"},
    OtherName{"pitch", "trackers", "head_x"},
    OtherName{"yaw", "trackers", "head_y"},
    OtherName{"roll", "trackers", "neck_z"},
    OtherName{"aa", "VRM", "mouth_aaa"},
    OtherName{"ih", "VRM", "mouth_iii"},
    OtherName{"ou", "VRM", "mouth_uuu"},
    OtherName{"ee", "VRM", "mouth_eee"},
    OtherName{"oh", "VRM", "mouth_ooo"},
    OtherName{"A", "VRM", "mouth_aaa"},
    OtherName{"I", "VRM", "mouth_iii"},
    OtherName{"U", "VRM", "mouth_uuu"},
    OtherName{"E", "VRM", "mouth_eee"},
    OtherName{"O", "VRM", "mouth_ooo"},
    OtherName{"blinkLeft", "VRM", "eye_wink_left"},
    OtherName{"blinkRight", "VRM", "eye_wink_right"},
    OtherName{"blink", "VRM", "eye_wink_left and eye_wink_right"},
    OtherName{"happy", "VRM",
              "eye_happy_wink_left and eye_happy_wink_right with mouth_raised_corner_left and "
              "mouth_raised_corner_right"},
    OtherName{"joy", "VRM",
              "eye_happy_wink_left and eye_happy_wink_right with mouth_raised_corner_left and "
              "mouth_raised_corner_right"},
    OtherName{"angry", "VRM", "eyebrow_angry_left and eyebrow_angry_right"},
    OtherName{"sad", "VRM", "eyebrow_troubled_left and eyebrow_troubled_right"},
    OtherName{"sorrow", "VRM", "eyebrow_troubled_left and eyebrow_troubled_right"},
    OtherName{"relaxed", "VRM", "eye_relaxed_left and eye_relaxed_right"},
    OtherName{"fun", "VRM", "eye_relaxed_left and eye_relaxed_right"},
    OtherName{"surprised", "VRM", "eye_surprised_left and eye_surprised_right"},
    OtherName{"lookUp", "VRM", "iris_rotation_x above 0"},
    OtherName{"lookDown", "VRM", "iris_rotation_x below 0"},
    OtherName{"lookLeft", "VRM", "iris_rotation_y below 0"},
    OtherName{"lookRight", "VRM", "iris_rotation_y above 0"},
    OtherName{"ParamAngleX", "Live2D", "head_y"},
    OtherName{"ParamAngleY", "Live2D", "head_x"},
    OtherName{"ParamAngleZ", "Live2D", "neck_z"},
    OtherName{"ParamBodyAngleX", "Live2D", "body_y"},
    OtherName{"ParamBodyAngleY", "Live2D", ""},
    OtherName{"ParamBodyAngleZ", "Live2D", "body_z"},
    OtherName{"ParamMouthOpenY", "Live2D", "mouth_aaa"},
    OtherName{"ParamMouthForm", "Live2D",
              "mouth_raised_corner_left and mouth_raised_corner_right, and below 0 mouth_lowered_corner_left "
              "and mouth_lowered_corner_right"},
    OtherName{"ParamBreath", "Live2D", "breathing"},
    OtherName{"ParamEyeLOpen", "Live2D", "1 less eye_wink_left"},
    OtherName{"ParamEyeROpen", "Live2D", "1 less eye_wink_right"},
    OtherName{"ParamEyeLSmile", "Live2D", "eye_happy_wink_left"},
    OtherName{"ParamEyeRSmile", "Live2D", "eye_happy_wink_right"},
    OtherName{"ParamEyeBallX", "Live2D", "iris_rotation_y"},
    OtherName{"ParamEyeBallY", "Live2D", "iris_rotation_x"},
    OtherName{"ParamBrowLY", "Live2D", "eyebrow_raised_left, and below 0 eyebrow_lowered_left"},
    OtherName{"ParamBrowRY", "Live2D", "eyebrow_raised_right, and below 0 eyebrow_lowered_right"},
    OtherName{"ParamBrowLAngle", "Live2D", "eyebrow_angry_left"},
    OtherName{"ParamBrowRAngle", "Live2D", "eyebrow_angry_right"},
    OtherName{"FaceAngleX", "VTube Studio", "head_y"},
    OtherName{"FaceAngleY", "VTube Studio", "head_x"},
    OtherName{"FaceAngleZ", "VTube Studio", "neck_z"},
    OtherName{"MouthOpen", "VTube Studio", "mouth_aaa"},
    OtherName{"MouthSmile", "VTube Studio", "mouth_raised_corner_left and mouth_raised_corner_right"},
    OtherName{"EyeOpenLeft", "VTube Studio", "1 less eye_wink_left"},
    OtherName{"EyeOpenRight", "VTube Studio", "1 less eye_wink_right"},
    OtherName{"EyeLeftX", "VTube Studio", "iris_rotation_y"},
    OtherName{"EyeRightX", "VTube Studio", "iris_rotation_y"},
    OtherName{"EyeLeftY", "VTube Studio", "iris_rotation_x"},
    OtherName{"EyeRightY", "VTube Studio", "iris_rotation_x"},
    OtherName{"Brows", "VTube Studio", "eyebrow_raised_left and eyebrow_raised_right"},
    OtherName{"BrowLeftY", "VTube Studio", "eyebrow_raised_left"},
    OtherName{"BrowRightY", "VTube Studio", "eyebrow_raised_right"},
    OtherName{"FacePositionX", "VTube Studio", ""},
    OtherName{"FacePositionY", "VTube Studio", ""},
    OtherName{"FacePositionZ", "VTube Studio", ""},
    OtherName{"BodyAngleX", "VTube Studio", "body_y"},
    OtherName{"BodyAngleZ", "VTube Studio", "body_z"},
    OtherName{"MouthX", "VTube Studio", ""},
    OtherName{"あ", "MikuMikuDance", "mouth_aaa"},
    OtherName{"い", "MikuMikuDance", "mouth_iii"},
    OtherName{"う", "MikuMikuDance", "mouth_uuu"},
    OtherName{"え", "MikuMikuDance", "mouth_eee"},
    OtherName{"お", "MikuMikuDance", "mouth_ooo"},
    OtherName{"▲", "MikuMikuDance", "mouth_delta"},
    OtherName{"まばたき", "MikuMikuDance", "eye_wink_left and eye_wink_right"},
    OtherName{"笑い", "MikuMikuDance", "eye_happy_wink_left and eye_happy_wink_right"},
    OtherName{"ウィンク", "MikuMikuDance", "eye_happy_wink_left"},
    OtherName{"ウィンク右", "MikuMikuDance", "eye_happy_wink_right"},
    OtherName{"ウィンク２", "MikuMikuDance", "eye_wink_left"},
    OtherName{"ウィンク２右", "MikuMikuDance", "eye_wink_right"},
    OtherName{"ｳｨﾝｸ２右", "MikuMikuDance", "eye_wink_right"},
    OtherName{"びっくり", "MikuMikuDance", "eye_surprised_left and eye_surprised_right"},
    OtherName{"じと目", "MikuMikuDance", "eye_unimpressed_left and eye_unimpressed_right"},
    OtherName{"なごみ", "MikuMikuDance", "eye_relaxed_left and eye_relaxed_right"},
    OtherName{"困る", "MikuMikuDance", "eyebrow_troubled_left and eyebrow_troubled_right"},
    OtherName{"怒り", "MikuMikuDance", "eyebrow_angry_left and eyebrow_angry_right"},
    OtherName{"にこり", "MikuMikuDance", "eyebrow_happy_left and eyebrow_happy_right"},
    OtherName{"真面目", "MikuMikuDance", "eyebrow_serious_left and eyebrow_serious_right"},
    OtherName{"上", "MikuMikuDance", "eyebrow_raised_left and eyebrow_raised_right"},
    OtherName{"下", "MikuMikuDance", "eyebrow_lowered_left and eyebrow_lowered_right"},
    OtherName{"瞳小", "MikuMikuDance", "iris_small_left and iris_small_right"},
    OtherName{"口角上げ", "MikuMikuDance", "mouth_raised_corner_left and mouth_raised_corner_right"},
    OtherName{"口角下げ", "MikuMikuDance", "mouth_lowered_corner_left and mouth_lowered_corner_right"},
    OtherName{"にやり", "MikuMikuDance", "mouth_smirk"}};

/// Columns of tables of poses that are none of the pose.
constexpr std::array<std::string_view, 8> kTimes = {"time",  "times",   "timestamp", "seconds",
                                                    "frame", "frameno", "index",     "id"};

/// Small letters, without what stands between words.
std::string common_spelling(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != '_' && c != ' ' && c != '-' && c != '.')
      result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

/// \p name with its side in full: some write ARKit's as _L and _R, or as L and R behind a small letter.
std::string with_side(std::string_view name) {
  std::string spelt(name);
  if (name.size() < 3) return spelt;
  const char last = name.back(), before = name[name.size() - 2];
  const bool is_word = before == '_' || before == ' ' || before == '.' || (before >= 'a' && before <= 'z');
  const bool is_side = is_word && (last == 'L' || last == 'R');
  if (is_side) spelt.replace(spelt.size() - 1, 1, last == 'L' ? "Left" : "Right");
  return spelt;
}

}  // namespace

std::string hint_for_other_name(std::string_view name) {
  for (const std::string& spelt : {common_spelling(with_side(name)), common_spelling(name)}) {
    for (const OtherName& other : kOtherNames) {
      if (common_spelling(other.name) != spelt) continue;
      const std::string of = "; it is a name of " + std::string(other.system);
      if (other.ours.empty()) return of + ", for which there is nothing here; leave it out";
      return of + ", which here is about " + std::string(other.ours);
    }
    for (const std::string_view time : kTimes) {
      if (time == spelt) return "; poses follow each other evenly and have no times or numbers: leave it out";
    }
  }
  return {};
}

}  // namespace tha4
