#pragma once

#include <memory>
#include <mutex>
#include <string>

namespace tha4 {

/// An OpenGL 3.3 core context without a window: on the GPU that is asked for, else on the first whose driver
/// offers one, else in software (Mesa's llvmpipe). EGL and OpenGL are loaded when the first context is made.
class GlContext {
 public:
  /// \p cuda_device: the GPU, by its number in CUDA; kAnyGpu, or one that OpenGL does not draw on (the log
  /// says so once): the first. Throws Error, saying what to install, where there is no driver.
  explicit GlContext(int cuda_device);
  ~GlContext();
  GlContext(const GlContext&) = delete;
  GlContext& operator=(const GlContext&) = delete;

  /// What draws, as the driver names it.
  const std::string& renderer() const { return renderer_; }

  bool draws_in_software() const { return draws_in_software_; }

  /// Makes a context current on this thread for as long as it lives, then the one that was current before. In
  /// software, contexts take turns: the thread waits until no other one has one that is current.
  class Current {
   public:
    explicit Current(const GlContext& context);
    ~Current();
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

   private:
    std::unique_lock<std::recursive_mutex> turn_;
    void* display_;
    void* display_before_;
    void* context_before_;
    void* draw_before_;
    void* read_before_;
  };

 private:
  void* display_ = nullptr;
  void* context_ = nullptr;
  std::string renderer_;
  bool draws_in_software_ = true;  ///< until the driver is known, the more careful way
};

}  // namespace tha4
