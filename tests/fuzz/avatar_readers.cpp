#include <stdexcept>

#include "reader_lists.h"
#include "rig/vrm_fixture.h"

#include "tha4/base/error.h"
#include "tha4/rig/vrm.h"

namespace tha4::fuzz {
namespace {

using test::BoxAvatar;

/// What was read must be as sound as all that draws a rig takes it to be.
void check_sound(const Rig& rig) {
  try {
    check_rig(rig, "the rig");
  } catch (const InputError& error) {
    throw std::logic_error(std::string("a rig that is not sound was read: ") + error.what());
  }
}

void read_avatar(const std::string& bytes) {
  const auto file = scratch_file("avatar.vrm", bytes);
  check_sound(import_vrm(file).rig);
  read_vrm_meta(file);
}

BoxAvatar avatar(bool is_version_0) {
  BoxAvatar boxes(is_version_0);
  RgbaImage picture(2, 2);
  picture.pixels.assign(16, 200);
  boxes.add_textured_material(boxes.head_mesh, picture, {{"name", "skin"}, {"alphaMode", "MASK"}});
  return boxes;
}

/// With what tells one reader from another: expressions, texture transforms, strips, colours of vertices.
BoxAvatar rich_avatar(bool is_version_0) {
  using nlohmann::json;
  BoxAvatar boxes = avatar(is_version_0);
  json& face = boxes.primitive(boxes.head_mesh);
  face["attributes"]["COLOR_0"] = boxes.file.add_vec4(std::vector<float>(32, 0.5F));
  json& material = boxes.file.content["materials"][0];
  material["extensions"]["KHR_materials_unlit"] = json::object();
  material["pbrMetallicRoughness"]["baseColorTexture"]["extensions"]["KHR_texture_transform"] = {
      {"offset", {0.1, 0.2}}, {"rotation", 0.5}, {"scale", {2, 2}}};
  boxes.file.content["samplers"] = json::array({{{"wrapS", 33648}, {"wrapT", 33071}}});
  boxes.file.content["textures"][0]["sampler"] = 0;
  boxes.primitive(1)["mode"] = 5;
  if (is_version_0) {
    boxes.vrm()["blendShapeMaster"]["blendShapeGroups"] =
        json::array({{{"presetName", "a"},
                      {"name", "A"},
                      {"binds", json::array({{{"mesh", boxes.head_mesh}, {"index", 2}, {"weight", 100}}})}}});
    boxes.vrm()["materialProperties"] =
        json::array({{{"name", "skin"},
                      {"shader", "VRM/MToon"},
                      {"floatProperties", {{"_BlendMode", 2}, {"_CullMode", 0}}}}});
  } else {
    boxes.vrm()["expressions"]["preset"]["aa"] = {
        {"morphTargetBinds",
         json::array({{{"node", boxes.file.content["nodes"].size() - 4}, {"index", 2}, {"weight", 1}}})}};
    boxes.vrm()["firstPerson"]["meshAnnotations"] =
        json::array({{{"node", boxes.file.content["nodes"].size() - 1}, {"type", "both"}}});
    boxes.vrm()["lookAt"] = {{"type", "bone"},
                             {"rangeMapHorizontalInner", {{"inputMaxValue", 90}, {"outputScale", 10}}}};
    const auto hand = static_cast<std::size_t>(boxes.bone("rightHand"));
    boxes.file.content["nodes"][hand]["extensions"]["VRMC_node_constraint"]["constraint"]["aim"] = {
        {"source", boxes.bone("leftHand")}, {"aimAxis", "NegativeY"}};
    material["extensions"]["VRMC_materials_mtoon"] = {{"specVersion", "1.0"}, {"renderQueueOffsetNumber", 1}};
  }
  return boxes;
}

/// As write_vrm() writes it, with all that it keeps in the file's extras.
std::string written_avatar() {
  const Rig rig = read_vrm(scratch_file("avatar.vrm", avatar(false).file.bytes()));
  const auto file = scratch_file("written.vrm", "");
  write_vrm(rig, file);
  return read_text_file(file);
}

std::vector<std::string> avatar_seeds() {
  return {BoxAvatar(false).file.bytes(), BoxAvatar(true).file.bytes(), rich_avatar(false).file.bytes(),
          rich_avatar(true).file.bytes(), written_avatar()};
}

/// The text of a glTF file, with the binary part of an avatar as it should be.
void read_avatar_text(const std::string& bytes) {
  static const std::string binary = rich_avatar(false).file.binary;
  read_avatar(test::glb_file(bytes, binary));
}

std::vector<std::string> avatar_text_seeds() {
  test::GltfFile file = rich_avatar(false).file;
  file.content["buffers"] = nlohmann::json::array({{{"byteLength", file.binary.size()}}});
  return {file.content.dump()};
}

void read_parameters(const std::string& bytes) {
  static const std::string boxes = avatar(false).file.bytes();
  check_sound(import_vrm(scratch_file("plain.vrm", boxes), scratch_file("parameters.json", bytes)).rig);
}

std::vector<std::string> parameter_seeds() {
  return {
      R"({"parameters": {"eye_wink": [{"Fcl_EYE_Close_{S}": 1}], "mouth_aaa": [{"Fcl_MTH_A": 0.5, "expression:aa": 1}],
 "head_x": {"positive": [{"Fcl_BRW_Angry": 1}], "negative": []}, "iris_rotation_y": {"negative": [{"Fcl_MTH_A": 1}]}},
 "limits": [["mouth_aaa", "mouth_iii"]], "gaze": {"sideways": 0.1, "vertical": 0.1},
 "expressions": {"aa": {"mouth_aaa": 1}}})"};
}

}  // namespace

std::vector<FileReader> avatar_readers() {
  return {{"avatar", read_avatar, avatar_seeds},
          {"avatar_text", read_avatar_text, avatar_text_seeds},
          {"avatar_parameters", read_parameters, parameter_seeds}};
}

}  // namespace tha4::fuzz
