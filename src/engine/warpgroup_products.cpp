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

/// sums += a b.
std::string product_function(int outputs, std::string_view numbers, const Inputs& a, int place_of_b) {
  const int sums = outputs / 2;  // of 64 pixels by 128 threads
  std::vector<std::string> registers, values;
  for (int i = 0; i < sums; ++i) {
    registers.push_back(fmt::format("%{}", i));
    values.push_back(fmt::format("\"+f\"(sums[{}])", i));
  }
  return fmt::format(
      "__device__ __forceinline__ void multiply_add(float (&sums)[{}], {}, unsigned long long b) {{\n"
      "  asm volatile(\"wgmma.mma_async.sync.aligned.m64n{}k16.f32.{}.{} {{{}}}, {}, %{}, {};\"\n"
      "      : {}\n"
      "      : {}, \"l\"(b));\n"
      "}}\n",
      sums, a.argument, outputs, numbers, numbers, fmt::join(registers, ","), a.operand, place_of_b, a.flags,
      fmt::join(values, ","), a.values);
}

}  // namespace

std::string warpgroup_product_text(const std::vector<int>& outputs, std::string_view numbers) {
  std::string text;
  for (const int count : outputs) {
    const int sums = count / 2;
    text +=
        product_function(count, numbers,
                         {.argument = "const uint4& a",
                          .operand = fmt::format("{{%{},%{},%{},%{}}}", sums, sums + 1, sums + 2, sums + 3),
                          .values = "\"r\"(a.x), \"r\"(a.y), \"r\"(a.z), \"r\"(a.w)",
                          .flags = "1, 1, 1, 0"},
                         sums + 4);
    text += product_function(count, numbers,
                             {.argument = "unsigned long long a",
                              .operand = fmt::format("%{}", sums),
                              .values = "\"l\"(a)",
                              .flags = "1, 1, 1, 0, 0"},
                             sums + 1);
  }
  return text;
}

}  // namespace tha4
