#include <fstream>

#include "output_file.h"
#include "unpickler.h"
#include "weights_fixtures.h"
#include "zip_reader.h"
#include "zip_writer.h"

#include "tha4/weights/safetensors.h"
#include "tha4/weights/torch_archive.h"

// Damaged files must be refused with InputError or be read; nothing else may happen. The sanitizers' build of
// these tests sees what a plain one cannot.

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr unsigned char kFlips[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff};

/// Whether \p action is refused; fails the test when it ends in any other way but well.
bool is_refused(const std::function<void()>& action, const std::string& what) {
  const std::string message = input_error_message(action);
  EXPECT_FALSE(message.starts_with("not an InputError")) << what << ": " << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << what << ": " << message;
  return message != "no error";
}

class ChangedFile {
 public:
  ChangedFile(const fs::path& original, const fs::path& copy)
      : path_(copy), bytes_(read_text_file(original)) {
    fs::copy_file(original, copy, fs::copy_options::overwrite_existing);
    stream_.open(copy, std::ios::in | std::ios::out | std::ios::binary);
  }

  std::size_t size() const { return bytes_.size(); }

  /// Whether reading is refused with bits of one byte flipped.
  bool is_refused_with(std::size_t position, unsigned char flip) {
    put(position, static_cast<char>(static_cast<unsigned char>(bytes_[position]) ^ flip));
    const bool refused =
        is_refused([&] { read_weights(path_); }, "byte " + std::to_string(position) + " flipped");
    put(position, bytes_[position]);
    return refused;
  }

 private:
  void put(std::size_t position, char byte) {
    stream_.seekp(static_cast<std::streamoff>(position));
    stream_.put(byte);
    stream_.flush();
  }

  fs::path path_;
  std::string bytes_;
  std::fstream stream_;
};

const char* const kOriginals[] = {"random_student/face_morpher.pt", "random_student/expected.safetensors",
                                  "weights/old_format.pt"};

TEST(DamagedFiles, CutOffAnywhere) {
  const fs::path copy = fresh_folder("cut") / "cut";
  for (const char* name : kOriginals) {
    const fs::path original = data_file(name);
    const auto size = fs::file_size(original);
    fs::copy_file(original, copy, fs::copy_options::overwrite_existing);
    for (std::uintmax_t part = 64; part-- > 0;) {
      fs::resize_file(copy, size * part / 64);
      EXPECT_TRUE(is_refused([&] { read_weights(copy); }, "cut")) << name << ", " << part << "/64";
    }
  }
}

TEST(DamagedFiles, FlippedAtTheEnds) {
  const fs::path copy = fresh_folder("flipped") / "flipped";
  for (const char* name : kOriginals) {
    ChangedFile file(data_file(name), copy);
    for (std::size_t i = 0; i < 600; ++i) {
      file.is_refused_with(i, 0xff);
      file.is_refused_with(file.size() - 1 - i, 0xff);
    }
  }
}

TEST(DamagedFiles, FlippedEverywhereInSmallFiles) {
  const fs::path folder = fresh_folder("flipped_small");
  StateDict state;
  state.insert("a", at::ones({2, 3}));
  state.insert("b", at::ones({3}, at::kBool));
  write_weights(folder / "small.pt", state);
  write_weights(folder / "small.safetensors", state);
  fs::copy_file(data_file("weights/old_views.pt"), folder / "old.pt");
  StateDict scaled;
  scaled.insert("a", at::ones({2, 3}, at::kChar));
  scaled.insert("a.scale", at::ones({2}));
  write_safetensors(folder / "int8.safetensors", scaled, {{"quantization", "int8 per output channel"}});
  EXPECT_NO_THROW(read_weights(folder / "int8.safetensors"));
  for (const char* name : {"small.pt", "small.safetensors", "old.pt", "int8.safetensors"}) {
    ChangedFile file(folder / name, folder / "copy");
    for (std::size_t i = 0; i < file.size(); ++i) {
      for (const unsigned char flip : kFlips) file.is_refused_with(i, flip);
    }
  }
}

std::string pickle_of(const fs::path& archive) {
  const InputFile file(archive);
  const ZipReader zip(file);
  for (const ZipEntry& entry : zip.entries()) {
    if (!entry.name.ends_with("/data.pkl")) continue;
    const auto bytes = zip.read_small(entry, 1 << 20);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  return {};
}

/// Checksums keep damage from the unpickler; a forged file has right ones.
TEST(DamagedFiles, ForgedPickles) {
  for (const char* name : {"random_student/face_morpher.pt", "weights/protocol4.pt", "weights/wrapped.pt"}) {
    const std::string original = pickle_of(data_file(name));
    ASSERT_FALSE(original.empty());
    std::string pickle = original;
    for (std::size_t i = 0; i < pickle.size(); ++i) {
      for (const unsigned char flip : kFlips) {
        pickle[i] = static_cast<char>(static_cast<unsigned char>(original[i]) ^ flip);
        const auto bytes = std::as_bytes(std::span(pickle));
        is_refused([&] { unpickle({bytes.begin(), bytes.end()}, "x.pt"); }, "byte " + std::to_string(i));
      }
      pickle[i] = original[i];
    }
  }
}

/// The archive of views.pt with another pickle.
void write_forged(const fs::path& file, const std::string& pickle) {
  // Some file systems write a file that replaces another to disk at once, which takes long.
  fs::remove(file);
  OutputFile output(file, file.string());
  ZipWriter zip(output);
  zip.add("views/data.pkl", std::as_bytes(std::span(pickle)));
  const std::vector<std::byte> bytes(96);
  int index = 0;
  for (const std::size_t size : {96, 12, 96, 4, 0}) {
    zip.add("views/data/" + std::to_string(index++), std::span(bytes).first(size));
  }
  zip.finish();
  output.close();
}

TEST(DamagedFiles, ForgedArchives) {
  const fs::path file = fresh_folder("forged") / "forged.pt";
  const std::string original = pickle_of(data_file("weights/views.pt"));
  int refused = 0;
  int read = 0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    for (const unsigned char flip : kFlips) {
      std::string pickle = original;
      pickle[i] = static_cast<char>(static_cast<unsigned char>(original[i]) ^ flip);
      write_forged(file, pickle);
      ++(is_refused([&] { read_torch_archive(file); }, "byte " + std::to_string(i)) ? refused : read);
    }
  }
  // Had all been refused alike, the archive would not have been right to begin with.
  EXPECT_GT(refused, 100);
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace tha4
