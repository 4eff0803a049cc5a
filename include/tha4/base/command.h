#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>

namespace tha4 {

/// The project's version, for example "0.1.0".
std::string_view version();

/// What a command says of \p error in one line, whoever threw it: LibTorch's own come with a backtrace, which
/// is left out.
/// \param memory_remedy  what the user can do where memory does not suffice, for example "use a smaller
///                       --batch"; empty where there is no option for it
std::string one_line(const std::exception& error, const std::string& memory_remedy = {});

/// Runs the body of a command and turns everything that it throws into one line on the standard error stream,
/// "<name>: error: <what is wrong>", and an exit status: 1 failed, 2 wrong usage or bad input, 130
/// interrupted after saving.
/// \param memory_remedy  as one_line()'s
int run_command(const std::string& name, const std::function<int()>& body,
                const std::string& memory_remedy = {});

}  // namespace tha4
