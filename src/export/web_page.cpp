#include "tha4/export/web_page.h"

#include <string>
#include <string_view>

#include "base64.h"
#include "character_data.h"
#include "page_files.h"
#include "page_script.h"

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/track/tracker_models.h"

namespace tha4 {
namespace {

/// The page's style: of all of it, of the controls, and what other screens and uses change of those before.
std::string style() {
  std::string text;
  for (const char* name : {"style.css", "controls.css", "screens.css"}) {
    if (!text.empty()) text += '\n';
    text += text_of_page_file(page_files(), name);
  }
  return text;
}

/// Puts \p text in the place of the one \p mark in \p page.
void fill_in(std::string& page, std::string_view mark, std::string_view text) {
  const std::size_t place = page.find(mark);
  if (place == std::string::npos) throw Error("index.html has no place for " + std::string(mark));
  page.replace(place, mark.size(), text);
}

}  // namespace

std::uintmax_t write_web_page(const std::vector<std::filesystem::path>& characters,
                              const std::filesystem::path& file, const WebPageOptions& options,
                              const Context& context) {
  std::string data, tracker;
  if (options.has_tracker) {
    tracker = "<script type=\"text/plain\" id=\"tracker\">" +
              base64_of(read_text_file(tracker_models_file())) + "</script>";
  }
  for (const std::filesystem::path& character : characters) {
    const CharacterData of_character = character_data(character, context);
    data +=
        "<script type=\"application/json\" class=\"character\">" + of_character.description + "</script>\n";
    for (const std::string& weights : {of_character.face, of_character.body}) {
      data += "<script type=\"text/plain\" class=\"weights\">" + weights + "</script>\n";
    }
  }
  std::string page(text_of_page_file(page_files(), "index.html"));
  fill_in(page, "/*STYLE*/", style());
  fill_in(page, "<!--CHARACTERS-->", data);
  fill_in(page, "<!--TRACKER-->", tracker);
  fill_in(page, "/*SCRIPT*/", join_modules(page_files(), "main.js"));
  write_text_file(file, page);
  return page.size();
}

}  // namespace tha4
