#include "warpgroup_products.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

namespace tha4 {
namespace {

/// Where the 64 pixels' inputs are, as the function's argument and as the instruction's operand.
struct Inputs {
  const char* argument;
  std::string operand;
  const char* values;
  const char* flags;  ///< nothing negative, nothing transposed
};

/// What the function is called, and the type of the numbers.
struct FunctionName {
  std::string name = "multiply_add";
  std::string type = "f16";
};

/// sums += a b. \param sums  of a thread
std::string product_function(int outputs, int sums, const Inputs& a, int place_of_b,
                             const FunctionName& function = {}) {
  std::vector<std::string> registers, values;
  for (int i = 0; i < sums; ++i) {
    registers.push_back(fmt::format("%{}", i));
    values.push_back(fmt::format("\"+f\"(sums[{}])", i));
  }
  return fmt::format(
      "__device__ __forceinline__ void {}(float (&sums)[{}], {}, unsigned long long b) {{\n"
      "  asm volatile(\"wgmma.mma_async.sync.aligned.m64n{}k16.f32.{}.{} {{{}}}, {}, %{}, {};\"\n"
      "      : {}\n"
      "      : {}, \"l\"(b));\n"
      "}}\n",
      function.name, sums, a.argument, outputs, function.type, function.type, fmt::join(registers, ","),
      a.operand, place_of_b, a.flags, fmt::join(values, ","), a.values);
}

Inputs inputs_in_shared_memory(int sums) {
  return {.argument = "unsigned long long a",
          .operand = fmt::format("%{}", sums),
          .values = "\"l\"(a)",
          .flags = "1, 1, 1, 0, 0"};
}

}  // namespace

std::string warpgroup_product_text(const std::vector<int>& outputs) {
  std::string text;
  for (const int count : outputs) {
    const int sums = count / 2;  // of 64 pixels by 128 threads
    text +=
        product_function(count, sums,
                         {.argument = "const uint4& a",
                          .operand = fmt::format("{{%{},%{},%{},%{}}}", sums, sums + 1, sums + 2, sums + 3),
                          .values = "\"r\"(a.x), \"r\"(a.y), \"r\"(a.z), \"r\"(a.w)",
                          .flags = "1, 1, 1, 0"},
                         sums + 4);
    text += product_function(count, sums, inputs_in_shared_memory(sums), sums + 1);
  }
  return text;
}

std::string warpgroup_product_text(int outputs, const std::string& name, const std::string& type) {
  const int sums = outputs / 2;
  return product_function(outputs, sums, inputs_in_shared_memory(sums), sums + 1,
                          {.name = name, .type = type});
}

}  // namespace tha4
