#include "tha4/train/run_log.h"

#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

fs::path fresh_file(const std::string& name) {
  const fs::path file = fs::path(testing::TempDir()) / (name + "_log.txt");
  fs::remove(file);
  return file;
}

bool has(const fs::path& file, const std::string& text) {
  return read_text_file(file).find(text) != std::string::npos;
}

/// A context whose log is a text.
class CapturedLog {
 public:
  CapturedLog() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    sink->set_pattern("%l: %v;");
    context_.logger = std::make_shared<spdlog::logger>("captured", std::move(sink));
  }

  const Context& context() const { return context_; }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  Context context_;
};

TEST(RunLog, WritesIntoItsFileAndToTheCaller) {
  const fs::path file = fresh_file("both");
  const CapturedLog caller;
  RunLog log(caller.context());
  log.context().info("before there is a file");
  log.write_to(file);
  log.context().info("well");
  log.context().warn("not so well");
  EXPECT_EQ(caller.text(), "info: before there is a file;\ninfo: well;\nwarning: not so well;\n");
  EXPECT_FALSE(has(file, "before"));
  EXPECT_TRUE(has(file, " info: well\n"));
  EXPECT_TRUE(has(file, " warning: not so well\n"));
}

TEST(RunLog, ASecondRunWritesIntoItsOwnFileAlone) {
  const fs::path first_file = fresh_file("first"), second_file = fresh_file("second");
  const CapturedLog caller;
  Context first_context;
  {
    RunLog first(caller.context());
    first.write_to(first_file);
    first.context().info("of the first");
    first_context = first.context();
  }
  RunLog second(caller.context());
  second.write_to(second_file);
  second.context().info("of the second");
  first_context.info("late");  // from a copy that has outlived its run
  caller.context().info("of neither");
  for (const char* other : {"of the second", "late", "of neither"}) EXPECT_FALSE(has(first_file, other));
  for (const char* other : {"of the first", "late", "of neither"}) EXPECT_FALSE(has(second_file, other));
  EXPECT_TRUE(has(first_file, "of the first"));
  EXPECT_TRUE(has(second_file, "of the second"));
}

TEST(RunLog, OfASilentCallerHasItsFile) {
  const fs::path file = fresh_file("silent");
  RunLog log({});
  log.write_to(file);
  log.context().info("well");
  EXPECT_TRUE(has(file, " info: well\n"));
}

TEST(RunLog, GivesTheCallerWhatItTakesAndKeepsTheRest) {
  const fs::path file = fresh_file("level");
  const CapturedLog caller;
  caller.context().logger->set_level(spdlog::level::warn);
  RunLog log(caller.context());
  log.write_to(file);
  log.context().info("well");
  log.context().warn("not so well");
  EXPECT_TRUE(has(file, "info: well")) << "a run that is quiet has its log";
  EXPECT_TRUE(has(file, "not so well"));
  EXPECT_EQ(caller.text().find("info"), std::string::npos) << caller.text();
  EXPECT_NE(caller.text().find("not so well"), std::string::npos) << caller.text();
}

TEST(RunLog, GoesOnWhereAnEarlierProcessEnded) {
  const fs::path file = fresh_file("appended");
  for (const char* text : {"one", "two"}) {
    RunLog log({});
    log.write_to(file);
    log.context().info(text);
  }
  EXPECT_TRUE(has(file, "one"));
  EXPECT_TRUE(has(file, "two"));
}

TEST(RunLog, SaysWhichFileCannotBeWritten) {
  RunLog log({});
  try {
    log.write_to(fs::path(testing::TempDir()));
    FAIL() << "opened a folder";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cannot write the log file"), std::string::npos);
  }
}

}  // namespace
}  // namespace tha4
