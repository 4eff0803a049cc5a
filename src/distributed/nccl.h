#pragma once

#include <chrono>

#include <c10/core/Device.h>
#include <c10/util/intrusive_ptr.h>

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace tha4 {

/// c10d's NCCL backend, from the library tha4_nccl, which is loaded now. Throws InputError that says what is
/// missing where the project was built without it.
c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            c10::Device device, std::chrono::milliseconds timeout);

}  // namespace tha4
