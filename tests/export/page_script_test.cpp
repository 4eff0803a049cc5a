#include "page_script.h"

#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

TEST(PageScript, HasEachModuleOnceBehindWhatItImports) {
  const PageFile files[] = {
      {"main.js", "import { a, b as c } from \"./a.js\";\nimport { d } from \"./d.js\";\nc(a, d);\n"},
      {"d.js", "import {\n  a,\n} from \"./a.js\";\nexport const d = a;\n"},
      {"a.js", "export function a() {}\nexport async function b() {}\nexport class E {}\n"}};
  const std::string script = join_modules(files, "main.js");
  const auto place = [&](const char* text) { return script.find(text); };
  EXPECT_LT(place("const module_a = (() => {"), place("const module_d = (() => {"));
  EXPECT_LT(place("const module_d = (() => {"), place("const module_main = (() => {"));
  EXPECT_EQ(place("module_a ="), script.rfind("module_a ="));
  EXPECT_NE(place("const { a, b: c } = module_a;"), std::string::npos) << script;
  EXPECT_NE(place("return { a, b, E, };"), std::string::npos) << script;
  EXPECT_EQ(place("import"), std::string::npos);
  EXPECT_EQ(place("export"), std::string::npos);
}

TEST(PageScript, HoldsTextsAsTheyAre) {
  const PageFile files[] = {{"main.js", "import text from \"./a.wgsl\";\nuse(text);\n"}, {"a.wgsl", "`$\\"}};
  EXPECT_NE(join_modules(files, "main.js").find("const text = `\\`\\$\\\\`;"), std::string::npos);
}

TEST(PageScript, RefusesWhatItDoesNotUnderstand) {
  const auto joined = [](std::string_view text) {
    const PageFile files[] = {{"main.js", text}, {"a.js", "import { m } from \"./main.js\";\n"}};
    return join_modules(files, "main.js");
  };
  EXPECT_THROW(joined("import \"./a.js\";\n"), Error);
  EXPECT_THROW(joined("import { a } from \"./nowhere.js\";\n"), Error);
  EXPECT_THROW(joined("export { a };\n"), Error);
  EXPECT_THROW(joined("export default 1;\n"), Error);
  EXPECT_THROW(joined("import { a } from \"./a.js\";\n"), Error);
}

TEST(PageScript, OfTheProjectsPageEndsNowhereButAtItsEnd) {
  const std::string script = join_modules(page_files(), "main.js");
  EXPECT_EQ(script.find("</script"), std::string::npos);
  EXPECT_EQ(script.find("<!--"), std::string::npos);
}

}  // namespace
}  // namespace tha4
