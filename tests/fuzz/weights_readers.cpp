#include "output_file.h"
#include "reader_lists.h"
#include "zip_reader.h"
#include "zip_writer.h"
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/weights/checkpoint.h"
#include "tha4/weights/packed_weights.h"
#include "tha4/weights/torch_archive.h"
#include "tha4/weights/weights_storage.h"

namespace tha4::fuzz {
namespace {

namespace fs = std::filesystem;

/// Weights are read so that networks can be made of them: whatever kind they are of.
void make_students(const StateDict& state) {
  for (const auto kind : {FaceMorpherKind::siren, FaceMorpherKind::blendshape}) {
    try {
      make_face_morpher(kind, state, "weights");
    } catch (const InputError& error) {
      check_message(error);  // of another kind
    }
  }
  for (const auto kind : {BodyRotatorKind::siren, BodyRotatorKind::siren_single_resolution,
                          BodyRotatorKind::vanilla_siren, BodyRotatorKind::blendshape}) {
    try {
      make_body_rotator(kind, state, "weights");
    } catch (const InputError& error) {
      check_message(error);  // of another kind
    }
  }
}

void read_archive(const std::string& bytes) {
  make_students(read_weights(scratch_file("weights.pt", bytes)));
}

std::vector<std::string> archive_seeds() {
  std::vector<std::string> seeds;
  for (const char* name : {"all_types", "no_crc", "old_format", "old_views", "protocol3", "protocol4",
                           "protocol5", "views", "wrapped"}) {
    seeds.push_back(fixture(std::string("weights/") + name + ".pt"));
  }
  seeds.push_back(fixture("characters/siren/face_morpher.pt"));
  seeds.push_back(fixture("characters/siren/body_morpher.pt"));
  return seeds;
}

/// The bytes are the pickle of an archive: its checksums, which keep damage from the reader of pickles, are
/// right.
void read_pickle(const std::string& bytes) {
  const fs::path file = scratch_file("pickle.pt", "");
  fs::remove(file);
  OutputFile output(file, file.string());
  ZipWriter zip(output);
  zip.add("views/data.pkl", std::as_bytes(std::span(bytes)));
  const std::vector<std::byte> storage(96);
  int index = 0;
  for (const std::size_t size : {96, 12, 96, 4, 0}) {
    zip.add("views/data/" + std::to_string(index++), std::span(storage).first(size));
  }
  zip.finish();
  output.close();
  make_students(read_torch_archive(file));
}

std::vector<std::string> pickle_seeds() {
  std::vector<std::string> seeds;
  const InputFile file(fs::path(THA4_FIXTURES_DIR) / "weights/views.pt");
  const ZipReader zip(file);
  for (const ZipEntry& entry : zip.entries()) {
    if (!entry.name.ends_with("/data.pkl")) continue;
    const auto bytes = zip.read_small(entry, 1 << 20);
    seeds.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return seeds;
}

void read_safetensors_file(const std::string& bytes) {
  const fs::path file = scratch_file("weights.safetensors", bytes);
  is_packed_weights(file);
  make_students(read_weights(file));
}

/// What \p write writes to a file of the name that it is given.
template <class Write>
std::string written(const std::string& name, const Write& write) {
  const fs::path file = scratch_file(name, "");
  write(file);
  return read_text_file(file);
}

/// A body of small maps, which move.
StateDict moving_body() {
  const TiledBlendshapeOptions flow = {
      .channels = 2, .tiles = 1, .basis_size = 1, .size = 8, .tile_size = 4, .width = 4, .hidden_layers = 1};
  TiledBlendshapeOptions appearance = flow;
  appearance.channels = 5;
  torch::manual_seed(1);
  StateDict state = state_dict_of(*BlendshapeBodyRotator(BlendshapeBodyOptions{flow, appearance, flow}));
  make_body_rotator(BodyRotatorKind::blendshape, state, "the seed");  // or it would show little
  return state;
}

std::vector<std::string> safetensors_seeds() {
  std::vector<std::string> seeds = {fixture("characters/blendshape/body_morpher.safetensors"),
                                    fixture("characters/moving/body_morpher.safetensors")};
  StateDict state;
  state.insert("layer.weight", torch::linspace(-1, 1, 2048).reshape({8, 256}));
  state.insert("layer.bias", torch::zeros({8}));
  seeds.push_back(written("seed.safetensors",
                          [&](const fs::path& file) { write_weights(file, state, WeightsStorage::int8); }));
  seeds.push_back(written("seed.safetensors", [&](const fs::path& file) {
    write_packed_weights(file, state, {{"layer.weight", {torch::full({8}, 0.01F), 16}}});
  }));
  const StateDict siren = read_weights(fs::path(THA4_FIXTURES_DIR) / "characters/siren/body_morpher.pt");
  for (const StateDict& body : {siren, moving_body()}) {
    seeds.push_back(written("seed.safetensors", [&](const fs::path& file) { write_weights(file, body); }));
  }
  return seeds;
}

void read_checkpoint_file(const std::string& bytes) {
  read_checkpoint(scratch_file("checkpoint.safetensors", bytes));
}

std::vector<std::string> checkpoint_seeds() {
  const fs::path run = scratch_file("run/config.json", "{}").parent_path();
  Checkpoint checkpoint;
  checkpoint.tensors.insert("weight", torch::ones({2, 3}));
  checkpoint.state = {{"examples_seen", 8}, {"losses", {0.5, 0.25}}};
  const std::string whole = read_text_file(write_checkpoint(run, 8, checkpoint, 1));
  // One of before checksums were written: nothing keeps damage from the reader. The header stays as long.
  std::string without = whole;
  const std::size_t key = without.find("tha4.checksum");
  if (key != std::string::npos) without.replace(key, 13, "tha4.nothing!");
  return {whole, without};
}

}  // namespace

std::vector<FileReader> weights_readers() {
  return {{"archive", read_archive, archive_seeds},
          {"pickle", read_pickle, pickle_seeds},
          {"safetensors", read_safetensors_file, safetensors_seeds},
          {"checkpoint", read_checkpoint_file, checkpoint_seeds}};
}

}  // namespace tha4::fuzz
