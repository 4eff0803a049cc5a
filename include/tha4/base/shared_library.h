#pragma once

#include <string>

namespace tha4 {

/// A shared library that only some machines have, such as the NVIDIA driver: it is looked for while the
/// program runs, and stays loaded until the program ends.
class SharedLibrary {
 public:
  /// \param file  as for dlopen(): a path, or a name such as "libcuda.so.1"
  explicit SharedLibrary(const std::string& file);

  /// The NVIDIA driver's CUDA library, libcuda.so.1.
  static const SharedLibrary& cuda_driver();

  bool is_loaded() const { return library_ != nullptr; }

  /// Points \p function at the library's function \p name; at nothing, and false, where it is not there. The
  /// type of the pointer must be that of the function.
  template <class Function>
  bool load(Function*& function, const char* name) const {
    function = reinterpret_cast<Function*>(address_of(name));
    return function != nullptr;
  }

  /// Calls the function \p name, which gives 0 where it succeeds; false where it fails or is not there.
  template <class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    int (*function)(Arguments...) = nullptr;
    return load(function, name) && function(arguments...) == 0;
  }

 private:
  void* address_of(const char* name) const;

  void* library_;
};

}  // namespace tha4
