#include "tha4/report/event_writer.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "crc32c.h"
#include "protobuf_message.h"
#include <unistd.h>

#include "tha4/base/error.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kFlushInterval{5};

// Field numbers of event.proto, summary.proto and tensor.proto of TensorFlow, as far as they are written
// here.
namespace event_field {
constexpr int kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
}
namespace session_log_field {
constexpr int kStatus = 1;
}
namespace summary_field {
constexpr int kValue = 1;
}
namespace value_field {
constexpr int kTag = 1, kSimpleValue = 2, kImage = 4, kTensor = 8, kMetadata = 9;
}
namespace image_field {
constexpr int kHeight = 1, kWidth = 2, kColorspace = 3, kEncodedImage = 4;
}
namespace tensor_field {
constexpr int kType = 1, kShape = 2, kStringValue = 8;
}
namespace metadata_field {
constexpr int kPluginData = 1;
}
namespace plugin_data_field {
constexpr int kPluginName = 1;
}
constexpr int kSessionStart = 1;
constexpr int kRgbaColorspace = 4;
constexpr int kStringType = 7;

double seconds_since_epoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

ProtobufMessage event_at(std::int64_t step) {
  ProtobufMessage event;
  event.add_double(event_field::kWallTime, seconds_since_epoch()).add_integer(event_field::kStep, step);
  return event;
}

/// CRCs are masked in a record file, since a CRC of data that contains CRCs is weak.
std::uint32_t masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

}  // namespace

EventWriter::EventWriter(const fs::path& folder, std::int64_t first_step) {
  open_new_file(folder);
  write_record(event_at(0).add_bytes(event_field::kFileVersion, "brain.Event:2").bytes());
  if (first_step > 0) {
    const ProtobufMessage start = ProtobufMessage().add_integer(session_log_field::kStatus, kSessionStart);
    write_record(event_at(first_step).add_bytes(event_field::kSessionLog, start.bytes()).bytes());
  }
  flush();
}

void EventWriter::open_new_file(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error("cannot create the folder " + folder.string() + ": " + failure.message());

  const std::string name = "events.out.tfevents." +
                           std::to_string(static_cast<std::int64_t>(seconds_since_epoch())) + "." +
                           host_name();
  file_ = folder / name;
  // A run that is resumed within the second in which it was started finds its first file under this name.
  for (int i = 1;; ++i) {
    stream_.reset(std::fopen(file_.c_str(), "wbx"));
    if (stream_) return;
    if (errno != EEXIST) fail();
    file_ = folder / (name + "." + std::to_string(i));
  }
}

void EventWriter::add_scalar(std::string_view tag, double value, std::int64_t step) {
  write_summary(ProtobufMessage()
                    .add_bytes(value_field::kTag, tag)
                    .add_float(value_field::kSimpleValue, static_cast<float>(value))
                    .bytes(),
                step);
}

void EventWriter::add_image(std::string_view tag, const RgbaImage& image, std::int64_t step) {
  const ProtobufMessage picture = ProtobufMessage()
                                      .add_integer(image_field::kHeight, image.height)
                                      .add_integer(image_field::kWidth, image.width)
                                      .add_integer(image_field::kColorspace, kRgbaColorspace)
                                      .add_bytes(image_field::kEncodedImage, png_bytes(image));
  write_summary(ProtobufMessage()
                    .add_bytes(value_field::kTag, tag)
                    .add_bytes(value_field::kImage, picture.bytes())
                    .bytes(),
                step);
}

void EventWriter::add_text(std::string_view tag, std::string_view text, std::int64_t step) {
  const ProtobufMessage tensor = ProtobufMessage()
                                     .add_integer(tensor_field::kType, kStringType)
                                     .add_bytes(tensor_field::kShape, {})
                                     .add_bytes(tensor_field::kStringValue, text);
  const ProtobufMessage plugin = ProtobufMessage().add_bytes(plugin_data_field::kPluginName, "text");
  const ProtobufMessage metadata = ProtobufMessage().add_bytes(metadata_field::kPluginData, plugin.bytes());
  write_summary(ProtobufMessage()
                    .add_bytes(value_field::kTag, tag)
                    .add_bytes(value_field::kTensor, tensor.bytes())
                    .add_bytes(value_field::kMetadata, metadata.bytes())
                    .bytes(),
                step);
}

void EventWriter::write_summary(std::string_view summary_value, std::int64_t step) {
  const ProtobufMessage summary = ProtobufMessage().add_bytes(summary_field::kValue, summary_value);
  write_record(event_at(step).add_bytes(event_field::kSummary, summary.bytes()).bytes());
  if (std::chrono::steady_clock::now() - last_flush_ >= kFlushInterval) flush();
}

void EventWriter::write_record(std::string_view event) {
  std::string record;
  record.reserve(event.size() + 16);
  append_little_endian(record, event.size(), 8);
  append_little_endian(record, masked_crc(record), 4);
  record.append(event);
  append_little_endian(record, masked_crc(event), 4);
  if (std::fwrite(record.data(), 1, record.size(), stream_.get()) != record.size()) fail();
}

void EventWriter::flush() {
  if (std::fflush(stream_.get()) != 0) fail();
  last_flush_ = std::chrono::steady_clock::now();
}

void EventWriter::fail() const {
  throw Error("cannot write the event file " + file_.string() + ": " + std::strerror(errno));
}

}  // namespace tha4
