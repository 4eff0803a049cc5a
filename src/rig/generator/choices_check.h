#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tha4::generator {

/// Throws InputError unless \p choices, the content of choices.json, has every name that is looked up in it
/// and no other: lists and what their entries hold, and kinds (choice_lists()). The message names the place,
/// the unknown name and the nearest that is known.
void check_choices(const nlohmann::ordered_json& choices);

}  // namespace tha4::generator
