#include <fstream>

#include "test_files.h"
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/writable_folder.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

TEST(WriteFileAtomically, CreatesFoldersAndLeavesNoTemporaryFile) {
  const fs::path folder = fresh_path("atomic_new");
  write_text_file(folder / "deep" / "a.txt", "hello");
  EXPECT_EQ(read_text_file(folder / "deep" / "a.txt"), "hello");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "deep"), fs::directory_iterator{}), 1);
}

TEST(WriteFileAtomically, LeavesTheOldFileWhenWritingFails) {
  const fs::path folder = fresh_path("atomic_old");
  write_text_file(folder / "a.txt", "old");
  EXPECT_THROW(write_file_atomically(folder / "a.txt",
                                     [](const fs::path& temporary) {
                                       std::ofstream(temporary) << "half";
                                       throw Error("disk full");
                                     }),
               Error);
  EXPECT_EQ(read_text_file(folder / "a.txt"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}), 1);
}

TEST(CheckWritable, LeavesNothingAndRefusesWhatCannotBeWritten) {
  const fs::path folder = fresh_path("check_writable");
  check_writable(folder / "deep" / "a.png");
  EXPECT_FALSE(fs::exists(folder));
  check_folder_writable(folder / "deep", "out");
  EXPECT_FALSE(fs::exists(folder));
  fs::create_directories(folder / "deep");
  check_folder_writable(folder / "deep", "out");
  EXPECT_TRUE(fs::is_empty(folder / "deep"));
  write_text_file(folder / "a.txt", "old");
  check_writable(folder / "a.txt");
  EXPECT_EQ(read_text_file(folder / "a.txt"), "old");
  EXPECT_THROW(check_writable(folder / "a.txt" / "b.txt"), Error) << "below a file";
  EXPECT_THROW(check_writable(folder / "deep"), Error) << "a folder";
}

TEST(CheckWritable, WhereNoFileCanBeMadeIsNoticed) {
  // Root may write into all of these by their permissions.
  for (const char* folder : {"/proc", "/proc/new", "/proc/new/deep", "/proc/self"}) {
    EXPECT_THROW(check_writable(fs::path(folder) / "a.png"), Error) << folder;
    EXPECT_THROW(check_folder_writable(folder, "out"), Error) << folder;
  }
  const fs::path folder = fresh_folder("nowhere");
  fs::create_symlink(folder / "gone", folder / "link");
  EXPECT_THROW(check_folder_writable(folder / "link" / "a", "out"), Error) << "a link to what is not there";
  const std::string long_name(300, 'a');
  EXPECT_THROW(check_writable(folder / (long_name + ".png")), Error);
  EXPECT_THROW(check_folder_writable(folder / long_name / "a", "out"), Error);
  EXPECT_THROW(check_writable(folder / (std::string(248, 'a') + ".png")), Error) << "with .tmp in it";
}

TEST(CheckWritable, DevicesAndPipesStayWhatTheyAre) {
  const fs::path folder = fresh_folder("devices");
  fs::create_directories(folder);
  const fs::path pipe = folder / "pipe.json";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(check_writable(pipe), InputError);
  EXPECT_THROW(write_text_file(pipe, "{}"), InputError);
  EXPECT_TRUE(fs::is_fifo(pipe));
  // A link that may lead to a file, where standard output goes to one. Nothing is written: who may, need not.
  for (const char* device : {"/dev/stdout", "/dev/full", "/proc/self/fd/1"}) {
    EXPECT_THROW(check_writable(device), InputError) << device;
  }
}

TEST(ReadTextFile, RefusesWhatIsMissingOrTooLarge) {
  const fs::path folder = fresh_path("read_text");
  EXPECT_THROW(read_text_file(folder / "none"), InputError);
  write_text_file(folder / "a.txt", "12345");
  EXPECT_THROW(read_text_file(folder / "a.txt", 4), InputError);
}

}  // namespace
}  // namespace tha4
