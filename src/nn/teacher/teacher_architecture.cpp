#include "tha4/nn/teacher/teacher_architecture.h"

#include <algorithm>
#include <utility>

#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"
#include "tha4/base/nearest_name.h"
#include "tha4/weights/weights_folder.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

struct ArchitectureName {
  Architecture value;
  const char* name;
  const char* title;
};

struct NetworkName {
  TeacherNetwork value;
  const char* name;
};

constexpr std::array kArchitectureNames = {ArchitectureName{Architecture::tha4, "tha4", "THA4"},
                                           ArchitectureName{Architecture::tha3, "tha3", "THA3"},
                                           ArchitectureName{Architecture::compact, "compact", "compact"}};
constexpr std::array kNetworkNames = {
    NetworkName{TeacherNetwork::eyebrow_decomposer, "eyebrow_decomposer"},
    NetworkName{TeacherNetwork::eyebrow_morphing_combiner, "eyebrow_morphing_combiner"},
    NetworkName{TeacherNetwork::face_morpher, "face_morpher"},
    NetworkName{TeacherNetwork::unet_face_morpher, "unet_face_morpher"},
    NetworkName{TeacherNetwork::half_resolution_rotator, "half_resolution_rotator"},
    NetworkName{TeacherNetwork::editor, "editor"}};

template <class Table, class Value>
const typename Table::value_type& entry_of(const Table& table, Value value) {
  return *std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.value == value; });
}

/// "a, b and c"
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " and ";
    text += names[i];
  }
  return text;
}

/// The first folder in \p folder that holds a whole teacher, for whoever named one folder too few.
std::string teacher_below(const fs::path& folder) {
  std::vector<std::string> folders;
  std::error_code ignored;
  for (fs::directory_iterator item(folder, ignored), end; !ignored && item != end; item.increment(ignored)) {
    const bool is_teacher =
        item->is_directory(ignored) &&
        std::any_of(kArchitectureNames.begin(), kArchitectureNames.end(), [&](const ArchitectureName& name) {
          return missing_files(item->path(), name.value).empty();
        });
    if (is_teacher) folders.push_back(item->path().string());
  }
  std::sort(folders.begin(), folders.end());
  return folders.empty() ? "" : folders.front();
}

[[noreturn]] void refuse(const fs::path& folder, Architecture architecture,
                         const std::vector<std::string>& missing) {
  refuse_file_for_folder(folder, "the folder of a teacher's networks");
  if (!fs::is_directory(folder)) {
    throw InputError("there is no folder " + folder.string() + "; name one with a teacher's networks");
  }
  const std::string below = teacher_below(folder);
  if (!below.empty() && missing.size() == rows_of(architecture).size()) {
    throw InputError(folder.string() + " holds no teacher's networks, but " + below +
                     " does; name that folder");
  }
  throw InputError(folder.string() + " holds no whole " + to_string(architecture) +
                       " teacher: " + listed(missing) + (missing.size() == 1 ? " is" : " are") + " missing",
                   Remedy::complete_teacher);
}

}  // namespace

std::vector<ArchitectureRow> rows_of(Architecture architecture) {
  std::vector<ArchitectureRow> rows;
  for (const ArchitectureRow& row : kArchitectureTable) {
    if (row.architecture == architecture) rows.push_back(row);
  }
  return rows;
}

std::string file_of(Architecture architecture, TeacherNetwork network) {
  for (const ArchitectureRow& row : kArchitectureTable) {
    if (row.architecture == architecture && row.network == network) return std::string(row.file);
  }
  throw Error("a " + to_string(architecture) + " teacher has no " + to_string(network));
}

std::string to_string(Architecture architecture) {
  return entry_of(kArchitectureNames, architecture).name;
}
std::string to_string(TeacherNetwork network) {
  return entry_of(kNetworkNames, network).name;
}
std::string title_of(Architecture architecture) {
  return entry_of(kArchitectureNames, architecture).title;
}

Architecture parse_architecture(const std::string& name) {
  for (const ArchitectureName& known : kArchitectureNames) {
    if (name == known.name) return known.value;
  }
  throw InputError("'" + name + "' is no architecture of teachers; did you mean '" +
                   nearest_name(name, architecture_names()) + "'?");
}

std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  for (const ArchitectureName& known : kArchitectureNames) names.emplace_back(known.name);
  return names;
}

std::vector<std::string> missing_files(const fs::path& folder, Architecture architecture) {
  std::vector<std::string> missing;
  for (const ArchitectureRow& row : rows_of(architecture)) {
    const std::string name(row.file);
    if (!find_weights_file(folder, name)) missing.push_back(name + ".pt");
  }
  return missing;
}

void check_whole(const fs::path& folder, Architecture architecture) {
  const std::vector<std::string> missing = missing_files(folder, architecture);
  if (!missing.empty()) refuse(folder, architecture, missing);
}

Architecture architecture_of(const fs::path& folder) {
  // Where nothing is there, the usual architecture says what is expected.
  Architecture nearest = kArchitectureNames.front().value;
  std::vector<std::string> min = missing_files(folder, nearest);
  for (const ArchitectureName& known : kArchitectureNames) {
    std::vector<std::string> missing = missing_files(folder, known.value);
    if (missing.empty()) return known.value;
    const bool is_begun = missing.size() < rows_of(known.value).size();
    if (is_begun && missing.size() < min.size()) {
      nearest = known.value;
      min = std::move(missing);
    }
  }
  refuse(folder, nearest, min);
}

}  // namespace tha4
