#pragma once

#include <string>

#include "picture_header.h"
#include <opencv2/core/mat.hpp>

namespace tha4 {

/// Brings \p rgba, of 8 or 16 bits a channel with straight alpha, from the colours that \p picture says it
/// has to sRGB: by its ICC profile, or by the cICP, gAMA and cHRM chunks of PNG. Pictures that say nothing,
/// that are sRGB or as good as that, and whose profile is damaged stay as they are. Where colours cannot be
/// converted, spdlog's default logger gets a warning that begins with \p name.
void convert_to_srgb(cv::Mat& rgba, bool is_grey, const Picture& picture, const std::string& name);

}  // namespace tha4
