#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "input_error_message.h"
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"
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
  for (const char* name : {"C:\\Users\\me\\me.png", "d:/me.png"}) {
    EXPECT_THROW(portable_path(folder, name), InputError) << name;
  }
}

TEST(ForeignFiles, AreNamed) {
  EXPECT_NO_THROW(refuse_foreign_file("glTF", "a.vrm"));
  EXPECT_THROW(refuse_foreign_file("version https://git-lfs.github.com/spec/v1\noid", "a.vrm"), InputError);
  const auto expect = [](const std::string& bytes, const std::string& part) {
    const std::string message = input_error_message([&] { refuse_foreign_file(bytes, "a.csv"); });
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect("\xEF\xBB\xBF \n<!DOCTYPE HTML>", "a.csv is a web page");
  expect("<Html lang=en>", "a.csv is a web page");
  expect("PK\x03\x04 and so on", "archive (zip)");
  expect("PK\x03\x04............[Content_Types].xml", "spreadsheet");
  expect("\x1f\x8b\x08", "archive (gzip)");
  expect("Rar!\x1a\x07", "archive (RAR)");
  EXPECT_NO_THROW(refuse_foreign_file("<svg>", "a.svg"));
}

}  // namespace
}  // namespace tha4
