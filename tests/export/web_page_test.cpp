#include "tha4/export/web_page.h"

#include <string>

#include "base64.h"
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/track/tracker_models.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

const fs::path kCharacters = fs::path(THA4_FIXTURES_DIR) / "characters";

std::string page_of(const std::vector<fs::path>& characters, bool has_tracker = false) {
  const fs::path file = fs::path(testing::TempDir()) / "web_page_test.html";
  const std::uintmax_t size = write_web_page(characters, file, {.has_tracker = has_tracker});
  EXPECT_EQ(fs::file_size(file), size);
  return read_text_file(file);
}

TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64_of(""), "");
  EXPECT_EQ(base64_of("f"), "Zg==");
  EXPECT_EQ(base64_of("fo"), "Zm8=");
  EXPECT_EQ(base64_of("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_of("\xff\xfe\xfd"), "//79");
}

TEST(WebPage, HoldsItsCharacters) {
  const std::string page = page_of({kCharacters / "siren", kCharacters / "blendshape"});
  constexpr std::string_view kBegin = "<script type=\"application/json\" class=\"character\">";
  std::vector<nlohmann::json> found;
  for (std::size_t begin = page.find(kBegin); begin != std::string::npos; begin = page.find(kBegin, begin)) {
    begin += kBegin.size();
    found.push_back(nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin)));
  }
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0]["name"], "siren");
  EXPECT_EQ(found[0]["body"]["kind"], "siren");
  EXPECT_EQ(found[0]["empty"].size(), 64U);
  EXPECT_EQ(found[1]["face"]["kind"], "blendshape");
  EXPECT_FALSE(found[1].contains("empty"));
}

TEST(WebPage, HoldsTheTrackerWhereItIsAskedFor) {
  constexpr std::string_view kTracker = "<script type=\"text/plain\" id=\"tracker\">";
  const std::string page = page_of({kCharacters / "siren"}, true);
  const std::size_t begin = page.find(kTracker);
  ASSERT_NE(begin, std::string::npos);
  const std::string models = base64_of(read_text_file(tracker_models_file()));
  EXPECT_EQ(page.compare(begin + kTracker.size(), models.size(), models), 0);
  EXPECT_EQ(page_of({kCharacters / "siren"}, false).find(kTracker), std::string::npos);
}

TEST(WebPage, NamesNoPlaceElsewhere) {
  const std::string page = page_of({kCharacters / "siren"}, true);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const char* text : {"https://", "http://", " src=\"", "url(", "@import"}) {
    EXPECT_EQ(page.find(text), std::string::npos) << text;
  }
  for (const char* mark : {"/*STYLE*/", "/*SCRIPT*/", "<!--CHARACTERS-->", "<!--TRACKER-->"}) {
    EXPECT_EQ(page.find(mark), std::string::npos) << mark;
  }
}

TEST(WebPage, RefusesWhatIsNoCharacter) {
  EXPECT_THROW(page_of({kCharacters / "nobody"}), InputError);
}

}  // namespace
}  // namespace tha4
