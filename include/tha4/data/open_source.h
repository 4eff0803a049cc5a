#pragma once

#include <memory>
#include <string>

#include "tha4/base/context.h"
#include "tha4/data/source_options.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

/// Opens what \p text names: the folder of a dataset or its dataset.json; or characters, as
/// open_character_set() reads them, to be drawn online. Throws InputError where nothing is found, and where a
/// dataset shows another step than is wanted (Remedy::make_dataset). What is skipped is named in the log of
/// \p context.
std::unique_ptr<TripleSource> open_triple_source(const std::string& text, const SourceOptions& options,
                                                 const Context& context = {});

}  // namespace tha4
