#include <cmath>
#include <fstream>
#include <limits>
#include <random>

#include "hand_made_rig.h"
#include "input_error_message.h"
#include "mesh_totals.h"
#include "vrm_fixture.h"

#include "tha4/rig/vrm.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using test::BoxAvatar;
using test::json;

fs::path file_of(const std::string& bytes) {
  const fs::path folder = fs::path(testing::TempDir()) / "tha4_vrm";
  fs::create_directories(folder);
  std::ofstream(folder / "damaged.vrm", std::ios::binary) << bytes;
  return folder / "damaged.vrm";
}

std::string error_of(const std::string& bytes) {
  const fs::path file = file_of(bytes);
  return input_error_message([&] { read_vrm(file); });
}

std::string error_of(const BoxAvatar& avatar) {
  return error_of(avatar.file.bytes());
}

/// The message names the file, the part and says what to do.
void expect_message(const std::string& message, std::initializer_list<const char*> parts) {
  EXPECT_NE(message.find("damaged.vrm"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  for (const char* part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks " << part;
}

json& accessor_of(BoxAvatar& avatar, const char* attribute) {
  const json& attributes = avatar.primitive(avatar.head_mesh)["attributes"];
  return avatar.file.content["accessors"][attributes[attribute].get<std::size_t>()];
}

json& view_of(BoxAvatar& avatar, const char* attribute) {
  return avatar.file.content["bufferViews"][accessor_of(avatar, attribute)["bufferView"].get<std::size_t>()];
}

TEST(DamagedVrm, SomethingElseIsNamed) {
  expect_message(error_of("PK\x03\x04 and so on, long enough to be a header"), {"archive (zip)", "unpack"});
  expect_message(error_of("  <!DOCTYPE html><html>Not found</html>"), {"web page", "download"});
  expect_message(error_of("{\"asset\": {\"version\": \"2.0\"}}"), {"glTF as text", "export"});
  expect_message(error_of("something"), {"not a VRM file"});
  expect_message(error_of(""), {"not a VRM file"});
  const std::string message = input_error_message([] { read_vrm("no/such/avatar.vrm"); });
  EXPECT_NE(message.find("no/such/avatar.vrm"), std::string::npos) << message;
}

TEST(DamagedVrm, ContainerIsChecked) {
  std::string bytes = BoxAvatar().file.bytes();
  expect_message(error_of(bytes.substr(0, bytes.size() - 100)), {"cut off"});
  expect_message(error_of(bytes.substr(0, 15)), {"cut off"});
  std::string old = bytes;
  old[4] = 1;
  expect_message(error_of(old), {"version 1", "export"});
  std::string chunk = bytes;
  chunk[14] = 0x7F;
  expect_message(error_of(chunk), {"chunk at byte 12", "damaged"});
  std::string order = bytes;
  order.replace(16, 4, std::string("BIN\0", 4));
  expect_message(error_of(order), {"JSON chunk"});
  expect_message(error_of(test::glb_file("{\"asset\": ", "abcd")), {"JSON is not valid"});
  expect_message(error_of(test::glb_file("[1]", "abcd")), {"not an object"});
  expect_message(error_of(test::glb_file("{\"extras\": 1e999}", "abcd")), {"JSON is not valid"});
  const std::string deep = "{\"extras\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  expect_message(error_of(test::glb_file(deep, "abcd")), {"nested"});
}

TEST(DamagedVrm, OtherFilesAreNeverRead) {
  for (const char* uri : {"../secret.bin", "/etc/passwd", "textures/skin.png", "https://example.org/a.bin",
                          "file:///etc/passwd", "..%2Fsecret.bin"}) {
    BoxAvatar avatar;
    avatar.file.content["buffers"] = {{{"byteLength", 16}, {"uri", uri}}};
    expect_message(error_of(avatar), {"buffers.0.uri", "external reference", uri, "one .vrm file"});
    BoxAvatar painted;
    painted.file.content["images"] = {{{"uri", uri}}};
    expect_message(error_of(painted), {"images.0.uri", "external reference", uri});
  }
}

TEST(DamagedVrm, BuffersAndViewsAreChecked) {
  BoxAvatar view;
  view_of(view, "POSITION")["byteLength"] = 1'000'000'000;
  expect_message(error_of(view), {"bufferViews.", "beyond its buffer", "export it again"});
  BoxAvatar overflow;
  view_of(overflow, "POSITION")["byteOffset"] = std::numeric_limits<std::uint64_t>::max() - 8;
  expect_message(error_of(overflow), {"bufferViews.", "beyond its buffer"});
  BoxAvatar missing;
  view_of(missing, "POSITION")["buffer"] = 7;
  expect_message(error_of(missing), {"bufferViews.", "buffer 7"});
  BoxAvatar longer;
  longer.file.content["buffers"] = {{{"byteLength", 100'000'000}}};
  expect_message(error_of(longer), {"not valid glTF"});
  BoxAvatar second;
  second.file.content["buffers"] = {{{"byteLength", second.file.binary.size()}}, {{"byteLength", 4}}};
  expect_message(error_of(second), {"buffers.1.uri"});
}

TEST(DamagedVrm, AccessorsAreChecked) {
  BoxAvatar beyond;
  accessor_of(beyond, "POSITION")["count"] = 9;
  expect_message(error_of(beyond), {"meshes.0.primitives.0.POSITION", "beyond its buffer view"});
  BoxAvatar shifted;
  accessor_of(shifted, "POSITION")["byteOffset"] = std::numeric_limits<std::uint64_t>::max() - 3;
  expect_message(error_of(shifted), {"POSITION", "beyond its buffer view"});
  BoxAvatar huge;
  accessor_of(huge, "POSITION")["count"] = 4'000'000'000;
  expect_message(error_of(huge), {"POSITION", "4000000000", "simplify"});
  BoxAvatar negative;
  accessor_of(negative, "POSITION")["count"] = -1;
  expect_message(error_of(negative), {"damaged.vrm"});
  BoxAvatar type;
  accessor_of(type, "POSITION")["type"] = "VEC2";
  expect_message(error_of(type), {"POSITION", "type"});
  BoxAvatar absent;
  absent.primitive(0)["attributes"]["POSITION"] = 999;
  expect_message(error_of(absent), {"POSITION", "accessor 999"});
  BoxAvatar joints;
  accessor_of(joints, "JOINTS_0").erase("bufferView");
  expect_message(error_of(joints), {"JOINTS_0", "no buffer view"});
  BoxAvatar indices;
  indices.file.content["accessors"][indices.primitive(0)["indices"].get<std::size_t>()].erase("bufferView");
  // Earlier versions of tinygltf find this themselves, in words of their own.
  expect_message(error_of(indices), {"buffer", "export it again"});
  BoxAvatar shorter;
  accessor_of(shorter, "NORMAL")["count"] = 7;
  expect_message(error_of(shorter), {"NORMAL", "7 elements for 8 vertices"});
}

TEST(DamagedVrm, SparseEntriesAreChecked) {
  BoxAvatar avatar;
  const std::size_t target = avatar.primitive(0)["targets"][2]["POSITION"];
  json& sparse = avatar.file.content["accessors"][target]["sparse"];
  const std::size_t view = sparse["indices"]["bufferView"];
  const std::size_t offset = avatar.file.content["bufferViews"][view]["byteOffset"];
  BoxAvatar beyond = avatar;
  beyond.file.binary[offset] = 8;
  expect_message(error_of(beyond), {"targets.2", "beyond its 8 elements"});
  sparse["count"] = 9;
  expect_message(error_of(avatar), {"targets.2", "sparse"});
  sparse["count"] = 8;
  expect_message(error_of(avatar), {"targets.2", "beyond its buffer view"});
}

TEST(DamagedVrm, IndicesAreChecked) {
  BoxAvatar vertex;
  const std::size_t indices = vertex.primitive(0)["indices"];
  const std::size_t view = vertex.file.content["accessors"][indices]["bufferView"];
  vertex.file.binary[vertex.file.content["bufferViews"][view]["byteOffset"].get<std::size_t>()] = 8;
  expect_message(error_of(vertex), {"meshes.0.primitives.0.indices", "vertex 8 of 8"});
  BoxAvatar joint;
  joint.file.binary[view_of(joint, "JOINTS_0")["byteOffset"].get<std::size_t>()] = 99;
  expect_message(error_of(joint), {"JOINTS_0", "joint 99"});
  BoxAvatar skin;
  skin.file.content["skins"][0]["joints"][3] = 500;
  expect_message(error_of(skin), {"skins.0", "joint 500"});
  BoxAvatar mesh;
  mesh.file.content["nodes"].back()["mesh"] = 50;
  expect_message(error_of(mesh), {"nodes.", "mesh 50"});
  BoxAvatar material;
  material.primitive(0)["material"] = 3;
  expect_message(error_of(material), {"materials.3"});
  BoxAvatar targets;
  targets.primitive(0)["targets"][0]["POSITION"] = targets.primitive(0)["indices"];
  expect_message(error_of(targets), {"targets.0"});
}

TEST(DamagedVrm, NumbersMustBeFinite) {
  for (const float value : {std::nanf(""), std::numeric_limits<float>::infinity(), 1e30F}) {
    BoxAvatar avatar;
    std::memcpy(avatar.file.binary.data() + view_of(avatar, "POSITION")["byteOffset"].get<std::size_t>(),
                &value, 4);
    expect_message(error_of(avatar), {"POSITION"});
  }
  BoxAvatar node;
  node.file.content["nodes"][2]["scale"] = {1e300, 1, 1};
  expect_message(error_of(node), {"nodes.2", "not finite"});
}

TEST(DamagedVrm, NodesFormATree) {
  BoxAvatar circle;
  circle.file.content["nodes"][4]["children"].push_back(0);
  expect_message(error_of(circle), {"nodes", "circle"});
  BoxAvatar twice;
  twice.file.content["nodes"][0]["children"].push_back(4);
  expect_message(error_of(twice), {"nodes.4", "two nodes"});
  BoxAvatar absent;
  absent.file.content["nodes"][0]["children"].push_back(1000);
  expect_message(error_of(absent), {"nodes.0", "1000"});
  BoxAvatar rotation;
  rotation.file.content["nodes"][1]["rotation"] = {0, 0, 0};
  expect_message(error_of(rotation), {"nodes.1", "wrong length"});
}

TEST(DamagedVrm, ExtensionIsChecked) {
  for (const bool is_version_0 : {false, true}) {
    BoxAvatar headless(is_version_0);
    json& bones = headless.vrm()["humanoid"]["humanBones"];
    if (is_version_0) {
      bones.erase(4);
    } else {
      bones.erase("head");
    }
    expect_message(error_of(headless), {"humanoid", "'head'", "assign it"});
    BoxAvatar astray(is_version_0);
    if (is_version_0) {
      astray.vrm()["humanoid"]["humanBones"][4]["node"] = 777;
    } else {
      astray.vrm()["humanoid"]["humanBones"]["head"]["node"] = 777;
    }
    expect_message(error_of(astray), {"humanBones", "777"});
    BoxAvatar double_node(is_version_0);
    if (is_version_0) {
      double_node.vrm()["humanoid"]["humanBones"][4]["node"] = 0;
    } else {
      double_node.vrm()["humanoid"]["humanBones"]["head"]["node"] = 0;
    }
    expect_message(error_of(double_node), {"humanoid", "'hips' and 'head' on one node", "assign each"});
    BoxAvatar text(is_version_0);
    text.vrm()["humanoid"] = "none";
    expect_message(error_of(text), {"humanoid"});
  }
  BoxAvatar plain;
  plain.file.content.erase("extensions");
  expect_message(error_of(plain), {"without the extension of VRM", "export it as VRM"});
  BoxAvatar packed;
  packed.file.content["extensionsRequired"] = {"KHR_draco_mesh_compression"};
  expect_message(error_of(packed), {"KHR_draco_mesh_compression", "without compression"});
}

TEST(DamagedVrm, CompressionIsNamedThoughTheFileDoesNotAskForIt) {
  BoxAvatar draco;
  json& primitive = draco.primitive(0);
  primitive["extensions"]["KHR_draco_mesh_compression"] = {{"bufferView", 0}};
  draco.file.content["extensionsUsed"] = {"KHR_draco_mesh_compression"};
  EXPECT_NO_THROW(read_vrm(draco.write("with_fallback.vrm"))) << "what is also there plainly is read";
  const std::size_t positions = primitive["attributes"]["POSITION"];
  draco.file.content["accessors"][positions].erase("bufferView");
  expect_message(error_of(draco), {"meshes.0.primitives.0", "Draco", "without compression"});
  BoxAvatar meshopt;
  meshopt.file.content["bufferViews"][0]["extensions"]["EXT_meshopt_compression"] = {{"buffer", 0}};
  expect_message(error_of(meshopt), {"bufferViews.0", "meshopt", "without compression"});
}

TEST(DamagedVrm, TexturesAreChecked) {
  BoxAvatar large;
  large.add_textured_material(0, RgbaImage(8193, 1), json::object());
  expect_message(error_of(large), {"images.0", "8193x1", "8192"});
  BoxAvatar broken;
  broken.add_textured_material(0, RgbaImage(4, 4), json::object());
  const std::size_t view = broken.file.content["images"][0]["bufferView"];
  broken.file.content["bufferViews"][view]["byteLength"] = 30;
  expect_message(error_of(broken), {"images.0"});
  BoxAvatar absent;
  absent.add_textured_material(0, RgbaImage(4, 4), json::object());
  absent.file.content["textures"][0]["source"] = 5;
  expect_message(error_of(absent), {"images.5"});
}

TEST(DamagedVrm, ExtrasOfWrittenFilesAreChecked) {
  const fs::path file = fs::path(testing::TempDir()) / "tha4_vrm" / "damaged.vrm";
  write_vrm(test::hand_made_rig(), file);
  const test::GltfFile written = test::GltfFile::of(read_text_file(file));
  const auto error_with = [&](const char* pointer, const json& value) {
    test::GltfFile changed = written;
    changed.content["extras"]["tha4"][json::json_pointer(pointer)] = value;
    return error_of(changed.bytes());
  };
  expect_message(error_with("/version", 2), {"extras.tha4.version"});
  expect_message(error_with("/bones/0/joint", {1, 2}), {"extras.tha4.bones.0.joint", "3 numbers"});
  expect_message(error_with("/bones/0/parent", 1), {"bone"});
  expect_message(error_with("/meshes/0/node", 0), {"extras.tha4.meshes.0", "remove extras.tha4"});
  expect_message(error_with("/meshes/0/material", 9), {"material 9"});
  expect_message(error_with("/controls/neck_z/turns/0/bone", 9), {"bone 9"});
  expect_message(error_with("/texture_count", 3), {"images.1"});
  expect_message(error_with("/materials/0/color", {1, 1, 1, 1e300}), {"extras.tha4.materials.0.color"});
}

/// A file of a few bytes must not make the reader hold whatever it claims.
TEST(DamagedVrm, ExtrasOfWrittenFilesCannotMultiplyWhatTheFileHolds) {
  const fs::path file = fs::path(testing::TempDir()) / "tha4_vrm" / "damaged.vrm";
  write_vrm(test::hand_made_rig(), file);
  const test::GltfFile written = test::GltfFile::of(read_text_file(file));
  const auto first_node = written.content["extras"]["tha4"]["meshes"][0]["node"].get<std::size_t>();
  test::GltfFile same_node = written;
  same_node.content["extras"]["tha4"]["meshes"][1]["node"] = first_node;
  expect_message(error_of(same_node.bytes()), {"extras.tha4.meshes.1", "another one names too"});
  test::GltfFile same_mesh = written;
  for (json& node : same_mesh.content["nodes"]) {
    if (node.contains("mesh")) node["mesh"] = 0;
  }
  expect_message(error_of(same_mesh.bytes()), {"extras.tha4.meshes.1", "another one names too"});
  test::GltfFile long_list = written;
  for (int i = 0; i < 65'536; ++i) long_list.content["extras"]["tha4"]["meshes"].push_back(json::object());
  expect_message(error_of(long_list.bytes()), {"extras.tha4.meshes", "65538 entries"});

  const json& primitive = written.content["meshes"][0]["primitives"][0];
  for (const char* attribute : {"TEXCOORD_0", "JOINTS_0", "WEIGHTS_0"}) {
    const auto accessor = primitive["attributes"][attribute].get<std::size_t>();
    test::GltfFile longer = written;
    longer.content["accessors"][accessor].erase("bufferView");
    longer.content["accessors"][accessor]["count"] = 4'000'000;
    expect_message(error_of(longer.bytes()), {"meshes.0.primitives.0", attribute, "as there are vertices"});
  }
  test::GltfFile indices = written;
  indices.content["accessors"][primitive["indices"].get<std::size_t>()].erase("bufferView");
  expect_message(error_of(indices.bytes()), {"buffer", "export it again"});
  test::GltfFile shared = written;
  const std::vector<std::uint8_t> corners(13'000'000);
  const int many = shared.add_accessor(corners, 1, "SCALAR", 5121);
  for (json& mesh : shared.content["meshes"]) mesh["primitives"][0]["indices"] = many;
  shared.content["buffers"][0]["byteLength"] = shared.binary.size();
  expect_message(error_of(shared.bytes()), {"24000000 corners", "simplify"});
}

TEST(DamagedVrm, AllMeshesTogetherAreLimited) {
  GltfDocument document;
  document.name = "damaged.vrm";
  MeshTotals totals(document);
  totals.add_vertices(3'000'000);
  totals.add_vertices(1'000'000);
  totals.add_corners(24'000'000);
  totals.add_morph_entries(32'000'000);
  expect_message(input_error_message([&] { totals.add_vertices(1); }), {"4000000 vertices", "simplify"});
  expect_message(input_error_message([&] { totals.add_corners(3); }), {"24000000 corners"});
  expect_message(input_error_message([&] { totals.add_morph_entries(1); }), {"32000000 offsets"});
}

/// Whatever a byte is changed to, the file is read or refused with one line.
TEST(DamagedVrm, NoByteCanCrashTheReader) {
  BoxAvatar avatar(true);
  avatar.add_textured_material(0, RgbaImage(4, 4), json::object());
  const fs::path exported = fs::path(testing::TempDir()) / "tha4_vrm" / "damaged.vrm";
  write_vrm(test::hand_made_rig(), exported);
  std::mt19937 random(7);
  for (const std::string& bytes : {avatar.file.bytes(), BoxAvatar().file.bytes(), read_text_file(exported)}) {
    for (int round = 0; round < 700; ++round) {
      std::string spoilt = bytes;
      for (int change = 0; change < 1 + round % 3; ++change) {
        spoilt[random() % spoilt.size()] =
            static_cast<char>(round % 2 == 0 ? '0' + random() % 10 : random() % 256);
      }
      if (round % 50 == 0) spoilt.resize(random() % spoilt.size());
      const fs::path file = file_of(spoilt);
      try {
        read_vrm(file);
      } catch (const InputError& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace tha4
