#pragma once

#include <string_view>

#include "picture_header.h"

namespace tha4 {

/// Takes the orientation that EXIF data state, if they do. \p source  where they stand: exif or text
void take_exif(std::string_view exif, OrientationSource source, Picture& picture);

/// The same of XMP data, where nothing else states one.
void take_xmp(std::string_view xmp, Picture& picture);

/// The same of a text of PNG: XMP, or EXIF data or XMP in digits, as ImageMagick and others had them before
/// PNG had a chunk for them.
void take_png_text(std::string_view keyword, std::string_view text, Picture& picture);

}  // namespace tha4
