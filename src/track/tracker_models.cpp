#include "tha4/track/tracker_models.h"

#include <string>

#include "model_file.h"
#include <zlib.h>

#include "tha4/base/error.h"
#include "tha4/base/input_file.h"
#include "tha4/base/project_files.h"

namespace tha4 {
namespace {

constexpr std::uint64_t kMaxSize = std::uint64_t{64} << 20;
constexpr const char* kModelsFile = "data/tracker/face_tracker.models";

/// The end of a stream, whatever happens.
struct Inflation {
  z_stream stream{};
  explicit Inflation(const InputFile& file) {
    if (inflateInit(&stream) != Z_OK) file.fail("zlib does not start");
  }
  ~Inflation() { inflateEnd(&stream); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
};

}  // namespace

void refuse_models(const char* problem) {
  throw InputError("the models of the face tracker cannot be used: " + std::string(problem));
}

std::vector<std::byte> read_tracker_models(const std::filesystem::path& path) {
  const InputFile file(path);
  if (file.size() > kMaxSize) file.fail("larger than models of a face tracker are");
  std::vector<std::byte> packed(file.size());
  file.read(0, packed);
  Inflation inflation(file);
  z_stream& stream = inflation.stream;
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::vector<std::byte> models;
  int status = Z_OK;
  while (status == Z_OK) {
    constexpr std::size_t kPiece = 1 << 20;
    const std::size_t begin = models.size();
    if (begin + kPiece > kMaxSize) file.fail("larger than models of a face tracker are");
    models.resize(begin + kPiece);
    stream.next_out = reinterpret_cast<Bytef*>(models.data() + begin);
    stream.avail_out = kPiece;
    status = inflate(&stream, Z_NO_FLUSH);
    models.resize(begin + kPiece - stream.avail_out);
  }
  if (status != Z_STREAM_END) file.fail("no models of a face tracker: not a whole zlib stream");
  return models;
}

std::filesystem::path tracker_models_file() {
  const std::optional<std::filesystem::path> file = find_project_file(kModelsFile);
  if (!file) throw InputError(std::string(kModelsFile) + " is missing, the models of the face tracker");
  return *file;
}

}  // namespace tha4
