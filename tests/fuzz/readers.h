#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tha4/base/error.h"

// The readers of files that come from outside, each as a function of a file's bytes: what the fuzzers call
// with millions of inputs, and a test with those that were kept.

namespace tha4::fuzz {

/// A reader of one kind of file.
struct FileReader {
  std::string name;
  /// Reads a file of these bytes. Throws InputError where the file is refused; whatever else it throws is a
  /// fault of the reader.
  void (*read)(const std::string& bytes) = nullptr;
  /// Files to begin with, of which each is read without an error.
  std::vector<std::string> (*seeds)() = nullptr;
};

/// All readers. The folder tests/fuzz/kept/NAME has inputs that one of them once failed on.
const std::vector<FileReader>& file_readers();

/// That of \p name. Throws std::out_of_range where there is none.
const FileReader& file_reader(const std::string& name);

/// Lets \p reader read \p bytes; returns whether it did, or refused them with an InputError of one printable
/// line. Throws std::logic_error for another message, and lets other exceptions through.
bool reads(const FileReader& reader, const std::string& bytes);

/// Throws std::logic_error where what \p error says is no printable line: it may repeat what a file holds.
void check_message(const InputError& error);

/// A file called \p name in a folder of this process alone, with these bytes.
std::filesystem::path scratch_file(const std::string& name, const std::string& bytes);

}  // namespace tha4::fuzz
