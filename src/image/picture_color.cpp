#include "picture_color.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <lcms2.h>
#include <opencv2/core.hpp>
#include <spdlog/spdlog.h>

namespace tha4 {
namespace {

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
using Profile = std::unique_ptr<void, CloseProfile>;

struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Transform = std::unique_ptr<void, DeleteTransform>;

struct FreeCurve {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};
using Curve = std::unique_ptr<cmsToneCurve, FreeCurve>;

constexpr cmsCIExyY kD65 = {0.3127, 0.3290, 1};
constexpr cmsCIExyYTRIPLE kSrgbPrimaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};

/// Levels of 255 by which a profile may differ from sRGB and still be meant as sRGB: there are many of those.
constexpr int kSameAsSrgb = 2;

void warn(const std::string& name, const std::string& problem) {
  spdlog::warn(
      "{} {}; its colours are taken for sRGB: convert it to sRGB in a paint program if they look wrong", name,
      problem);
}

Curve srgb_curve() {
  const std::array<cmsFloat64Number, 5> parameters = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  return Curve(cmsBuildParametricToneCurve(nullptr, 4, parameters.data()));
}

/// That of BT.709's cameras, undone.
Curve camera_curve() {
  const std::array<cmsFloat64Number, 5> parameters = {1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081};
  return Curve(cmsBuildParametricToneCurve(nullptr, 4, parameters.data()));
}

Profile profile_of(const cmsCIExyY& white, const cmsCIExyYTRIPLE& primaries, const Curve& curve) {
  if (!curve) return nullptr;
  const std::array<cmsToneCurve*, 3> curves = {curve.get(), curve.get(), curve.get()};
  return Profile(cmsCreateRGBProfile(&white, &primaries, curves.data()));
}

std::optional<cmsCIExyYTRIPLE> primaries_of_code(int code) {
  switch (code) {
    case 1:
      return kSrgbPrimaries;
    case 4:
      return cmsCIExyYTRIPLE{{0.67, 0.33, 1}, {0.21, 0.71, 1}, {0.14, 0.08, 1}};
    case 5:
      return cmsCIExyYTRIPLE{{0.64, 0.33, 1}, {0.29, 0.60, 1}, {0.15, 0.06, 1}};
    case 6:
    case 7:
      return cmsCIExyYTRIPLE{{0.630, 0.340, 1}, {0.310, 0.595, 1}, {0.155, 0.070, 1}};
    case 9:
      return cmsCIExyYTRIPLE{{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
    case 11:
    case 12:
      return cmsCIExyYTRIPLE{{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
    default:
      return std::nullopt;
  }
}

cmsCIExyY white_of_code(int code) {
  if (code == 4) return {0.310, 0.316, 1};
  return code == 11 ? cmsCIExyY{0.314, 0.351, 1} : kD65;
}

Curve curve_of_code(int code) {
  switch (code) {
    case 1:
    case 6:
    case 14:
    case 15:
      return camera_curve();
    case 4:
      return Curve(cmsBuildGamma(nullptr, 2.2));
    case 5:
      return Curve(cmsBuildGamma(nullptr, 2.8));
    case 8:
      return Curve(cmsBuildGamma(nullptr, 1));
    case 13:
      return srgb_curve();
    default:
      return nullptr;
  }
}

/// By the numbers of ITU-T H.273; none for what is not converted: brightness beyond white, above all.
Profile profile_of_cicp(const std::array<std::uint8_t, 4>& codes) {
  const auto primaries = primaries_of_code(codes[0]);
  const bool is_full_rgb = codes[2] == 0 && codes[3] == 1;
  if (!primaries || !is_full_rgb) return nullptr;
  return profile_of(white_of_code(codes[0]), *primaries, curve_of_code(codes[1]));
}

/// By a file's gamma and primaries, of which either may be missing: those of sRGB count then.
Profile profile_of_gamma(const Picture& picture, const std::string& name) {
  constexpr double kUnit = 100'000;
  constexpr double kUsual = 45'455;  // 1 / 2.2, which programs write and mean sRGB
  const double gamma = picture.gamma.value_or(0) == 0 ? kUsual : *picture.gamma;
  cmsCIExyY white = kD65;
  cmsCIExyYTRIPLE primaries = kSrgbPrimaries;
  if (picture.chromaticities) {
    const auto at = [&](std::size_t i) {
      return cmsCIExyY{(*picture.chromaticities)[i] / kUnit, (*picture.chromaticities)[i + 1] / kUnit, 1};
    };
    white = at(0);
    primaries = {at(2), at(4), at(6)};
    for (const cmsCIExyY& color : {white, primaries.Red, primaries.Green, primaries.Blue}) {
      if (color.y > 0.001) continue;
      warn(name, "states primaries (cHRM) that are no colours");
      return nullptr;
    }
  }
  const bool is_usual = std::abs(gamma - kUsual) < 0.05 * kUsual;
  Profile profile =
      profile_of(white, primaries, is_usual ? srgb_curve() : Curve(cmsBuildGamma(nullptr, kUnit / gamma)));
  if (!profile) warn(name, "states a gamma or primaries that make no colours");
  return profile;
}

/// What a picture says of its colours.
struct StatedColors {
  Profile profile;                  ///< none where that is sRGB or nothing
  std::string_view space = "RGB ";  ///< of the profile, by its name there
};

StatedColors stated_colors(const Picture& picture, const std::string& name) {
  if (picture.cicp) {
    if (Profile profile = profile_of_cicp(*picture.cicp)) return {std::move(profile)};
    if (!picture.has_profile) {
      warn(name, "has colours of a kind (cICP " + std::to_string((*picture.cicp)[0]) + ", " +
                     std::to_string((*picture.cicp)[1]) + ") that are not converted");
      return {};
    }
  }
  if (picture.has_profile) {
    Profile profile(picture.profile.empty()
                        ? nullptr
                        : cmsOpenProfileFromMem(picture.profile.data(),
                                                static_cast<cmsUInt32Number>(picture.profile.size())));
    if (!profile) {
      warn(name, "has a damaged colour profile");
      return {};
    }
    // Not by cmsGetColorSpace(), which gives what a file has there as a value of an enumeration that may not
    // have it.
    constexpr std::size_t kPlaceOfSpace = 16;
    return {std::move(profile), std::string_view(picture.profile).substr(kPlaceOfSpace, 4)};
  }
  if (picture.is_marked_srgb || (picture.gamma.value_or(0) == 0 && !picture.chromaticities)) return {};
  return {profile_of_gamma(picture, name)};
}

cmsUInt32Number layout(bool is_grey, int bytes) {
  return is_grey
             ? COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(1) | BYTES_SH(static_cast<unsigned>(bytes))
             : COLORSPACE_SH(PT_RGB) | CHANNELS_SH(3) | EXTRA_SH(1) | BYTES_SH(static_cast<unsigned>(bytes));
}

Transform transform_from(const Profile& profile, bool is_grey, int bytes) {
  const Profile srgb(cmsCreate_sRGBProfile());
  // What is precalculated for 16 bits is too coarse for the dark end of linear light.
  const cmsUInt32Number exact = bytes == 2 ? cmsFLAGS_NOOPTIMIZE : cmsFLAGS_HIGHRESPRECALC;
  return Transform(cmsCreateTransform(profile.get(), layout(is_grey, bytes), srgb.get(), layout(false, 1),
                                      INTENT_RELATIVE_COLORIMETRIC,
                                      exact | cmsFLAGS_COPY_ALPHA | cmsFLAGS_BLACKPOINTCOMPENSATION));
}

/// Whether colours all over the cube, or all greys, stay about as they are.
bool changes_nothing(const Profile& profile, bool is_grey) {
  const Transform transform = transform_from(profile, is_grey, 1);
  if (!transform) return false;
  std::vector<std::uint8_t> colors;
  for (int r = 0; r < 256; r += is_grey ? 1 : 17) {
    if (is_grey) {
      colors.insert(colors.end(), {static_cast<std::uint8_t>(r), 255});
      continue;
    }
    for (int g = 0; g < 256; g += 17) {
      for (int b = 0; b < 256; b += 17) {
        colors.insert(colors.end(), {static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g),
                                     static_cast<std::uint8_t>(b), 255});
      }
    }
  }
  const std::size_t channels = is_grey ? 2 : 4;
  const std::size_t count = colors.size() / channels;
  std::vector<std::uint8_t> converted(4 * count);
  cmsDoTransform(transform.get(), colors.data(), converted.data(), static_cast<cmsUInt32Number>(count));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      if (std::abs(converted[4 * i + c] - colors[channels * i + (is_grey ? 0 : c)]) > kSameAsSrgb)
        return false;
    }
  }
  return true;
}

}  // namespace

void convert_to_srgb(cv::Mat& rgba, bool is_grey, const Picture& picture, const std::string& name) {
  // Quiet: what is wrong with a profile is said here.
  cmsSetLogErrorHandler([](cmsContext, cmsUInt32Number, const char*) {});
  const auto [profile, space] = stated_colors(picture, name);
  if (!profile) return;
  const bool is_of_grey = space == "GRAY";
  if (!(space == "RGB " || (is_of_grey && is_grey))) {
    warn(name, "has a colour profile that is not of RGB");
    return;
  }
  if (changes_nothing(profile, is_of_grey)) return;
  const Transform transform = transform_from(profile, is_of_grey, rgba.depth() == CV_16U ? 2 : 1);
  if (!transform) {
    warn(name, "has a colour profile that cannot be converted");
    return;
  }
  cv::Mat source = rgba;
  if (is_of_grey) {
    source = cv::Mat(rgba.rows, rgba.cols, CV_MAKETYPE(rgba.depth(), 2));
    constexpr std::array<int, 4> kGreyAndAlpha = {0, 0, 3, 1};
    cv::mixChannels(&rgba, 1, &source, 1, kGreyAndAlpha.data(), 2);
  }
  cv::Mat converted(rgba.rows, rgba.cols, CV_8UC4);
  for (int row = 0; row < rgba.rows; ++row) {
    cmsDoTransform(transform.get(), source.ptr(row), converted.ptr(row),
                   static_cast<cmsUInt32Number>(rgba.cols));
  }
  rgba = converted;
}

}  // namespace tha4
