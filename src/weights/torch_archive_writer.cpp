#include "output_file.h"
#include "pickle_writer.h"
#include "tensor_type.h"
#include "writable_state.h"
#include "zip_writer.h"
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/weights/torch_archive.h"

namespace tha4 {
namespace {

constexpr std::string_view kFolder = "archive/";

std::string entry_name(std::string_view name) {
  return std::string(kFolder).append(name);
}

std::span<const std::byte> bytes_of_text(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string pickle_of(const StateDict& state) {
  StateDictPickle pickle;
  std::size_t index = 0;
  for (const auto& item : state) {
    const at::Tensor& tensor = item.value();
    pickle.add(item.key(), *tensor_type_of(tensor.scalar_type()), tensor.sizes(), std::to_string(index++));
  }
  return pickle.finish();
}

}  // namespace

void write_torch_archive(const std::filesystem::path& file, const StateDict& state) {
  check_writable(state, file.string());
  write_file_atomically(file, [&](const std::filesystem::path& temporary) {
    OutputFile output(temporary, file.string());
    ZipWriter zip(output);
    zip.add(entry_name("data.pkl"), bytes_of_text(pickle_of(state)));
    zip.add(entry_name("byteorder"), bytes_of_text("little"));
    std::size_t index = 0;
    for (const auto& item : state) {
      const at::Tensor tensor = writable_tensor(item.value());
      zip.add(entry_name("data/" + std::to_string(index++)), bytes_of(tensor));
    }
    zip.add(entry_name("version"), bytes_of_text("3\n"));
    zip.finish();
    output.close();
  });
}

}  // namespace tha4
