#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/git_lfs.h"
#include "tha4/base/portable_path.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

TEST(ReadTextFile, ReadsPipesToTheirEnd) {
  const fs::path pipe = fs::path(testing::TempDir()) / "a_pipe";
  fs::remove(pipe);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string text(300'000, 'x');
  std::thread writer([&] { std::ofstream(pipe) << text; });
  EXPECT_EQ(read_text_file(pipe), text);
  writer.join();
  // The writer is left alone with the rest.
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  std::thread second([&] { std::ofstream(pipe) << text; });
  EXPECT_THROW(read_text_file(pipe, 1000), InputError);
  second.join();
  std::signal(SIGPIPE, before);
}

TEST(PortablePath, TakesBackslashesForSlashesUnlessThereIsSuchAFile) {
  const fs::path folder = fs::path(testing::TempDir()) / "portable";
  EXPECT_EQ(portable_path(folder, "data\\me.png"), folder / "data" / "me.png");
  EXPECT_EQ(portable_path(folder, "data/me.png"), folder / "data" / "me.png");
  write_text_file(folder / "a\\b.png", "x");
  EXPECT_EQ(portable_path(folder, "a\\b.png"), folder / "a\\b.png");
}

TEST(GitLfs, PointersAreNamed) {
  EXPECT_NO_THROW(refuse_git_lfs_pointer("glTF", "a.vrm"));
  EXPECT_THROW(refuse_git_lfs_pointer("version https://git-lfs.github.com/spec/v1\noid", "a.vrm"),
               InputError);
}

}  // namespace
}  // namespace tha4
