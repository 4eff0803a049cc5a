#include "output_file.h"
#include "pickle_writer.h"
#include "python_script.h"
#include "tensor_type.h"
#include "weights_fixtures.h"
#include "writable_state.h"
#include "zip_writer.h"
#include <torch/nn/modules/linear.h>

#include "tha4/weights/safetensors.h"
#include "tha4/weights/torch_archive.h"
#include "tha4/weights/weights_storage.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr int kNoTorch = 77;

/// As write_torch_archive, with the 64-bit records that files of more than 4 GiB have.
void write_zip64(const fs::path& file, const StateDict& state) {
  OutputFile output(file, file.string());
  ZipWriter zip(output, ZipWriter::Zip64::always);
  StateDictPickle pickle;
  for (std::size_t i = 0; i < state.size(); ++i) {
    const at::Tensor& tensor = state[i].value();
    pickle.add(state[i].key(), *tensor_type_of(tensor.scalar_type()), tensor.sizes(), std::to_string(i));
  }
  const std::string text = pickle.finish();
  zip.add("archive/data.pkl", std::as_bytes(std::span(text)));
  for (std::size_t i = 0; i < state.size(); ++i) {
    zip.add(std::string("archive/data/").append(std::to_string(i)),
            bytes_of(writable_tensor(state[i].value())));
  }
  zip.add("archive/version", std::as_bytes(std::span("3\n", 2)));
  zip.finish();
  output.close();
}

TEST(Interoperability, WithTheInstalledPyTorch) {
  const fs::path folder = fresh_folder("interoperability");
  const int status = run_python("weights/make_weights.py", {folder.string()});
  if (status == kNoTorch || status == 127) {
    GTEST_SKIP() << python() << " cannot import torch and safetensors; name one that can with THA4_PYTHON";
  }
  ASSERT_EQ(status, 0);
  for (const char* name : {"all_types.pt", "protocol5.pt", "no_crc.pt", "old_format.pt"}) {
    expect_equal(read_torch_archive(folder / name), all_types());
  }
  EXPECT_EQ(read_torch_archive(folder / "views.pt").size(), 9U);
  EXPECT_EQ(read_torch_archive(folder / "wrapped.pt").size(), 7U);
  EXPECT_EQ(read_torch_archive(folder / "counted.pt").size(), 2U);
  EXPECT_EQ(read_safetensors(folder / "all_types.safetensors").size(), all_types().size());

  StateDict state = all_types();
  state.insert("scalar", at::tensor(7.0F).squeeze());
  state.insert("empty", at::zeros({0, 3}));
  write_torch_archive(folder / "written.pt", state);
  write_zip64(folder / "zip64.pt", state);
  write_safetensors(folder / "written.safetensors", state, {{"name", "with \"quotes\" and \xc3\xa4"}});
  torch::nn::Linear linear(3, 2);
  linear->weight.set_data(at::arange(6, at::kFloat).reshape({2, 3}));
  write_weights(folder / "linear.pt", state_dict_of(*linear));
  StateDict network;
  network.insert("weight",
                 at::arange(-127, 128).repeat({4, 2}) * at::tensor({1.0F, 0.5F, 0.25F, 0.0F}).unsqueeze(1));
  network.insert("bias", at::ones({4}));
  write_weights(folder / "int8.safetensors", network, WeightsStorage::int8, 2'800);
  EXPECT_EQ(run_python("weights/check_weights.py", {folder.string()}), 0);
}

}  // namespace
}  // namespace tha4
