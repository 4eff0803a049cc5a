#pragma once

#include <cstdint>

#include <c10/util/intrusive_ptr.h>

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

// What the library tha4_nccl offers to nccl.cpp, which loads it.

namespace tha4 {

inline constexpr const char* kNcclLibrary = "libtha4_nccl.so";
inline constexpr const char* kMakeNccl = "tha4_make_nccl";

/// Returns a new backend, of which the caller is the owner.
using MakeNccl = c10d::Backend*(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                std::int64_t device, std::int64_t timeout_ms);

}  // namespace tha4
