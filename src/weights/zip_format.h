#pragma once

#include <cstddef>
#include <cstdint>

/// Numbers of the zip format (PKWARE's APPNOTE.TXT, sections 4.3 and 4.5).
namespace tha4::zip {

constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kCentralSignature = 0x02014b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kEnd64LocatorSignature = 0x07064b50;

constexpr std::size_t kLocalSize = 30;
constexpr std::size_t kCentralSize = 46;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kEnd64LocatorSize = 20;

constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

constexpr std::uint16_t kSizesFollowData = 0x0008;
constexpr std::uint16_t kNamesAreUtf8 = 0x0800;
/// Encrypted, patch data, strong encryption, masked headers.
constexpr std::uint16_t kUnreadableFlags = 0x2061;

constexpr std::uint16_t kZip64Extra = 0x0001;
/// PyTorch's own: fills up to the alignment of the data.
constexpr std::uint16_t kPaddingExtra = 0x4246;

/// A field with all bits set stands in the zip64 record instead.
constexpr std::uint16_t kSaturated16 = 0xffff;
constexpr std::uint32_t kSaturated32 = 0xffffffff;

}  // namespace tha4::zip
