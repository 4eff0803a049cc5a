#include "weights_pieces.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "safetensors_writer.h"
#include "tensor_type.h"
#include "writable_state.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>
#include <zlib.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPieceExtension = ".safetensors";
constexpr std::string_view kPieceForm = "-00000-of-00000";
constexpr std::size_t kIndexBegin = 1, kOfBegin = 6, kCountBegin = 10, kNumberDigits = 5;
/// The text by which the pieces of a set know each other.
constexpr const char* kSetKey = "piece_set";

std::optional<int> five_digits(std::string_view text) {
  int number = 0;
  if (!std::ranges::all_of(text, [](char digit) { return digit >= '0' && digit <= '9'; }))
    return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

fs::path piece_file(const fs::path& whole, std::size_t index, std::size_t count) {
  fs::path file = whole;
  return file.replace_filename(
      fmt::format("{}-{:05}-of-{:05}{}", whole.stem().string(), index, count, kPieceExtension));
}

/// Refuses a set that is not whole, by the names alone.
void check_set(const fs::path& whole, const std::vector<fs::path>& pieces) {
  const PieceName first = *parse_piece_name(pieces.front().filename().string());
  if (first.count < 1 || first.count > kMaxPieces) {
    throw InputError(fmt::format("{}: a set of pieces has 1 to {} files, not {}", pieces.front().string(),
                                 kMaxPieces, first.count));
  }
  std::vector<bool> found(static_cast<std::size_t>(first.count));
  for (const fs::path& piece : pieces) {
    const PieceName name = *parse_piece_name(piece.filename().string());
    if (name.count != first.count) {
      throw InputError(fmt::format("{}: its pieces {} and {} are of different sets; keep those of one",
                                   whole.string(), pieces.front().filename().string(),
                                   piece.filename().string()));
    }
    if (name.index < 1 || name.index > name.count) {
      throw InputError(fmt::format("{}: its set has the pieces 1 to {} only", piece.string(), name.count));
    }
    found[static_cast<std::size_t>(name.index - 1)] = true;
  }
  const auto missing = std::ranges::find(found, false);
  if (missing == found.end()) return;
  const auto index = static_cast<std::size_t>(missing - found.begin()) + 1;
  throw InputError(fmt::format("{}: its piece {} is missing", whole.string(),
                               piece_file(whole, index, found.size()).filename().string()));
}

std::string text_of(const TensorMetadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string{} : found->second;
}

/// A checksum of names, types, shapes and values.
std::string set_of(const StateDict& tensors) {
  uLong checksum = 0;
  const auto add = [&](std::span<const std::byte> bytes) {
    checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  };
  for (const auto& item : tensors) {
    const at::Tensor& tensor = item.value();
    const std::string text = fmt::format("{} {} {}\n", item.key(), tensor_type_of(tensor.scalar_type())->name,
                                         shape_text(tensor.sizes()));
    add(std::as_bytes(std::span(text)));
    add(bytes_of(writable_tensor(tensor)));
  }
  return fmt::format("{:08x}", checksum);
}

/// At least as many bytes as the header and its length have without tensors.
constexpr std::uint64_t kMaxEmptyHeader = 256;

/// At least as many bytes as a tensor takes of a file: of its header, with every character of its name
/// escaped, and of the data.
std::uint64_t largest_size(const std::string& name, const at::Tensor& tensor) {
  constexpr std::uint64_t kEscapedCharacter = 6, kNumber = 21, kFixed = 120;
  return kEscapedCharacter * name.size() + kNumber * static_cast<std::uint64_t>(tensor.dim()) + kFixed +
         tensor.nbytes();
}

/// \p stored in states that fit a file each, in order; a scale goes with its tensor.
std::vector<StateDict> split(const StateDict& tensors, std::uint64_t largest_file, const std::string& file) {
  std::vector<StateDict> pieces(1);
  std::uint64_t size = kMaxEmptyHeader;
  for (std::size_t i = 0; i < tensors.size();) {
    const std::string& name = tensors[i].key();
    const bool has_scale = i + 1 < tensors.size() && tensors[i + 1].key() == name + std::string(kScaleSuffix);
    const std::size_t end = i + (has_scale ? 2 : 1);
    std::uint64_t added = 0;
    for (std::size_t j = i; j < end; ++j) added += largest_size(tensors[j].key(), tensors[j].value());
    if (kMaxEmptyHeader + added > largest_file) {
      throw InputError(fmt::format(
          "cannot write {} in files of at most {} bytes: the tensor {} alone needs up to {}; allow more",
          file, largest_file, in_quotes(name), kMaxEmptyHeader + added));
    }
    if (added > largest_file - size) {
      pieces.emplace_back();
      size = kMaxEmptyHeader;
    }
    size += added;
    for (; i < end; ++i) pieces.back().insert(tensors[i].key(), tensors[i].value());
  }
  return pieces;
}

/// Writes the pieces from \p files[\p index] on to temporary files, and only then gives any its name.
void write_from(std::size_t index, const std::vector<fs::path>& files, const std::vector<StateDict>& pieces,
                const TensorMetadata& metadata) {
  if (index == files.size()) return;
  write_file_atomically(files[index], [&](const fs::path& temporary) {
    write_safetensors_to(temporary, files[index].string(), pieces[index], metadata);
    write_from(index + 1, files, pieces, metadata);
  });
}

}  // namespace

std::optional<PieceName> parse_piece_name(const std::string& file) {
  if (!file.ends_with(kPieceExtension)) return std::nullopt;
  const std::string_view stem = std::string_view(file).substr(0, file.size() - kPieceExtension.size());
  if (stem.size() <= kPieceForm.size()) return std::nullopt;
  const std::string_view form = stem.substr(stem.size() - kPieceForm.size());
  const auto index = five_digits(form.substr(kIndexBegin, kNumberDigits));
  const auto count = five_digits(form.substr(kCountBegin, kNumberDigits));
  if (form[0] != '-' || form.substr(kOfBegin, kCountBegin - kOfBegin) != "-of-" || !index || !count) {
    return std::nullopt;
  }
  const std::string_view name = stem.substr(0, stem.size() - kPieceForm.size());
  return PieceName{std::string(name) + std::string(kPieceExtension), *index, *count};
}

std::vector<fs::path> pieces_beside(const fs::path& whole) {
  std::vector<fs::path> pieces;
  std::error_code none;
  const fs::path folder = whole.has_parent_path() ? whole.parent_path() : fs::path(".");
  for (const auto& item : fs::directory_iterator(folder, none)) {
    const auto name = parse_piece_name(item.path().filename().string());
    if (name && name->whole == whole.filename())
      pieces.push_back(whole.parent_path() / item.path().filename());
  }
  std::ranges::sort(pieces);
  return pieces;
}

StoredState read_pieces(const fs::path& whole, const std::vector<fs::path>& pieces) {
  check_set(whole, pieces);
  StoredState stored;
  for (const fs::path& piece : pieces) {
    TensorMetadata metadata;
    const StateDict tensors = read_safetensors(piece, &metadata);
    if (piece == pieces.front()) stored.metadata = metadata;
    for (const char* key : {kSetKey, kQuantizationKey}) {
      if (text_of(metadata, key) == text_of(stored.metadata, key)) continue;
      throw InputError(fmt::format("{}: it and {} are of different sets, by their texts '{}'; get them again",
                                   piece.string(), pieces.front().filename().string(), key));
    }
    for (const auto& item : tensors) {
      if (stored.tensors.contains(item.key())) {
        throw InputError(fmt::format("{}: another piece of {} has the tensor {} too", piece.string(),
                                     whole.filename().string(), in_quotes(item.key())));
      }
      stored.tensors.insert(item.key(), item.value());
    }
  }
  return stored;
}

std::vector<fs::path> write_pieces(const fs::path& whole, const StoredState& stored,
                                   std::uint64_t largest_file) {
  const std::vector<StateDict> pieces = split(stored.tensors, largest_file, whole.string());
  if (pieces.size() > kMaxPieces) {
    throw InputError(
        fmt::format("cannot write {} in files of at most {} bytes: that takes {}, more than {}; "
                    "allow more",
                    whole.string(), largest_file, pieces.size(), kMaxPieces));
  }
  if (pieces.size() == 1) {
    write_safetensors(whole, stored.tensors, stored.metadata);
    return {whole};
  }
  TensorMetadata metadata = stored.metadata;
  metadata[kSetKey] = set_of(stored.tensors);
  std::vector<fs::path> files;
  for (std::size_t i = 1; i <= pieces.size(); ++i) files.push_back(piece_file(whole, i, pieces.size()));
  write_from(0, files, pieces, metadata);
  return files;
}

}  // namespace tha4
