// The one place where tinygltf's code is compiled. Without file access it still names std::ofstream.
#include <fstream>

#define TINYGLTF_IMPLEMENTATION
#include "tiny_gltf_memory.h"
