#pragma once

#include <string>

#include "tha4/base/error.h"

namespace tha4::app {

/// \p remedy in the words of the commands, which name the options that help; empty where there is nothing to
/// add to the error itself.
/// \param memory_remedy  what a command has against a lack of memory, for example "use a smaller --batch";
///                       empty where there is no option for it
std::string remedy_text(const Remedy& remedy, const std::string& memory_remedy = {});

/// What a command says of \p error in one line, whoever threw it: what is wrong, where, and what to do.
/// \param memory_remedy  as remedy_text()'s
std::string error_text(const std::exception& error, const std::string& memory_remedy = {});

}  // namespace tha4::app
