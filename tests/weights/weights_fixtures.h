#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "input_error_message.h"
#include "test_files.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Every element type with 0 to 5 as a 2x3 tensor (bool: i % 2), as make_weights.py writes them.
inline StateDict all_types() {
  const std::vector<std::pair<std::string, at::ScalarType>> types = {
      {"float16", at::kHalf},
      {"bfloat16", at::kBFloat16},
      {"float32", at::kFloat},
      {"float64", at::kDouble},
      {"int8", at::kChar},
      {"int16", at::kShort},
      {"int32", at::kInt},
      {"int64", at::kLong},
      {"uint8", at::kByte},
      {"uint16", at::kUInt16},
      {"uint32", at::kUInt32},
      {"uint64", at::kUInt64},
      {"float8_e4m3fn", at::kFloat8_e4m3fn},
      {"float8_e5m2", at::kFloat8_e5m2},
  };
  const at::Tensor numbers = at::arange(6).reshape({2, 3});
  StateDict state;
  for (const auto& [name, type] : types) state.insert(name, numbers.to(type));
  state.insert("bool", numbers.remainder(2) == 1);
  return state;
}

/// Same names in the same order, same types, shapes and values.
inline void expect_equal(const StateDict& found, const StateDict& expected) {
  ASSERT_EQ(found.keys(), expected.keys());
  for (const auto& item : expected) {
    const at::Tensor& tensor = found[item.key()];
    EXPECT_EQ(tensor.scalar_type(), item.value().scalar_type()) << item.key();
    ASSERT_EQ(tensor.sizes(), item.value().sizes()) << item.key();
    EXPECT_TRUE(tensor.is_contiguous()) << item.key();
    EXPECT_TRUE(at::equal(tensor.to(at::kDouble), item.value().to(at::kDouble))) << item.key();
  }
}

}  // namespace tha4
