#include "page_script.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// One import of a module.
struct Import {
  std::string names;  ///< `{ a, b as c }`, or one name for the text of a file
  std::string file;
  bool is_module() const { return file.ends_with(".js"); }
};

/// A module, taken apart.
struct Module {
  std::vector<Import> imports;
  std::vector<std::string> exports;
  std::string body;  ///< without both
};

[[noreturn]] void fail(std::string_view name, const std::string& problem) {
  throw Error("the page's file " + std::string(name) + " " + problem);
}

/// A name that is read from \p text at \p position.
std::string word_at(std::string_view text, std::size_t position) {
  std::size_t end = position;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_' || text[end] == '$')) {
    ++end;
  }
  return std::string(text.substr(position, end - position));
}

/// \param statement  from `import` to the semicolon
Import parse_import(std::string_view name, std::string_view statement) {
  constexpr std::string_view kFrom = " from \"./";
  const std::size_t from = statement.find(kFrom);
  const std::size_t end = statement.rfind("\";");
  if (from == std::string_view::npos || end == std::string_view::npos || end < from) {
    fail(name, "has an import that is not understood: " + std::string(statement));
  }
  constexpr std::size_t kNames = std::string_view("import ").size();
  return {.names = std::string(statement.substr(kNames, from - kNames)),
          .file = std::string(statement.substr(from + kFrom.size(), end - from - kFrom.size()))};
}

/// What is declared by \p line, which begins behind `export`.
std::string exported_name(std::string_view name, std::string_view line) {
  for (const std::string_view keyword :
       {"async function* ", "async function ", "function* ", "function ", "class ", "const "}) {
    if (line.starts_with(keyword)) return word_at(line, keyword.size());
  }
  fail(name, "has an export that is not understood: " + std::string(line));
}

Module take_apart(std::string_view name, std::string_view text) {
  constexpr std::string_view kImport = "import ", kExport = "export ";
  Module module;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.starts_with(kImport)) {
      end = std::min(text.find(';', begin), text.size() - 1) + 1;
      module.imports.push_back(parse_import(name, text.substr(begin, end - begin)));
      line = {};
    } else if (line.starts_with(kExport)) {
      line.remove_prefix(kExport.size());
      module.exports.push_back(exported_name(name, line));
    }
    module.body.append(line).push_back('\n');
    begin = end + 1;
  }
  return module;
}

/// A string of JavaScript.
std::string literal_of(std::string_view text) {
  std::string literal = "`";
  for (const char letter : text) {
    if (letter == '`' || letter == '\\' || letter == '$') literal.push_back('\\');
    literal.push_back(letter);
  }
  return literal + '`';
}

/// The constant that holds what the module \p file exports.
std::string constant_of(std::string_view file) {
  return "module_" + std::string(file.substr(0, file.find('.')));
}

/// `{ a, b as c }` as an object is taken apart: `{ a, b: c }`.
std::string taken_apart(std::string names) {
  constexpr std::string_view kAs = " as ";
  for (std::size_t place = names.find(kAs); place != std::string::npos; place = names.find(kAs)) {
    names.replace(place, kAs.size(), ": ");
  }
  return names;
}

/// Writes modules, each behind those that it imports.
class ModuleWriter {
 public:
  explicit ModuleWriter(std::span<const PageFile> files) : files_(files) {}

  void add(const std::string& name) {
    if (std::ranges::count(written_, name) > 0) return;
    if (std::ranges::count(open_, name) > 0) fail(name, "imports itself, by way of others");
    open_.push_back(name);
    const Module module = take_apart(name, text_of_page_file(files_, name));
    std::string head;
    for (const Import& import : module.imports) {
      if (import.is_module()) add(import.file);
      head +=
          "const " +
          (import.is_module() ? taken_apart(import.names) + " = " + constant_of(import.file)
                              : import.names + " = " + literal_of(text_of_page_file(files_, import.file))) +
          ";\n";
    }
    script_ += "const " + constant_of(name) + " = (() => {\n" + head + module.body + "return {";
    for (const std::string& exported : module.exports) script_ += " " + exported + ",";
    script_ += " };\n})();\n";
    open_.pop_back();
    written_.push_back(name);
  }

  std::string script() const { return "(() => {\n\"use strict\";\n" + script_ + "})();\n"; }

 private:
  std::span<const PageFile> files_;
  std::vector<std::string> open_, written_;
  std::string script_;
};

}  // namespace

std::string_view text_of_page_file(std::span<const PageFile> files, std::string_view name) {
  const auto found = std::ranges::find(files, name, &PageFile::name);
  if (found == files.end()) fail(name, "is missing");
  return found->text;
}

std::string join_modules(std::span<const PageFile> files, std::string_view entry) {
  ModuleWriter writer(files);
  writer.add(std::string(entry));
  return writer.script();
}

}  // namespace tha4
