#include "zip_reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include "byte_order.h"
#include "tensor_type.h"
#include "zip_format.h"
#include <zlib.h>

namespace tha4 {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t kMaxDirectory = 256 << 20;

std::vector<std::byte> read_bytes(const InputFile& file, std::uint64_t offset, std::uint64_t size) {
  std::vector<std::byte> bytes(size);
  file.read(offset, bytes);
  return bytes;
}

/// Where the central directory lies.
struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Offset of the end record, which is the last thing in the file but for a comment.
std::uint64_t find_end_record(const InputFile& file) {
  const std::uint64_t tail_size =
      std::min<std::uint64_t>(file.size(), zip::kEndSize + std::uint64_t{zip::kSaturated16});
  const auto tail = read_bytes(file, file.size() - tail_size, tail_size);
  for (std::uint64_t length = zip::kEndSize; length <= tail_size; ++length) {
    const Bytes record = Bytes(tail).last(length);
    if (number_at<std::uint32_t>(record, 0) == zip::kEndSignature &&
        zip::kEndSize + number_at<std::uint16_t>(record, 20) == length) {
      return file.size() - length;
    }
  }
  file.fail("this is not a complete zip archive, its end record is missing; is the file cut off?");
}

[[noreturn]] void fail_directory(const InputFile& file) {
  file.fail("the directory of this zip archive is damaged");
}

/// The zip64 end record before the end record at \p end, if there is one. Sets \p end to its offset.
std::optional<Directory> read_zip64_directory(const InputFile& file, std::uint64_t& end) {
  if (end < zip::kEnd64LocatorSize) return std::nullopt;
  const std::uint64_t locator_offset = end - zip::kEnd64LocatorSize;
  const auto locator = read_bytes(file, locator_offset, zip::kEnd64LocatorSize);
  if (number_at<std::uint32_t>(locator, 0) != zip::kEnd64LocatorSignature) return std::nullopt;

  const auto offset = number_at<std::uint64_t>(locator, 8);
  if (locator_offset < zip::kEnd64Size || offset > locator_offset - zip::kEnd64Size) fail_directory(file);
  const auto record = read_bytes(file, offset, zip::kEnd64Size);
  const bool one_disk =
      number_at<std::uint32_t>(record, 16) == 0 && number_at<std::uint32_t>(record, 20) == 0;
  if (number_at<std::uint32_t>(record, 0) != zip::kEnd64Signature ||
      number_at<std::uint64_t>(record, 4) != locator_offset - offset - 12 || !one_disk ||
      number_at<std::uint64_t>(record, 24) != number_at<std::uint64_t>(record, 32)) {
    fail_directory(file);
  }
  end = offset;
  return Directory{number_at<std::uint64_t>(record, 32), number_at<std::uint64_t>(record, 48),
                   number_at<std::uint64_t>(record, 40)};
}

/// The value of a field of the end record: its own, which must agree with the zip64 record, or that record's.
template <class Field>
std::uint64_t agreed_value(const InputFile& file, Field value, const std::uint64_t* zip64) {
  if (zip64 != nullptr && value != static_cast<Field>(-1) && value != *zip64) fail_directory(file);
  return zip64 != nullptr ? *zip64 : value;
}

Directory find_directory(const InputFile& file) {
  std::uint64_t end = find_end_record(file);
  const auto record = read_bytes(file, end, zip::kEndSize);
  const bool one_disk = number_at<std::uint16_t>(record, 4) == 0 && number_at<std::uint16_t>(record, 6) == 0;
  if (!one_disk || number_at<std::uint16_t>(record, 8) != number_at<std::uint16_t>(record, 10)) {
    fail_directory(file);
  }
  const auto zip64 = read_zip64_directory(file, end);
  Directory directory;
  directory.entries =
      agreed_value(file, number_at<std::uint16_t>(record, 10), zip64 ? &zip64->entries : nullptr);
  directory.size = agreed_value(file, number_at<std::uint32_t>(record, 12), zip64 ? &zip64->size : nullptr);
  directory.offset =
      agreed_value(file, number_at<std::uint32_t>(record, 16), zip64 ? &zip64->offset : nullptr);

  const bool fits = directory.offset <= end && directory.size == end - directory.offset &&
                    directory.entries <= directory.size / zip::kCentralSize;
  if (!fits || directory.size > kMaxDirectory) fail_directory(file);
  return directory;
}

/// Replaces those of \p values that are saturated by the numbers of the zip64 field among \p extra. False
/// when the field is missing or too short.
bool resolve_zip64(Bytes extra, std::span<std::uint64_t* const> values) {
  const auto saturated = [](const std::uint64_t* value) { return *value == zip::kSaturated32; };
  if (std::ranges::none_of(values, saturated)) return true;
  while (extra.size() >= 4) {
    const auto size = number_at<std::uint16_t>(extra, 2);
    if (size > extra.size() - 4) return false;
    Bytes content = extra.subspan(4, size);
    if (number_at<std::uint16_t>(extra, 0) == zip::kZip64Extra) {
      for (std::uint64_t* value : values) {
        if (!saturated(value)) continue;
        if (content.size() < 8) return false;
        *value = number_at<std::uint64_t>(content, 0);
        content = content.subspan(8);
      }
      return true;
    }
    extra = extra.subspan(4 + std::size_t{size});
  }
  return false;
}

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Takes the first record off \p directory.
ZipEntry take_directory_entry(const InputFile& file, Bytes& directory) {
  if (directory.size() < zip::kCentralSize ||
      number_at<std::uint32_t>(directory, 0) != zip::kCentralSignature) {
    fail_directory(file);
  }
  const std::size_t name_size = number_at<std::uint16_t>(directory, 28);
  const std::size_t extra_size = number_at<std::uint16_t>(directory, 30);
  const std::size_t record_size =
      zip::kCentralSize + name_size + extra_size + number_at<std::uint16_t>(directory, 32);
  if (record_size > directory.size()) fail_directory(file);

  ZipEntry entry;
  entry.name = text_of(directory.subspan(zip::kCentralSize, name_size));
  entry.crc32 = number_at<std::uint32_t>(directory, 16);
  entry.compressed_size = number_at<std::uint32_t>(directory, 20);
  entry.size = number_at<std::uint32_t>(directory, 24);
  entry.header_offset = number_at<std::uint32_t>(directory, 42);
  const Bytes extra = directory.subspan(zip::kCentralSize + name_size, extra_size);
  if (!resolve_zip64(extra, std::array{&entry.size, &entry.compressed_size, &entry.header_offset})) {
    fail_directory(file);
  }
  const auto method = number_at<std::uint16_t>(directory, 10);
  const auto flags = number_at<std::uint16_t>(directory, 8);
  if ((method != zip::kStored && method != zip::kDeflated) || (flags & zip::kUnreadableFlags) != 0) {
    file.fail("the entry " + in_quotes(entry.name) +
              " is encrypted, or compressed in a way that is not known");
  }
  entry.deflated = method == zip::kDeflated;
  if (!entry.deflated && entry.size != entry.compressed_size) fail_directory(file);
  directory = directory.subspan(record_size);
  return entry;
}

/// Inflates \p compressed, which must give exactly as many bytes as \p into has.
bool inflate_exactly(std::span<std::byte> compressed, std::span<std::byte> into) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(into.data());
  stream.avail_out = static_cast<uInt>(into.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return result == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0;
}

}  // namespace

ZipReader::ZipReader(const InputFile& file) : file_(file) {
  const Directory directory = find_directory(file);
  const auto records = read_bytes(file, directory.offset, directory.size);
  Bytes rest = records;
  entries_.reserve(directory.entries);
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    entries_.push_back(take_directory_entry(file, rest));
    check_local_header(entries_.back());
  }
  if (!rest.empty()) fail_directory(file);
  check_overlaps(directory.offset);
  for (const ZipEntry& entry : entries_) {
    if (!by_name_.emplace(entry.name, &entry).second) {
      file.fail("the zip archive has two entries called " + in_quotes(entry.name));
    }
  }
}

const ZipEntry* ZipReader::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

void ZipReader::check_local_header(ZipEntry& entry) const {
  const auto fail = [&] {
    file_.fail("the header of the zip entry " + in_quotes(entry.name) +
               " disagrees with the archive's directory");
  };
  if (entry.header_offset > file_.size() || file_.size() - entry.header_offset < zip::kLocalSize) fail();
  std::vector<std::byte> header = read_bytes(file_, entry.header_offset, zip::kLocalSize);
  const std::size_t name_size = number_at<std::uint16_t>(header, 26);
  const std::size_t extra_size = number_at<std::uint16_t>(header, 28);
  const std::uint64_t header_size = zip::kLocalSize + name_size + extra_size;
  if (number_at<std::uint32_t>(header, 0) != zip::kLocalSignature ||
      header_size > file_.size() - entry.header_offset) {
    fail();
  }
  header = read_bytes(file_, entry.header_offset, header_size);
  const auto flags = number_at<std::uint16_t>(header, 6);
  const std::uint16_t method = entry.deflated ? zip::kDeflated : zip::kStored;
  if (text_of(Bytes(header).subspan(zip::kLocalSize, name_size)) != entry.name ||
      number_at<std::uint16_t>(header, 8) != method || (flags & zip::kUnreadableFlags) != 0) {
    fail();
  }

  const auto crc = number_at<std::uint32_t>(header, 14);
  std::uint64_t compressed_size = number_at<std::uint32_t>(header, 18);
  std::uint64_t size = number_at<std::uint32_t>(header, 22);
  if (!resolve_zip64(Bytes(header).subspan(zip::kLocalSize + name_size),
                     std::array{&size, &compressed_size})) {
    fail();
  }
  const bool equal = crc == entry.crc32 && size == entry.size && compressed_size == entry.compressed_size;
  const bool deferred = (flags & zip::kSizesFollowData) != 0 && crc == 0 && size == 0 && compressed_size == 0;
  if (!equal && !deferred) fail();

  entry.data_offset = entry.header_offset + header_size;
  if (entry.compressed_size > file_.size() - entry.data_offset) fail();
}

void ZipReader::check_overlaps(std::uint64_t directory_offset) const {
  std::vector<const ZipEntry*> ordered;
  ordered.reserve(entries_.size());
  for (const ZipEntry& entry : entries_) ordered.push_back(&entry);
  std::ranges::sort(ordered, {}, &ZipEntry::header_offset);
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    const std::uint64_t end = ordered[i]->data_offset + ordered[i]->compressed_size;
    const std::uint64_t next = i + 1 < ordered.size() ? ordered[i + 1]->header_offset : directory_offset;
    if (end > next) {
      file_.fail("the zip entry " + in_quotes(ordered[i]->name) + " overlaps what follows it");
    }
  }
}

std::vector<std::byte> ZipReader::read_small(const ZipEntry& entry, std::size_t limit) const {
  if (entry.size > limit || entry.compressed_size > limit) {
    file_.fail("the zip entry " + in_quotes(entry.name) + " has " + std::to_string(entry.size) +
               " bytes; at most " + std::to_string(limit) + " are expected of it");
  }
  std::vector<std::byte> content(entry.size);
  if (!entry.deflated) {
    read_stored(entry, content);
    return content;
  }
  auto compressed = read_bytes(file_, entry.data_offset, entry.compressed_size);
  if (!inflate_exactly(compressed, content) ||
      crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()) != entry.crc32) {
    file_.fail("the zip entry " + in_quotes(entry.name) + " is damaged; copy or download the file again");
  }
  return content;
}

void ZipReader::check_size(const ZipEntry& entry) const {
  // What deflate makes of zeros, and what a file of weights may be besides.
  constexpr std::uint64_t kMaxInflated = 1032;
  constexpr std::uint64_t kAlways = std::uint64_t{256} << 20;
  if (!entry.deflated || entry.size <= kAlways || entry.size / kMaxInflated < entry.compressed_size) return;
  file_.fail("the zip entry " + in_quotes(entry.name) + " claims to have " + std::to_string(entry.size) +
             " bytes, which cannot be in it; the file is damaged");
}

void ZipReader::read(const ZipEntry& entry, std::span<std::byte> into) const {
  if (entry.deflated) {
    read_deflated(entry, into);
  } else {
    read_stored(entry, into);
  }
}

void ZipReader::read_deflated(const ZipEntry& entry, std::span<std::byte> into) const {
  constexpr std::uint64_t kPiece = 1 << 18;
  z_stream stream{};
  bool is_sound = inflateInit2(&stream, -MAX_WBITS) == Z_OK;
  stream.next_out = reinterpret_cast<Bytef*>(into.data());
  std::uint64_t left = into.size();  // one call takes at most 4 GiB
  int result = Z_OK;
  for (std::uint64_t at = 0; is_sound && result == Z_OK && at < entry.compressed_size; at += kPiece) {
    std::vector<std::byte> piece =
        read_bytes(file_, entry.data_offset + at, std::min(kPiece, entry.compressed_size - at));
    stream.next_in = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_in = static_cast<uInt>(piece.size());
    while (result == Z_OK && stream.avail_in > 0) {
      const auto room = static_cast<uInt>(std::min<std::uint64_t>(left, 1U << 30));
      stream.avail_out = room;
      result = inflate(&stream, Z_NO_FLUSH);
      left -= room - stream.avail_out;
    }
  }
  inflateEnd(&stream);
  const auto* content = reinterpret_cast<const Bytef*>(into.data());
  is_sound =
      is_sound && result == Z_STREAM_END && left == 0 && crc32_z(0, content, into.size()) == entry.crc32;
  if (!is_sound) {
    file_.fail("the zip entry " + in_quotes(entry.name) + " is damaged; copy or download the file again");
  }
}

void ZipReader::read_stored(const ZipEntry& entry, std::span<std::byte> into) const {
  // In pieces that stay in the processor's cache from the one pass over them to the other.
  constexpr std::size_t kPiece = 1 << 18;
  uLong crc = 0;
  for (std::size_t begin = 0; begin < into.size(); begin += kPiece) {
    const auto piece = into.subspan(begin, std::min(kPiece, into.size() - begin));
    file_.read(entry.data_offset + begin, piece);
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
  }
  if (entry.crc32 != 0 && crc != entry.crc32) {
    file_.fail("the zip entry " + in_quotes(entry.name) + " is damaged; copy or download the file again");
  }
}

}  // namespace tha4
