#include "cuda_buffer.h"

#include <array>
#include <string>

#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/shared_library.h"

namespace tha4 {
namespace {

// The part of the CUDA driver's interface that shares buffers with OpenGL (CUDA driver API reference,
// "Graphics Interoperability" and "OpenGL Interoperability"). Statuses are 0 for success.
struct CudaDriver {
  int (*get_gl_devices)(unsigned* count, int* devices, unsigned max, int list);
  int (*get_device)(int* device, int ordinal);
  int (*register_buffer)(void** resource, GLuint buffer, unsigned flags);
  int (*unregister)(void* resource);
  int (*map)(unsigned count, void** resources, void* stream);
  int (*unmap)(unsigned count, void** resources, void* stream);
  int (*get_pointer)(unsigned long long* pointer, std::size_t* bytes, void* resource);
};

constexpr int kAllGlDevices = 1;
constexpr unsigned kReadOnly = 1;

bool load(CudaDriver& driver) {
  const SharedLibrary& library = SharedLibrary::cuda_driver();
  return library.load(driver.get_gl_devices, "cuGLGetDevices_v2") &&
         library.load(driver.get_device, "cuDeviceGet") &&
         library.load(driver.register_buffer, "cuGraphicsGLRegisterBuffer") &&
         library.load(driver.unregister, "cuGraphicsUnregisterResource") &&
         library.load(driver.map, "cuGraphicsMapResources") &&
         library.load(driver.unmap, "cuGraphicsUnmapResources") &&
         library.load(driver.get_pointer, "cuGraphicsResourceGetMappedPointer_v2");
}

/// Null where there is no driver that can do all of it.
const CudaDriver* cuda_driver() {
  static CudaDriver driver{};
  static const bool is_there = load(driver);
  return is_there ? &driver : nullptr;
}

void check(int status, const char* what) {
  if (status == 0) return;
  throw Error("the NVIDIA driver fails to " + std::string(what) + " that OpenGL and CUDA share (status " +
              std::to_string(status) + ")");
}

/// Makes CUDA ready on this thread, as LibTorch uses it.
void use_device(c10::Device device) {
  torch::empty({1}, torch::TensorOptions(torch::kFloat32).device(device));
}

}  // namespace

bool CudaBuffer::is_possible(c10::Device device) {
  const CudaDriver* const driver = cuda_driver();
  if (driver == nullptr) return false;
  const c10::DeviceGuard guard(device);
  use_device(device);
  int wanted = 0;
  if (driver->get_device(&wanted, device.index()) != 0) return false;
  std::array<int, 16> devices{};
  unsigned count = 0;
  if (driver->get_gl_devices(&count, devices.data(), static_cast<unsigned>(devices.size()), kAllGlDevices) !=
      0)
    return false;
  for (unsigned i = 0; i < count; ++i) {
    if (devices[i] == wanted) return true;
  }
  return false;
}

CudaBuffer::CudaBuffer(c10::Device device) : device_(device) {}

CudaBuffer::~CudaBuffer() {
  unregister();
}

void CudaBuffer::unregister() {
  if (resource_ == nullptr) return;
  const c10::DeviceGuard guard(device_);
  cuda_driver()->unregister(resource_);
  resource_ = nullptr;
}

void CudaBuffer::fit(std::size_t bytes) {
  if (bytes <= bytes_) return;
  const c10::DeviceGuard guard(device_);
  unregister();
  glBindBuffer(GL_PIXEL_PACK_BUFFER, buffer_.name());
  glBufferData(GL_PIXEL_PACK_BUFFER, static_cast<GLsizeiptr>(bytes), nullptr, GL_STREAM_READ);
  glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  check(cuda_driver()->register_buffer(&resource_, buffer_.name(), kReadOnly), "register a buffer");
  bytes_ = bytes;
}

void CudaBuffer::copy_to(const at::Tensor& tensor) const {
  const c10::impl::VirtualGuardImpl streams(device_.type());
  void* const stream = streams.getStreamNativeHandle(streams.getStream(device_));
  void* resource = resource_;
  check(cuda_driver()->map(1, &resource, stream), "map a buffer");
  unsigned long long pointer = 0;
  std::size_t bytes = 0;
  const int status = cuda_driver()->get_pointer(&pointer, &bytes, resource);
  if (status == 0) {
    tensor.copy_(torch::from_blob(reinterpret_cast<void*>(pointer), tensor.sizes(),
                                  torch::TensorOptions(torch::kFloat32).device(device_)));
  }
  check(cuda_driver()->unmap(1, &resource, stream), "unmap a buffer");
  check(status, "find a buffer");
}

}  // namespace tha4
