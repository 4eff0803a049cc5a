#include <algorithm>

#include "command_runner.h"
#include <torch/types.h>

#include "tha4/image/image_io.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

TEST(ExportCommand, ChangesTheFormatAndNotABit) {
  const fs::path out = fresh_folder("export");
  const fs::path character = small_character_folder();
  ASSERT_EQ(run_command_line("tha4-export", {"--character", character.string(), "--to", "safetensors",
                                             "--out", (out / "st").string()})
                .status,
            0);
  ASSERT_EQ(run_command_line("tha4-export", {"--character", (out / "st").string(), "--to", "pt", "--out",
                                             (out / "pt").string()})
                .status,
            0);
  const StateDict before = read_weights(character / "body_morpher.pt");
  const StateDict after = read_weights(out / "pt" / "body_morpher.pt");
  ASSERT_EQ(before.size(), after.size());
  for (const auto& item : before) EXPECT_TRUE(torch::equal(item.value(), after[item.key()])) << item.key();
}

TEST(ExportCommand, PacksCharactersOnly) {
  const fs::path out = fresh_folder("export_packed");
  const auto exported = [&](const std::string& character, const std::string& target) {
    return run_command_line(
        "tha4-export", {"--character", character, "--to", target, "--packed", "--out", (out / "o").string()});
  };
  const std::string character = small_character_folder().string();
  EXPECT_EQ(exported(character, "safetensors").status, 0);
  EXPECT_NE(exported(character, "pt").errors.find("--packed takes --to safetensors, not --to pt"),
            std::string::npos);
  EXPECT_NE(exported("procedural:1", "vrm").errors.find("a rig has none"), std::string::npos);
}

TEST(ExportCommand, ListsOnlyWhatWorks) {
  const CommandResult help = run_command_line("tha4-export", {"--help"});
  EXPECT_EQ(help.output.find("tflite"), std::string::npos);
  const CommandResult result = run_command_line(
      "tha4-export", {"--character", small_character_folder().string(), "--to", "tflite", "--out", "x"});
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.errors.find("{pt,safetensors,onnx,vrm,web}"), std::string::npos) << result.errors;
  const CommandResult near = run_command_line("tha4-export", {"--to", "onx", "--out", "x"});
  EXPECT_NE(near.errors.find("did you mean 'onnx'?"), std::string::npos) << near.errors;
}

TEST(ExportCommand, ARigAsVrmIsPosedAsTheRigItself) {
  const fs::path out = fresh_folder("export_vrm");
  const std::string file = (out / "one.vrm").string();
  ASSERT_EQ(
      run_command_line("tha4-export", {"--character", "procedural:1", "--to", "vrm", "--out", file}).status,
      0);
  EXPECT_EQ(read_image(out / "one.png").width, 512);
  const auto posed = [&](const std::string& teacher, const std::string& name) {
    const CommandResult result = run_command_line(
        "tha4-pose", {"--teacher", teacher, "--poses", "random:2:3", "--dump", (out / name).string()});
    EXPECT_EQ(result.status, 0) << result.errors;
    return read_weights(out / name)["blended"];
  };
  const auto difference = posed("procedural:1", "rig.safetensors") - posed(file, "vrm.safetensors");
  EXPECT_LT(difference.abs().max().item<double>(), 1e-3);
}

TEST(ExportCommand, RefusesWhatIsNoDevice) {
  const CommandResult result = run_command_line(
      "tha4-export",
      {"--character", small_character_folder().string(), "--to", "pt", "--out", "x", "--device", "bogus"});
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.errors.find("--device bogus is not a device"), std::string::npos) << result.errors;
  EXPECT_NE(run_command_line("tha4-export", {"--help"}).output.find("to no effect"), std::string::npos);
}

TEST(ExportCommand, WritesOnePageOfSeveralCharacters) {
  const fs::path out = fresh_folder("export_web");
  const std::string character = small_character_folder().string();
  const std::string page = (out / "page.html").string();
  const auto exported = [&](std::vector<std::string> arguments) {
    return run_command_line("tha4-export", arguments);
  };
  const CommandResult result =
      exported({"--character", character, "--character", character, "--to", "web", "--out", page});
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("open it in a browser"), std::string::npos) << result.errors;
  EXPECT_GT(fs::file_size(page), 100'000U);
  const std::string bare = (out / "bare.html").string();
  const CommandResult quiet =
      exported({"--character", character, "--to", "web", "--no-tracker", "--out", bare, "-q"});
  EXPECT_EQ(quiet.status, 0) << quiet.errors;
  EXPECT_EQ(quiet.errors, "");
  EXPECT_LT(fs::file_size(bare) + (1U << 20), fs::file_size(page));
  EXPECT_NE(exported({"--character", character, "--to", "pt", "--no-tracker", "--out", (out / "pt").string()})
                .errors.find("--tracker and --no-tracker take --to web"),
            std::string::npos);
  EXPECT_NE(exported({"--character", character, "--to", "web", "--out", (out / "page").string()})
                .errors.find("must end in .html"),
            std::string::npos);
  EXPECT_NE(exported({"--character", "procedural:1", "--to", "web", "--out", page})
                .errors.find("tha4-distill --teacher procedural:1"),
            std::string::npos);
  EXPECT_NE(exported({"--character", character, "--character", character, "--to", "pt", "--out", page})
                .errors.find("several are for --to web"),
            std::string::npos);
}

TEST(ExportCommand, TellsRigsFromCharacters) {
  const CommandResult rig =
      run_command_line("tha4-export", {"--character", "procedural:1", "--to", "pt", "--out", "x"});
  EXPECT_EQ(rig.status, 2);
  EXPECT_NE(rig.errors.find("a rig is exported --to vrm"), std::string::npos) << rig.errors;
  const CommandResult character = run_command_line(
      "tha4-export", {"--character", small_character_folder().string(), "--to", "vrm", "--out", "x.vrm"});
  EXPECT_EQ(character.status, 2);
  EXPECT_NE(character.errors.find("takes a rig"), std::string::npos) << character.errors;
}

/// The networks of the tiny teacher, without the pictures beside them.
fs::path small_teacher_folder(const std::string& name) {
  const fs::path folder = fresh_folder(name);
  for (const auto& item : fs::directory_iterator(fs::path(THA4_FIXTURES_DIR) / "random_teacher")) {
    if (item.path().extension() == ".pt") fs::copy_file(item.path(), folder / item.path().filename());
  }
  return folder;
}

std::uintmax_t bytes_in(const fs::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& item : fs::directory_iterator(folder)) bytes += item.file_size();
  return bytes;
}

CommandResult export_teacher(const fs::path& teacher, const std::string& target, const fs::path& out,
                             const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"--teacher", teacher.string(), "--to", target, "--out", out.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command_line("tha4-export", arguments);
}

TEST(ExportCommand, ATeacherAsInt8IsSmallAndATeacherStill) {
  const fs::path teacher = small_teacher_folder("export_teacher");
  const fs::path out = fresh_folder("export_teacher_int8");
  const CommandResult result = export_teacher(teacher, "safetensors", out, {"--storage", "int8"});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("5 files"), std::string::npos) << result.errors;
  EXPECT_LT(bytes_in(out), bytes_in(teacher) * 2 / 5);

  EXPECT_NO_THROW(load_teacher(out));
  const StateDict before = read_weights(teacher / "upscaler.pt");
  const StateDict after = read_weights(out / "upscaler.safetensors");
  ASSERT_EQ(before.keys(), after.keys());
  for (const auto& item : before) {
    const double largest = item.value().abs().max().item<double>();
    EXPECT_TRUE(at::allclose(after[item.key()], item.value(), 0, largest / 250)) << item.key();
  }
}

TEST(ExportCommand, ATeacherInPiecesComesBackBitForBit) {
  const fs::path teacher = small_teacher_folder("export_teacher_pieces");
  const fs::path out = fresh_folder("export_teacher_in_pieces");
  const fs::path back = fresh_folder("export_teacher_back");
  ASSERT_EQ(export_teacher(teacher, "safetensors", out, {"--piece-mib", "1"}).status, 0);
  EXPECT_TRUE(fs::exists(out / "upscaler-00001-of-00002.safetensors"));
  EXPECT_FALSE(fs::exists(out / "upscaler.safetensors"));
  ASSERT_EQ(export_teacher(out, "pt", back, {}).status, 0);
  for (const char* name : {"upscaler.pt", "face_morpher.pt"}) {
    const StateDict before = read_weights(teacher / name);
    const StateDict after = read_weights(back / name);
    ASSERT_EQ(before.keys(), after.keys());
    for (const auto& item : before) EXPECT_TRUE(torch::equal(item.value(), after[item.key()])) << item.key();
  }
}

TEST(ExportCommand, WritesOnnxAsOneFileOrOneForEachNetwork) {
  const fs::path out = fresh_folder("export_onnx");
  const fs::path teacher = small_teacher_folder("export_onnx_teacher");
  const auto names_in = [](const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& item : fs::directory_iterator(folder)) names.push_back(item.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  };
  for (const auto& [option, name] :
       {std::pair{"--character", small_character_folder()}, std::pair{"--teacher", teacher}}) {
    const fs::path file = out / (std::string(option) + ".onnx"), folder = out / option;
    CommandResult result =
        run_command_line("tha4-export", {option, name.string(), "--to", "onnx", "--out", file.string()});
    EXPECT_EQ(result.status, 0) << result.errors;
    EXPECT_NE(result.errors.find("MiB"), std::string::npos) << result.errors;
    EXPECT_GT(fs::file_size(file), 10'000U);
    result =
        run_command_line("tha4-export", {option, name.string(), "--to", "onnx", "--out", folder.string()});
    EXPECT_EQ(result.status, 0) << result.errors;
  }
  EXPECT_EQ(names_in(out / "--character"),
            (std::vector<std::string>{"body_morpher.onnx", "face_morpher.onnx"}));
  EXPECT_EQ(names_in(out / "--teacher"),
            (std::vector<std::string>{"body_morpher.onnx", "combiner.onnx", "decomposer.onnx", "morpher.onnx",
                                      "upscaler.onnx"}));
}

TEST(ExportCommand, RefusesWhatOnnxDoesNotTake) {
  const fs::path out = fresh_folder("export_onnx_refused");
  const std::string character = small_character_folder().string();
  const std::string teacher = small_teacher_folder("export_onnx_refused_teacher").string();
  fs::create_directories(out / "folder.onnx" / "full");
  const std::string file = (out / "x.onnx").string();
  for (const BadUsage& bad : std::vector<BadUsage>{
           {{"--character", "procedural:1", "--out", file}, "tha4-distill --teacher procedural:1"},
           {{"--character", character, "--character", character, "--out", file}, "several are for --to web"},
           {{"--character", character, "--packed", "--out", file}, "--packed takes --to safetensors"},
           {{"--character", character, "--out", (out / ".onnx").string()}, "without a name before it"},
           {{"--character", character, "--out", out.string()}, "not empty"},
           {{"--character", teacher, "--out", file}, "character_model.yaml"},
           {{"--character", character, "--arch", "tha4", "--out", file}, "--arch requires --teacher"},
           {{"--teacher", character, "--out", file}, "name it by --character, not --teacher"},
           {{"--teacher", teacher, "--arch", "compact", "--out", file}, "holds no whole compact teacher"},
           {{"--teacher", teacher, "--storage", "float16", "--out", file}, "--storage and --piece-mib take"},
           {{"--out", file}, "name it by --character or --teacher"}}) {
    std::vector<std::string> arguments = bad.arguments;
    arguments.insert(arguments.end(), {"--to", "onnx"});
    const CommandResult result = run_command_line("tha4-export", arguments);
    EXPECT_EQ(result.status, 2) << bad.message;
    EXPECT_NE(result.errors.find(bad.message), std::string::npos) << result.errors;
    EXPECT_FALSE(fs::exists(file)) << bad.message;
  }
  const CommandResult folder = run_command_line(
      "tha4-export", {"--character", character, "--to", "onnx", "--out", (out / "folder.onnx").string()});
  EXPECT_EQ(folder.status, 1);
  EXPECT_NE(folder.errors.find("it is a folder"), std::string::npos) << folder.errors;
  const CommandResult pt = run_command_line(
      "tha4-export", {"--teacher", teacher, "--arch", "tha4", "--to", "pt", "--out", (out / "pt").string()});
  EXPECT_EQ(pt.status, 2);
  EXPECT_NE(pt.errors.find("--arch takes --to onnx"), std::string::npos) << pt.errors;
}

TEST(ExportCommand, RefusesWhatNoTeacherCanBe) {
  const fs::path teacher = small_teacher_folder("export_teacher_refused");
  const fs::path out = fresh_folder("export_teacher_out") / "out";
  const auto refusal = [&](const std::string& target, const std::vector<std::string>& more) {
    const CommandResult result = export_teacher(teacher, target, out, more);
    EXPECT_EQ(result.status, 2) << result.errors;
    EXPECT_FALSE(fs::exists(out));
    return result.errors;
  };
  const auto says = [](const std::string& errors, const std::string& text) {
    EXPECT_NE(errors.find(text), std::string::npos) << errors;
  };
  says(refusal("vrm", {}), "--to vrm takes a rig by --character, not a teacher");
  says(refusal("pt", {"--storage", "int8"}), "as int8: only .safetensors files can be");
  says(refusal("pt", {"--piece-mib", "1"}), "in pieces: only .safetensors files can be");
  says(refusal("safetensors", {"--storage", "int4"}), "{int8,float16,float32}");
  says(refusal("safetensors", {"--piece-mib", "0"}), "--piece-mib");
  says(refusal("safetensors", {"--character", "x"}), "--character excludes --teacher");
  const CommandResult nothing = run_command_line("tha4-export", {"--to", "pt", "--out", out.string()});
  EXPECT_EQ(nothing.status, 2);
  says(nothing.errors, "name it by --character or --teacher");
  const CommandResult character =
      run_command_line("tha4-export", {"--character", small_character_folder().string(), "--to",
                                       "safetensors", "--storage", "int8", "--out", out.string()});
  EXPECT_EQ(character.status, 2);
  says(character.errors, "--storage requires --teacher");
}

}  // namespace
}  // namespace tha4
