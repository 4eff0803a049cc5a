#include "tha4/pose/pose_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "quoted_text.h"
#include <nlohmann/json.hpp>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"
#include "tha4/base/utf8_text.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The extension in small letters.
std::string extension_of(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return extension;
}

void check_pose_file_name(const fs::path& file) {
  if (!is_pose_file_name(file)) throw InputError(file.string() + ": a pose file is a .json or a .csv file");
}

int parameter_index(std::string_view name, const std::string& where) {
  try {
    return pose_parameter_index(name);
  } catch (const InputError& error) {
    throw InputError(where + ": " + error.what());
  }
}

void append(std::vector<Pose>& poses, const Pose& pose, const fs::path& file) {
  if (poses.size() == kMaxPosesInFile) {
    throw InputError(file.string() + ": has more than " + std::to_string(kMaxPosesInFile) +
                     " poses; divide it into several files");
  }
  poses.push_back(pose);
}

Pose pose_from_json(const nlohmann::json& object, const std::string& where) {
  if (!object.is_object()) {
    throw InputError(where + ": is of type " + object.type_name() +
                     R"(, not an object of parameter names and values such as {"head_x": 0.5})");
  }
  Pose pose{};
  for (const auto& [name, value] : object.items()) {
    if (value.is_array() && !value.empty() && value.front().is_object()) {
      throw InputError(
          where + ": " + quoted_text(name) +
          " holds a list of objects; the list of poses stands alone, without an object around it");
    }
    const int index = parameter_index(name, where);
    if (!value.is_number()) {
      throw InputError(where + ": " + name + " is of type " + value.type_name() + ", not a number");
    }
    pose[static_cast<std::size_t>(index)] = checked_pose_value(index, value.get<double>(), where);
  }
  return pose;
}

std::vector<Pose> read_json_poses(const fs::path& file) {
  const nlohmann::json content = read_json_file(file);
  if (content.is_object()) return {pose_from_json(content, file.string())};
  if (!content.is_array()) {
    throw InputError(file.string() + ": is of type " + content.type_name() +
                     R"(, not a list of poses such as [{"head_x": 0.5}])");
  }
  std::vector<Pose> poses;
  for (const nlohmann::json& object : content) {
    append(poses, pose_from_json(object, file.string() + ", pose " + std::to_string(poses.size() + 1)), file);
  }
  if (poses.empty()) throw InputError(file.string() + ": has no poses");
  return poses;
}

std::string_view without_spaces_around(std::string_view text) {
  constexpr std::string_view kSpaces = " \t";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// Takes the cell in quotes at the beginning of \p rest from it, up to its separator.
std::string take_quoted_cell(std::string_view& rest, char separator, const std::string& where) {
  std::string cell;
  std::size_t at = 1;
  for (;; ++at) {
    if (at >= rest.size()) throw InputError(where + ": a quote is not closed on the same line");
    if (rest[at] == '"') {
      if (at + 1 >= rest.size() || rest[at + 1] != '"') break;
      ++at;
    }
    cell += rest[at];
  }
  rest.remove_prefix(at + 1);
  const std::size_t comma = std::min(rest.find(separator), rest.size());
  if (!without_spaces_around(rest.substr(0, comma)).empty()) {
    throw InputError(where + ": a comma is missing after a cell in quotes");
  }
  rest.remove_prefix(comma);
  return std::string(without_spaces_around(cell));
}

std::vector<std::string> csv_cells(std::string_view line, char separator, const std::string& where) {
  std::vector<std::string> cells;
  for (std::string_view rest = line;;) {
    if (cells.size() == kPoseSize) {
      throw InputError(where + ": has more columns than there are pose parameters (" +
                       std::to_string(kPoseSize) + ")");
    }
    const char* const spaces = separator == '\t' ? " " : " \t";
    rest.remove_prefix(std::min(rest.find_first_not_of(spaces), rest.size()));
    if (rest.starts_with('"')) {
      cells.push_back(take_quoted_cell(rest, separator, where));
    } else {
      const std::size_t comma = std::min(rest.find(separator), rest.size());
      cells.emplace_back(without_spaces_around(rest.substr(0, comma)));
      rest.remove_prefix(comma);
    }
    if (rest.empty()) return cells;
    rest.remove_prefix(1);
  }
}

/// What programs write for people and no number has: a minus sign of its own.
std::string plain_number(std::string cell) {
  constexpr std::string_view kMinus = "\xE2\x88\x92";
  if (cell.starts_with(kMinus)) cell.replace(0, kMinus.size(), "-");
  std::replace(cell.begin(), cell.end(), ',',
               '.');  // where commas part cells, only cells in quotes have them
  return cell;
}

std::optional<double> number_from(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What stands between the cells of a file with this header: programs of many countries write semicolons,
/// since their numbers have commas.
char separator_of(std::string_view header) {
  for (const char separator : {',', ';', '\t', '|'}) {
    if (header.find(separator) != std::string_view::npos) return separator;
  }
  return ',';
}

/// Takes the first line from \p rest: up to a line feed, a carriage return, as programs of old Macs have it,
/// or both.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end);
  rest.remove_prefix(rest.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, rest.size()));
  return line;
}

/// The parameters that the columns of a CSV file hold.
std::vector<int> csv_columns(const std::vector<std::string>& names, const std::string& where) {
  std::vector<int> columns;
  if (names.size() == 1 && names[0].find(' ') != std::string::npos) {
    throw InputError(where + ": the columns are parted by spaces; part them by commas, semicolons or tabs");
  }
  if (std::all_of(names.begin(), names.end(),
                  [](const std::string& name) { return number_from(name).has_value(); })) {
    throw InputError(where +
                     ": the first line has numbers where it must name the parameters of its columns, "
                     "for example mouth_aaa,head_y");
  }
  for (const std::string& name : names) {
    if (name.empty()) {
      throw InputError(where + ": column " + std::to_string(columns.size() + 1) + " has no name");
    }
    const int index = parameter_index(name, where);
    if (std::find(columns.begin(), columns.end(), index) != columns.end()) {
      throw InputError(where + ": there are two columns named " + name);
    }
    columns.push_back(index);
  }
  return columns;
}

Pose pose_from_cells(const std::vector<std::string>& cells, const std::vector<int>& columns,
                     const std::string& where) {
  if (cells.size() != columns.size()) {
    throw InputError(where + ": has " + std::to_string(cells.size()) + " values where the header has " +
                     std::to_string(columns.size()) + " names");
  }
  Pose pose{};
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto index = static_cast<std::size_t>(columns[i]);
    const std::optional<double> value = number_from(plain_number(cells[i]));
    if (!value) {
      throw InputError(where + ": " + std::string(pose_parameters()[index].name) + " is " +
                       quoted_text(cells[i]) + ", not a number that can be used");
    }
    pose[index] = checked_pose_value(columns[i], *value, where);
  }
  return pose;
}

std::vector<Pose> read_csv_poses(const fs::path& file) {
  const std::string text = utf8_text(read_text_file(file));
  refuse_foreign_file(text, file.string());
  std::string_view rest = text;
  char separator = ',';
  bool is_separator_named = false;
  std::vector<int> columns;
  std::vector<Pose> poses;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = take_line(rest);
    if (without_spaces_around(line).empty() || without_spaces_around(line).starts_with('#')) continue;
    const std::string where = file.string() + ", line " + std::to_string(number);
    if (columns.empty() && !is_separator_named && line.starts_with("sep=") && line.size() == 5) {
      separator = line[4];  // as spreadsheets have it
      is_separator_named = true;
      continue;
    }
    if (columns.empty() && !is_separator_named) separator = separator_of(line);
    const std::vector<std::string> cells = csv_cells(line, separator, where);
    if (columns.empty()) {
      columns = csv_columns(cells, where);
    } else {
      append(poses, pose_from_cells(cells, columns, where), file);
    }
  }
  if (columns.empty()) throw InputError(file.string() + ": is empty; its first line must name parameters");
  if (poses.empty()) throw InputError(file.string() + ": has no poses below its header");
  return poses;
}

/// The shortest text that reads back as \p value: that of the float, or, where rounding that to a double
/// first, as readers of JSON do, would end at another float (7.03853069e-26 is one), that of the double.
std::string number_text(float value) {
  std::array<char, 32> text;
  char* const end = text.data() + text.size();
  char* const last = std::to_chars(text.data(), end, value).ptr;
  double read_back = 0;
  std::from_chars(text.data(), last, read_back);
  if (static_cast<float>(read_back) != value) {
    return std::string(text.data(), std::to_chars(text.data(), end, static_cast<double>(value)).ptr);
  }
  return std::string(text.data(), last);
}

std::string json_text(const std::vector<Pose>& poses) {
  std::string text = "[";
  for (const Pose& pose : poses) {
    text += text.size() == 1 ? "\n  {" : ",\n  {";
    bool is_first = true;
    for (std::size_t i = 0; i < pose.size(); ++i) {
      if (pose[i] == 0) continue;
      text += is_first ? "" : ", ";
      is_first = false;
      text += '"';
      text += pose_parameters()[i].name;
      text += "\": " + number_text(pose[i]);
    }
    text += "}";
  }
  return text + "\n]\n";
}

std::string csv_text(const std::vector<Pose>& poses) {
  std::string text;
  for (const PoseParameter& parameter : pose_parameters()) {
    text += text.empty() ? "" : ",";
    text += parameter.name;
  }
  text += '\n';
  for (const Pose& pose : poses) {
    for (std::size_t i = 0; i < pose.size(); ++i) text += (i == 0 ? "" : ",") + number_text(pose[i]);
    text += '\n';
  }
  return text;
}

}  // namespace

bool is_pose_file_name(const fs::path& file) {
  const std::string extension = extension_of(file);
  return extension == ".json" || extension == ".csv";
}

std::vector<Pose> read_pose_file(const fs::path& file) {
  check_pose_file_name(file);
  return extension_of(file) == ".json" ? read_json_poses(file) : read_csv_poses(file);
}

void write_pose_file(const fs::path& file, const std::vector<Pose>& poses) {
  check_pose_file_name(file);
  if (poses.empty()) throw InputError(file.string() + ": there are no poses to write");
  for (std::size_t i = 0; i < poses.size(); ++i) {
    check_pose(poses[i], file.string() + ", pose " + std::to_string(i + 1));
  }
  write_text_file(file, extension_of(file) == ".json" ? json_text(poses) : csv_text(poses));
}

}  // namespace tha4
