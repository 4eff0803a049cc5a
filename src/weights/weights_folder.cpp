#include "tha4/weights/weights_folder.h"

#include <set>
#include <system_error>
#include <utility>

#include "weights_pieces.h"

#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

void check_files(const std::vector<fs::path>& files, const fs::path& folder) {
  if (files.empty()) {
    throw InputError(folder.string() + " has no files of weights (.pt, .safetensors)");
  }
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].stem() == files[i - 1].stem()) {
      throw InputError(files[i].string() + " and " + files[i - 1].filename().string() +
                       " would become one file; keep one of them");
    }
  }
}

}  // namespace

std::vector<fs::path> weights_files_in(const fs::path& folder) {
  refuse_file_for_folder(folder, "a folder of files of weights");
  std::error_code failure, ignored;
  // Sorted by names without extensions, so that names that differ in these alone are neighbours.
  std::set<std::pair<std::string, std::string>> names;
  for (fs::directory_iterator item(folder, failure), end; !failure && item != end; item.increment(failure)) {
    fs::path name = item->path().filename();
    if (name.string().starts_with('.') || item->is_directory(ignored)) continue;
    if (const auto piece = parse_piece_name(name.string())) name = piece->whole;
    if (name.extension() == ".pt" || name.extension() == ".safetensors") {
      names.emplace(name.stem().string(), name.extension().string());
    }
  }
  if (failure) throw InputError("cannot list the folder " + folder.string() + ": " + failure.message());
  std::vector<fs::path> files;
  for (const auto& [stem, extension] : names) files.push_back(folder / (stem + extension));
  return files;
}

std::optional<fs::path> find_weights_file(const fs::path& folder, const std::string& name) {
  const fs::path archive = folder / (name + ".pt");
  const fs::path safetensors = folder / (name + ".safetensors");
  std::error_code ignored;
  if (fs::exists(archive, ignored)) return archive;
  if (fs::exists(safetensors, ignored) || !pieces_beside(safetensors).empty()) return safetensors;
  return std::nullopt;
}

std::vector<fs::path> convert_weights_folder(const fs::path& from, const fs::path& to,
                                             const FolderConversion& conversion) {
  const std::vector<fs::path> files = weights_files_in(from);
  check_files(files, from);
  if (fs::weakly_canonical(from) == fs::weakly_canonical(to)) {
    throw InputError(to.string() + " is the folder that is read", Remedy::other_output);
  }
  std::vector<StateDict> states;
  for (const fs::path& file : files) states.push_back(read_weights(file));
  std::vector<fs::path> written;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const fs::path file = to / (files[i].stem().string() + conversion.extension);
    for (fs::path& part : write_weights(file, states[i], conversion.storage, conversion.largest_file)) {
      written.push_back(std::move(part));
    }
  }
  return written;
}

}  // namespace tha4
