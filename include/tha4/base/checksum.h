#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tha4 {

/// FNV-1a of 64 bits: tells damage and other contents, not forgery.
class Checksum {
 public:
  void add(const void* data, std::size_t size);

  /// 16 hexadecimal digits.
  std::string text() const;

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace tha4
