#pragma once

#include <span>
#include <string>
#include <string_view>

#include "page_files.h"

namespace tha4 {

/// The text of the file \p name of \p files. Throws Error where there is none.
std::string_view text_of_page_file(std::span<const PageFile> files, std::string_view name);

/// One classic script that does what the ES module \p entry does, with all that it imports: each module
/// becomes a function that is called once, in the order in which they need each other, and gives what it
/// exports.
///
/// Understood of the language, at the beginning of a line: `import { a, b as c } from "./x.js";`, of one line
/// or several; `import text from "./x.wgsl";`, the text of a file of another suffix; and `export` before a
/// function, a class or one constant. Throws Error for anything else, for a file that is missing and for
/// modules that import each other in a circle.
std::string join_modules(std::span<const PageFile> files, std::string_view entry);

}  // namespace tha4
