#include "zip_writer.h"

#include "byte_order.h"
#include "zip_format.h"
#include <zlib.h>

namespace tha4 {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint16_t kVersionOfZip64 = 45;
/// 1 January 1980, the earliest date there is: the same weights make the same file.
constexpr std::uint16_t kDate = 0x21;

/// The part that local header and directory record have in common, from the version to the CRC.
void append_common(std::string& record, std::uint32_t crc) {
  append_number<std::uint16_t>(record, kVersionOfZip64);
  append_number<std::uint16_t>(record, zip::kNamesAreUtf8);
  append_number<std::uint16_t>(record, zip::kStored);
  append_number<std::uint16_t>(record, 0);
  append_number<std::uint16_t>(record, kDate);
  append_number<std::uint32_t>(record, crc);
}

void append_zip64_extra(std::string& extra, std::initializer_list<std::uint64_t> numbers) {
  append_number<std::uint16_t>(extra, zip::kZip64Extra);
  append_number<std::uint16_t>(extra, static_cast<std::uint16_t>(8 * numbers.size()));
  for (const std::uint64_t number : numbers) append_number<std::uint64_t>(extra, number);
}

/// Fills \p extra up so that what follows it in the file is aligned; it begins at \p offset.
void append_padding(std::string& extra, std::uint64_t offset) {
  const std::uint64_t used = (offset + extra.size() + 4) % kAlignment;
  const std::uint64_t padding = (kAlignment - used) % kAlignment;
  append_number<std::uint16_t>(extra, zip::kPaddingExtra);
  append_number<std::uint16_t>(extra, static_cast<std::uint16_t>(padding));
  extra.append(padding, 'Z');
}

}  // namespace

bool ZipWriter::needs_zip64(std::uint64_t number) const {
  return zip64_ == Zip64::always || number >= zip::kSaturated32;
}

void ZipWriter::add(const std::string& name, std::span<const std::byte> content) {
  const std::uint64_t offset = file_.position();
  const std::uint64_t size = content.size();
  const auto crc =
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
  const bool large = needs_zip64(size);
  const bool far = needs_zip64(offset);
  const auto shown_size = large ? zip::kSaturated32 : static_cast<std::uint32_t>(size);

  std::string extra;
  if (large) append_zip64_extra(extra, {size, size});
  append_padding(extra, offset + zip::kLocalSize + name.size());
  std::string header;
  append_number<std::uint32_t>(header, zip::kLocalSignature);
  append_common(header, crc);
  append_number<std::uint32_t>(header, shown_size);
  append_number<std::uint32_t>(header, shown_size);
  append_number<std::uint16_t>(header, static_cast<std::uint16_t>(name.size()));
  append_number<std::uint16_t>(header, static_cast<std::uint16_t>(extra.size()));
  file_.write(header + name + extra);
  file_.write(content);

  std::string far_extra;
  if (large && far) {
    append_zip64_extra(far_extra, {size, size, offset});
  } else if (large) {
    append_zip64_extra(far_extra, {size, size});
  } else if (far) {
    append_zip64_extra(far_extra, {offset});
  }
  append_number<std::uint32_t>(directory_, zip::kCentralSignature);
  append_number<std::uint16_t>(directory_, kVersionOfZip64);
  append_common(directory_, crc);
  append_number<std::uint32_t>(directory_, shown_size);
  append_number<std::uint32_t>(directory_, shown_size);
  append_number<std::uint16_t>(directory_, static_cast<std::uint16_t>(name.size()));
  append_number<std::uint16_t>(directory_, static_cast<std::uint16_t>(far_extra.size()));
  directory_.append(10, '\0');  // no comment, first disk, no attributes
  append_number<std::uint32_t>(directory_, far ? zip::kSaturated32 : static_cast<std::uint32_t>(offset));
  directory_ += name + far_extra;
  ++entries_;
}

void ZipWriter::finish() {
  const std::uint64_t offset = file_.position();
  const std::uint64_t size = directory_.size();
  const bool zip64 = needs_zip64(offset) || needs_zip64(size) || entries_ >= zip::kSaturated16;
  if (zip64) {
    const std::uint64_t end = offset + size;
    append_number<std::uint32_t>(directory_, zip::kEnd64Signature);
    append_number<std::uint64_t>(directory_, zip::kEnd64Size - 12);
    append_number<std::uint16_t>(directory_, kVersionOfZip64);
    append_number<std::uint16_t>(directory_, kVersionOfZip64);
    directory_.append(8, '\0');  // first disk
    append_number<std::uint64_t>(directory_, entries_);
    append_number<std::uint64_t>(directory_, entries_);
    append_number<std::uint64_t>(directory_, size);
    append_number<std::uint64_t>(directory_, offset);

    append_number<std::uint32_t>(directory_, zip::kEnd64LocatorSignature);
    append_number<std::uint32_t>(directory_, 0);
    append_number<std::uint64_t>(directory_, end);
    append_number<std::uint32_t>(directory_, 1);
  }
  const auto shown_entries = zip64 ? zip::kSaturated16 : static_cast<std::uint16_t>(entries_);
  append_number<std::uint32_t>(directory_, zip::kEndSignature);
  append_number<std::uint32_t>(directory_, 0);
  append_number<std::uint16_t>(directory_, shown_entries);
  append_number<std::uint16_t>(directory_, shown_entries);
  append_number<std::uint32_t>(directory_, zip64 ? zip::kSaturated32 : static_cast<std::uint32_t>(size));
  append_number<std::uint32_t>(directory_, zip64 ? zip::kSaturated32 : static_cast<std::uint32_t>(offset));
  append_number<std::uint16_t>(directory_, 0);
  file_.write(directory_);
}

}  // namespace tha4
