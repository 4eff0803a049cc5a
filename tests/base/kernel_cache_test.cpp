#include "tha4/base/kernel_cache.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/cuda_program.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using Code = std::vector<char>;

class KernelCaches : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  Code code_of(const std::string& key) {
    return cache_.code_of(key, [this] {
      ++compiled_;
      return code_;
    });
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "kernel_cache";
  const KernelCache cache_{folder_ / "deep"};
  const Code code_{'\x7f', 'E', 'L', 'F', '\0', '\n', '1'};
  int compiled_ = 0;
};

TEST_F(KernelCaches, CompileOnce) {
  EXPECT_EQ(code_of("sm_90\ntext"), code_);
  EXPECT_EQ(code_of("sm_90\ntext"), code_);
  EXPECT_EQ(compiled_, 1);
  EXPECT_EQ(code_of("sm_80\ntext"), code_);
  EXPECT_EQ(compiled_, 2);
}

TEST_F(KernelCaches, WriteDamagedAndForeignFilesAnew) {
  code_of("text");
  const fs::path file = cache_.file_of("text");
  const std::string whole = read_text_file(file);
  std::string flipped = whole, foreign = whole;
  flipped.back() ^= 1;
  foreign[whole.find("text")] = 'T';
  int expected = 1;
  for (const std::string& contents : {flipped, foreign, whole.substr(0, whole.size() - 1), whole + "1",
                                      whole.substr(0, 10), std::string()}) {
    std::ofstream(file, std::ios::binary) << contents;
    EXPECT_EQ(code_of("text"), code_);
    EXPECT_EQ(compiled_, ++expected);
    EXPECT_EQ(read_text_file(file), whole);
  }
}

TEST_F(KernelCaches, KeepNothingWhereTheyCannot) {
  write_text_file(folder_ / "deep", "a file where the folder would be");
  EXPECT_EQ(code_of("text"), code_);
  EXPECT_EQ(code_of("text"), code_);
  EXPECT_EQ(compiled_, 2);
}

TEST_F(KernelCaches, PassErrorsOnAndKeepNothingOfThem) {
  EXPECT_THROW(cache_.code_of("text", []() -> Code { throw Error("no"); }), Error);
  EXPECT_FALSE(fs::exists(cache_.file_of("text")));
}

TEST_F(KernelCaches, OfTheUserAreWhereVariablesSay) {
  const char* const before = std::getenv("THA4_KERNEL_CACHE");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("THA4_KERNEL_CACHE", folder_.c_str(), 1);
  EXPECT_EQ(KernelCache::of_user().file_of("text").parent_path(), folder_);
  ::setenv("THA4_KERNEL_CACHE", "off", 1);
  EXPECT_EQ(KernelCache::of_user().file_of("text"), fs::path());
  before != nullptr ? ::setenv("THA4_KERNEL_CACHE", kept.c_str(), 1) : ::unsetenv("THA4_KERNEL_CACHE");
}

TEST_F(KernelCaches, HaveWhatTheCompilerMakes) {
  if (!CudaProgram::has_compiler()) GTEST_SKIP() << "this LibTorch comes without NVRTC";
  const CudaProgram program("few.cu", "extern \"C\" __global__ void few(int* x) { *x = NUMBER; }",
                            {"NUMBER=3"});
  const Code code = program.code_for("90", cache_);
  EXPECT_EQ(code, program.compile("90"));
  EXPECT_EQ(code, program.code_for("90", cache_));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "deep"), fs::directory_iterator{}), 1);
  EXPECT_NE(code, program.code_for("80", cache_));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "deep"), fs::directory_iterator{}), 2);
}

}  // namespace
}  // namespace tha4
