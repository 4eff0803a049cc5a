#include "safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>

#include "byte_order.h"
#include <nlohmann/json.hpp>

namespace tha4 {
namespace {

using Json = nlohmann::json;

/// Reads {"NAME": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "__metadata__": {"KEY": "TEXT"}} as
/// the parser meets it and stops at whatever is not of that form, so that nesting, repeated keys and other
/// surplus cost nothing.
class HeaderParser final : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderParser(SafetensorsHeader& header) : header_(header) {}

  const std::string& problem() const { return problem_; }

  bool null() override { return misplaced(); }
  bool boolean(bool /*value*/) override { return misplaced(); }
  bool number_integer(number_integer_t /*value*/) override { return misplaced(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return misplaced(); }
  bool binary(binary_t& /*value*/) override { return misplaced(); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::list || numbers_.size() >= kMaxDimensions ||
        value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return misplaced();
    }
    numbers_.push_back(static_cast<std::int64_t>(value));
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::metadata) {
      header_.metadata[field_] = value;
      return true;
    }
    if (place_ != Place::entry || field_ != "dtype") return misplaced();
    entry_.type = tensor_type_of_safetensors(value);
    return entry_.type != nullptr || fail("the element type " + in_quotes(value) + " is not supported");
  }

  bool start_object(std::size_t /*size*/) override {
    if (place_ == Place::before) {
      place_ = Place::root;
    } else if (place_ == Place::root) {
      place_ = entry_.name == "__metadata__" ? Place::metadata : Place::entry;
    } else {
      return misplaced();
    }
    return true;
  }

  bool key(string_t& value) override {
    if (place_ == Place::root) {
      entry_ = {};
      entry_.name = value;
      fields_.clear();
      return names_.insert(value).second || fail("the name " + in_quotes(value) + " occurs twice");
    }
    field_ = value;
    if (place_ == Place::metadata) {
      return !header_.metadata.contains(value) ||
             fail("the metadata key " + in_quotes(value) + " occurs twice");
    }
    if (value != "dtype" && value != "shape" && value != "data_offsets") return misplaced();
    return fields_.insert(value).second || misplaced();
  }

  bool start_array(std::size_t /*size*/) override {
    if (place_ != Place::entry || (field_ != "shape" && field_ != "data_offsets")) return misplaced();
    place_ = Place::list;
    numbers_.clear();
    return true;
  }

  bool end_array() override {
    place_ = Place::entry;
    if (field_ == "shape") {
      entry_.shape = numbers_;
      return true;
    }
    if (numbers_.size() != 2) return misplaced();
    entry_.begin = static_cast<std::uint64_t>(numbers_[0]);
    entry_.end = static_cast<std::uint64_t>(numbers_[1]);
    return true;
  }

  bool end_object() override {
    if (place_ == Place::entry) {
      if (fields_.size() != 3) return misplaced();
      header_.entries.push_back(std::move(entry_));
    }
    place_ = place_ == Place::root ? Place::after : Place::root;
    return true;
  }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return fail("it is not valid JSON");
  }

 private:
  enum class Place { before, root, metadata, entry, list, after };

  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool misplaced() {
    return fail("it is not of the form that is expected" +
                (entry_.name.empty() ? std::string{} : ", at " + in_quotes(entry_.name)));
  }

  SafetensorsHeader& header_;
  Place place_ = Place::before;
  SafetensorsEntry entry_;
  std::string field_;
  std::unordered_set<std::string> fields_;
  std::unordered_set<std::string> names_;
  std::vector<std::int64_t> numbers_;
  std::string problem_;
};

void check_size(const InputFile& file, const SafetensorsEntry& entry) {
  const auto count = element_count(entry.shape);
  if (!count || entry.begin > entry.end ||
      entry.end - entry.begin != static_cast<std::uint64_t>(*count) * entry.type->size) {
    file.fail("the tensor " + in_quotes(entry.name) + " of type " + std::string(entry.type->name) +
              " and shape " + shape_text(entry.shape) + " cannot have the bytes " +
              std::to_string(entry.begin) + " to " + std::to_string(entry.end));
  }
}

/// The tensors must follow each other without gaps and end with the file.
void check_cover(const InputFile& file, const SafetensorsHeader& header) {
  std::vector<const SafetensorsEntry*> ordered;
  ordered.reserve(header.entries.size());
  for (const SafetensorsEntry& entry : header.entries) ordered.push_back(&entry);
  std::ranges::sort(ordered, {}, [](const auto* entry) { return std::pair(entry->begin, entry->end); });
  std::uint64_t end = 0;
  for (const SafetensorsEntry* entry : ordered) {
    if (entry->begin != end) {
      file.fail("the tensor " + in_quotes(entry->name) +
                (entry->begin < end ? " overlaps the one before it" : " leaves a gap before it"));
    }
    end = entry->end;
  }
  const std::uint64_t size = file.size() - header.data_offset;
  if (size != end) {
    file.fail("its tensors should have " + std::to_string(end) + " bytes, but there are " +
              std::to_string(size) + (size < end ? "; is the file cut off?" : ""));
  }
}

}  // namespace

bool looks_like_safetensors(const InputFile& file) {
  std::array<std::byte, 9> begin{};
  if (file.size() < begin.size()) return false;
  file.read(0, begin);
  return begin.back() == std::byte{'{'};
}

SafetensorsHeader read_safetensors_header(const InputFile& file) {
  if (!looks_like_safetensors(file)) file.fail("is not a safetensors file");
  std::array<std::byte, 8> length{};
  file.read(0, length);
  const auto size = number_at<std::uint64_t>(length, 0);
  if (size > kMaxSafetensorsHeader) {
    file.fail("is not a safetensors file, or its header is damaged: it should have " + std::to_string(size) +
              " bytes");
  }
  if (size > file.size() - length.size()) file.fail("its header is incomplete; is the file cut off?");
  std::string text(size, '\0');
  file.read(length.size(), std::as_writable_bytes(std::span(text)));

  SafetensorsHeader header;
  header.data_offset = length.size() + size;
  HeaderParser parser(header);
  if (!Json::sax_parse(text, &parser)) file.fail("its header cannot be used: " + parser.problem());
  for (const SafetensorsEntry& entry : header.entries) check_size(file, entry);
  check_cover(file, header);
  return header;
}

}  // namespace tha4
