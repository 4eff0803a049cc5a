#include "byte_order.h"
#include "weights_fixtures.h"
#include "zip_format.h"
#include "zip_reader.h"
#include "zip_writer.h"
#include <zlib.h>

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

struct Member {
  std::string name;
  std::string content;
};

void write_zip(const fs::path& file, const std::vector<Member>& members,
               ZipWriter::Zip64 zip64 = ZipWriter::Zip64::automatic) {
  OutputFile output(file, file.string());
  ZipWriter zip(output, zip64);
  for (const Member& member : members) zip.add(member.name, std::as_bytes(std::span(member.content)));
  zip.finish();
  output.close();
}

std::string content_of(const fs::path& file, const std::string& name, std::size_t limit = 1 << 20) {
  const InputFile input(file);
  const ZipReader zip(input);
  const ZipEntry* entry = zip.find(name);
  if (entry == nullptr) return "no entry";
  const auto bytes = zip.read_small(*entry, limit);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Replaces a number of the file at \p offset.
template <class T>
void patch(std::string& bytes, std::size_t offset, std::type_identity_t<T> value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

class Zip : public testing::TestWithParam<ZipWriter::Zip64> {
 protected:
  const fs::path file_ = fresh_folder("zip") / "a.zip";
};

TEST_P(Zip, RoundTripsAndAligns) {
  write_zip(file_, {{"first", "hello"}, {"b/empty", ""}, {"b/third", std::string(1000, 'x')}}, GetParam());
  EXPECT_EQ(content_of(file_, "first"), "hello");
  EXPECT_EQ(content_of(file_, "b/empty"), "");
  EXPECT_EQ(content_of(file_, "b/third"), std::string(1000, 'x'));
  EXPECT_EQ(content_of(file_, "b"), "no entry");
  const InputFile input(file_);
  const ZipReader zip(input);
  for (const ZipEntry& entry : zip.entries()) EXPECT_EQ(entry.data_offset % 64, 0U);
}

INSTANTIATE_TEST_SUITE_P(Records, Zip,
                         testing::Values(ZipWriter::Zip64::automatic, ZipWriter::Zip64::always));

TEST(ZipWriter, UsesZip64ForManyEntries) {
  const fs::path file = fresh_folder("zip_many") / "a.zip";
  std::vector<Member> members;
  for (int i = 0; i < 70'000; ++i) members.push_back({std::to_string(i), ""});
  write_zip(file, members);
  const InputFile input(file);
  EXPECT_EQ(ZipReader(input).entries().size(), 70'000U);
}

/// Two stored entries, 'a' and 'b', in a file whose bytes are changed before it is read.
class DamagedZip : public testing::Test {
 protected:
  DamagedZip() {
    write_zip(file_, {{"a", "0123456789"}, {"b", "abcdefghij"}});
    bytes_ = read_text_file(file_);
    directory_ = bytes_.find("PK\x01\x02");
    end_ = bytes_.find("PK\x05\x06");
    second_ = bytes_.find("PK\x01\x02", directory_ + 4);
  }

  std::string read(const std::string& name = "a") {
    write_text_file(file_, bytes_);
    std::string content;
    const std::string error = input_error_message([&] { content = content_of(file_, name); });
    return error == "no error" ? content : error;
  }

  std::string message(const std::string& text) const { return file_.string() + ": " + text; }

  const fs::path file_ = fresh_folder("zip_damaged") / "a.zip";
  std::string bytes_;
  std::size_t directory_ = 0;
  std::size_t second_ = 0;
  std::size_t end_ = 0;
};

TEST_F(DamagedZip, IsReadUnchanged) {
  EXPECT_EQ(read("b"), "abcdefghij");
  bytes_[end_ + 20] = 7;
  bytes_ += "comment";
  EXPECT_EQ(read("b"), "abcdefghij");
}

TEST_F(DamagedZip, CutOff) {
  bytes_.resize(bytes_.size() - 1);
  EXPECT_EQ(read(),
            message("this is not a complete zip archive, its end record is missing; is the file cut off?"));
}

TEST_F(DamagedZip, CutOffAtTheFront) {
  bytes_.erase(0, 1);
  EXPECT_EQ(read(), message("the directory of this zip archive is damaged"));
}

TEST_F(DamagedZip, FlippedData) {
  bytes_[bytes_.find("0123")] ^= 1;
  EXPECT_EQ(read(), message("the zip entry 'a' is damaged; copy or download the file again"));
}

TEST_F(DamagedZip, WrongCounts) {
  patch<std::uint16_t>(bytes_, end_ + 8, 60'000);
  patch<std::uint16_t>(bytes_, end_ + 10, 60'000);
  EXPECT_EQ(read(), message("the directory of this zip archive is damaged"));
  patch<std::uint16_t>(bytes_, end_ + 8, 1);
  patch<std::uint16_t>(bytes_, end_ + 10, 1);
  EXPECT_EQ(read(), message("the directory of this zip archive is damaged"));
}

TEST_F(DamagedZip, SizesBeyondTheFile) {
  patch<std::uint32_t>(bytes_, directory_ + 20, 0x7fffffff);
  patch<std::uint32_t>(bytes_, directory_ + 24, 0x7fffffff);
  EXPECT_EQ(read(), message("the header of the zip entry 'a' disagrees with the archive's directory"));
}

TEST_F(DamagedZip, OffsetsBeyondTheFile) {
  patch<std::uint32_t>(bytes_, directory_ + 42, 0x7fffffff);
  EXPECT_EQ(read(), message("the header of the zip entry 'a' disagrees with the archive's directory"));
}

TEST_F(DamagedZip, OtherNameInTheLocalHeader) {
  bytes_[zip::kLocalSize] = 'c';
  EXPECT_EQ(read(), message("the header of the zip entry 'a' disagrees with the archive's directory"));
}

TEST_F(DamagedZip, OverlappingEntries) {
  // Both sizes of 'a' grow until its data include the header of 'b'.
  for (const std::size_t offset : {directory_ + 20, directory_ + 24, std::size_t{18}, std::size_t{22}}) {
    patch<std::uint32_t>(bytes_, offset, 40);
  }
  EXPECT_EQ(read(), message("the zip entry 'a' overlaps what follows it"));
}

TEST_F(DamagedZip, TwoNamesForOneEntry) {
  bytes_[second_ + zip::kCentralSize] = 'a';
  patch<std::uint32_t>(bytes_, second_ + 42, 0);
  std::memcpy(bytes_.data() + second_ + 16, bytes_.data() + directory_ + 16, 4);
  EXPECT_EQ(read(), message("the zip entry 'a' overlaps what follows it"));
}

TEST_F(DamagedZip, RepeatedName) {
  bytes_[second_ + zip::kCentralSize] = 'a';
  const std::size_t local = bytes_.find("PK\x03\x04", 4);
  bytes_[local + zip::kLocalSize] = 'a';
  EXPECT_EQ(read(), message("the zip archive has two entries called 'a'"));
}

TEST_F(DamagedZip, EncryptedEntries) {
  bytes_[directory_ + 8] |= 1;
  EXPECT_EQ(read(), message("the entry 'a' is encrypted, or compressed in a way that is not known"));
}

/// A zip archive with the one entry 'a', deflated.
std::string deflated_zip(const std::string& content, std::uint32_t claimed_size) {
  std::string packed(compressBound(content.size()) + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);

  std::string common;
  append_number<std::uint16_t>(common, 20);
  append_number<std::uint16_t>(common, 0);
  append_number<std::uint16_t>(common, zip::kDeflated);
  append_number<std::uint32_t>(common, 0);
  append_number<std::uint32_t>(
      common,
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size())));
  append_number<std::uint32_t>(common, static_cast<std::uint32_t>(packed.size()));
  append_number<std::uint32_t>(common, claimed_size);
  append_number<std::uint16_t>(common, 1);
  append_number<std::uint16_t>(common, 0);
  const std::string local = "PK\x03\x04" + common + "a" + packed;
  const std::string central = "PK\x01\x02\x14\0"s + common + std::string(14, '\0') + "a";
  std::string end = "PK\x05\x06\0\0\0\0\x01\0\x01\0"s;
  append_number<std::uint32_t>(end, static_cast<std::uint32_t>(central.size()));
  append_number<std::uint32_t>(end, static_cast<std::uint32_t>(local.size()));
  return local + central + end + "\0\0"s;
}

TEST(ZipReader, InflatesSmallEntriesWithinLimits) {
  const fs::path file = fresh_folder("zip_deflated") / "a.zip";
  const std::string zeros(1 << 20, '\0');
  write_text_file(file, deflated_zip(zeros, 1 << 20));
  EXPECT_EQ(content_of(file, "a", 1 << 20), zeros);
  EXPECT_EQ(input_error_message([&] { content_of(file, "a", 1000); }),
            file.string() + ": the zip entry 'a' has 1048576 bytes; at most 1000 are expected of it");
  const std::string damaged =
      file.string() + ": the zip entry 'a' is damaged; copy or download the file again";
  // A bomb: it claims to be small.
  write_text_file(file, deflated_zip(zeros, 100));
  EXPECT_EQ(input_error_message([&] { content_of(file, "a", 1000 << 10); }), damaged);
  write_text_file(file, deflated_zip(zeros, 2 << 20));
  EXPECT_EQ(input_error_message([&] { content_of(file, "a", 4 << 20); }), damaged);
}

TEST(ZipReader, InflatesTensorsAsTheyAreRead) {
  const fs::path file = fresh_folder("zip_compressed") / "a.zip";
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += static_cast<char>(i * i % 251);
  const auto size = static_cast<std::uint32_t>(content.size());
  const auto read = [&](std::uint32_t claimed_size) {
    write_text_file(file, deflated_zip(content, claimed_size));
    const InputFile input(file);
    const ZipReader zip(input);
    std::vector<std::byte> into(claimed_size);
    zip.check_size(*zip.find("a"));
    zip.read(*zip.find("a"), into);
    return std::string(reinterpret_cast<const char*>(into.data()), into.size());
  };
  EXPECT_EQ(read(size), content);
  const std::string damaged =
      file.string() + ": the zip entry 'a' is damaged; copy or download the file again";
  EXPECT_EQ(input_error_message([&] { read(size - 1); }), damaged);
  EXPECT_EQ(input_error_message([&] { read(size + 1); }), damaged);
  EXPECT_NE(input_error_message([&] { read(0x7fffffff); }).find("cannot be in it"), std::string::npos);
}

}  // namespace
}  // namespace tha4
