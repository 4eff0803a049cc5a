#pragma once

#include <string>

#include "comparison_options.h"
#include "evaluation_report.h"
#include <c10/core/Device.h>

namespace tha4::app {

struct ImagesOptions {
  std::string a;
  std::string b;
  ComparisonOptions comparison;
  ReportFiles files;
};

/// tha4-eval images: compares two pictures, or those of the same name in two folders.
void evaluate_images(const ImagesOptions& options, c10::Device device, const Context& context);

}  // namespace tha4::app
