#include "gl_context.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include <dlfcn.h>
#include <epoxy/egl.h>
#include <epoxy/gl.h>
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/render/rig_renderer.h"

namespace tha4 {
namespace {

constexpr const char* kRemedy =
    "; rendering needs OpenGL 3.3 through EGL: install your GPU's driver, or for rendering in software "
    "`apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri libopengl0`";

/// epoxy ends the process where it cannot load a library: look for them before it does.
void check_libraries() {
  const auto loads = [](const char* library) { return dlopen(library, RTLD_LAZY | RTLD_LOCAL) != nullptr; };
  if (!loads("libEGL.so.1")) throw Error(std::string("libEGL.so.1 is not there") + kRemedy);
  if (!loads("libOpenGL.so.0") && !loads("libGL.so.1")) {
    throw Error(std::string("neither libOpenGL.so.0 nor libGL.so.1 is there") + kRemedy);
  }
}

bool has_extension(const char* extensions, std::string_view name) {
  if (extensions == nullptr) return false;
  const std::string all = " " + std::string(extensions) + " ";
  return all.find(" " + std::string(name) + " ") != std::string::npos;
}

/// The number that CUDA has for a device in this process; -1 where it has none (EGL_NV_device_cuda).
EGLAttrib cuda_number(EGLDeviceEXT device) {
  EGLAttrib number = -1;
  const bool has_number =
      has_extension(eglQueryDeviceStringEXT(device, EGL_EXTENSIONS), "EGL_NV_device_cuda") &&
      eglQueryDeviceAttribEXT(device, EGL_CUDA_DEVICE_NV, &number) == EGL_TRUE;
  return has_number ? number : -1;
}

struct Candidate {
  EGLDisplay display = EGL_NO_DISPLAY;
  bool is_asked_for = false;
};

/// The displays that need no window system, best first: the GPU that is asked for, other GPUs, then software.
std::vector<Candidate> candidate_displays(int cuda_device) {
  const char* const extensions = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  std::vector<Candidate> gpus;
  std::vector<Candidate> software;
  if (has_extension(extensions, "EGL_EXT_platform_device") &&
      (has_extension(extensions, "EGL_EXT_device_base") ||
       has_extension(extensions, "EGL_EXT_device_enumeration"))) {
    std::array<EGLDeviceEXT, 32> devices{};
    EGLint count = 0;
    if (eglQueryDevicesEXT(static_cast<EGLint>(devices.size()), devices.data(), &count) != EGL_TRUE)
      count = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const char* const kind = eglQueryDeviceStringEXT(devices[i], EGL_EXTENSIONS);
      const bool is_software = has_extension(kind, "EGL_MESA_device_software");
      (is_software ? software : gpus)
          .push_back({eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, devices[i], nullptr),
                      cuda_device != kAnyGpu && cuda_number(devices[i]) == cuda_device});
    }
  }
  if (has_extension(extensions, "EGL_MESA_platform_surfaceless")) {
    gpus.push_back(
        {eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr), false});
  }
  std::stable_partition(gpus.begin(), gpus.end(), std::mem_fn(&Candidate::is_asked_for));
  gpus.insert(gpus.end(), software.begin(), software.end());
  return gpus;
}

EGLContext make_context(EGLDisplay display) {
  if (!has_extension(eglQueryString(display, EGL_EXTENSIONS), "EGL_KHR_surfaceless_context") ||
      eglBindAPI(EGL_OPENGL_API) != EGL_TRUE) {
    return EGL_NO_CONTEXT;
  }
  const std::array<EGLint, 5> config_attributes{EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0,
                                                EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (eglChooseConfig(display, config_attributes.data(), &config, 1, &count) != EGL_TRUE || count < 1) {
    return EGL_NO_CONTEXT;
  }
  const std::array<EGLint, 7> attributes{EGL_CONTEXT_MAJOR_VERSION,
                                         3,
                                         EGL_CONTEXT_MINOR_VERSION,
                                         3,
                                         EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                         EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                         EGL_NONE};
  return eglCreateContext(display, config, EGL_NO_CONTEXT, attributes.data());
}

/// The first display that gives a context.
EGLDisplay open_display(int cuda_device) {
  check_libraries();
  for (const auto& [display, is_asked_for] : candidate_displays(cuda_device)) {
    if (display == EGL_NO_DISPLAY || eglInitialize(display, nullptr, nullptr) != EGL_TRUE) continue;
    const EGLContext context = make_context(display);
    if (context != EGL_NO_CONTEXT) {
      eglDestroyContext(display, context);
      if (cuda_device != kAnyGpu && !is_asked_for) {
        spdlog::info("OpenGL does not draw on cuda:{}; rigs are drawn on the first device that it has",
                     cuda_device);
      }
      return display;
    }
    eglTerminate(display);
  }
  throw Error(std::string("no driver offers OpenGL without a window") + kRemedy);
}

/// The display for a GPU. It stays open until the process ends, since its threads may. For one thread at a
/// time.
EGLDisplay display_for(int cuda_device) {
  static std::map<int, EGLDisplay> displays;
  const auto known = displays.find(cuda_device);
  if (known != displays.end()) return known->second;
  return displays.emplace(cuda_device, open_display(cuda_device)).first->second;
}

/// Held by the thread that draws in software. Whenever one context of Mesa's llvmpipe (22.3, for one) uploads
/// or reads, it walks the scenes of all contexts of its screen (lp_setup_is_resource_referenced), and nothing
/// keeps other threads from freeing what it walks. Drawing loses little: llvmpipe has threads of its own.
std::recursive_mutex& software_turn() {
  static std::recursive_mutex mutex;
  return mutex;
}

}  // namespace

GlContext::GlContext(int cuda_device) {
  const std::lock_guard<std::recursive_mutex> turn(software_turn());
  display_ = display_for(cuda_device);
  context_ = make_context(display_);
  if (context_ == EGL_NO_CONTEXT)
    throw Error(std::string("the driver refused another OpenGL context") + kRemedy);
  const Current current(*this);
  renderer_ = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  draws_in_software_ =
      renderer_.find("llvmpipe") != std::string::npos || renderer_.find("softpipe") != std::string::npos;
}

GlContext::~GlContext() {
  const std::lock_guard<std::recursive_mutex> turn(software_turn());
  eglDestroyContext(display_, context_);
}

GlContext::Current::Current(const GlContext& context)
    : turn_(context.draws_in_software_ ? std::unique_lock<std::recursive_mutex>(software_turn())
                                       : std::unique_lock<std::recursive_mutex>()),
      display_(context.display_),
      display_before_(eglGetCurrentDisplay()),
      context_before_(eglGetCurrentContext()),
      draw_before_(eglGetCurrentSurface(EGL_DRAW)),
      read_before_(eglGetCurrentSurface(EGL_READ)) {
  if (eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context.context_) != EGL_TRUE) {
    throw Error("the OpenGL context is in use by another thread; use one renderer for each thread");
  }
}

GlContext::Current::~Current() {
  if (context_before_ == EGL_NO_CONTEXT) {
    eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  } else {
    eglMakeCurrent(display_before_, draw_before_, read_before_, context_before_);
  }
}

}  // namespace tha4
