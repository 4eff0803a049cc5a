#include "test_picture.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/image/image_io.h"

// Who says which way up a picture is, and pictures of other formats.

namespace tha4::test {
namespace {

using namespace std::literals;

const std::string kExif = "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"s;
constexpr const char* kXmp =
    "<x:xmpmeta><rdf:Description xmlns:tiff='http://ns.adobe.com/tiff/1.0/' "
    "tiff:Orientation=\"6\"/></x:xmpmeta>";
constexpr const char* kXmpElement = "<rdf:RDF><tiff:Orientation>\n 6 </tiff:Orientation></rdf:RDF>";

std::string packed(const std::string& content) {
  uLongf size = compressBound(static_cast<uLong>(content.size()));
  std::string bytes(size, '\0');
  compress(reinterpret_cast<Bytef*>(bytes.data()), &size, reinterpret_cast<const Bytef*>(content.data()),
           static_cast<uLong>(content.size()));
  bytes.resize(size);
  return bytes;
}

std::string digits(const std::string& name, const std::string& content) {
  std::string text = "\n" + name + "\n      " + std::to_string(content.size()) + "\n";
  for (const char c : content) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text + "\n";
}

/// Whether a picture of three pixels beside each other is turned to stand upright, as 6 says.
bool is_turned(const std::string& chunks) {
  const std::string bytes = png_file(3, 1, 8, PngColor::rgb, {"\xff\0\0\0\xff\0\0\0\xff"s}, chunks);
  const RgbaImage image = read_image(file_of("turned.png", bytes));
  return image.height == 3;
}

TEST(PictureOrientation, IsTakenWhereverItStands) {
  const std::string with_head = "Exif\0\0"s + kExif;
  EXPECT_TRUE(
      is_turned(png_chunk("zTXt", "Raw profile type APP1\0\0"s + packed(digits("generic", with_head)))));
  EXPECT_TRUE(is_turned(png_chunk("tEXt", "Raw profile type APP1\0"s + digits("APP1", with_head))));
  EXPECT_TRUE(is_turned(png_chunk("iTXt", "Raw profile type exif\0\0\0\0\0"s + digits("exif", with_head))));
  EXPECT_TRUE(is_turned(png_chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"s + kXmp)));
  EXPECT_TRUE(is_turned(png_chunk("iTXt", "XML:com.adobe.xmp\0\1\0en\0name\0"s + packed(kXmpElement))));
  EXPECT_TRUE(is_turned(png_chunk("tEXt", "Raw profile type xmp\0"s + digits("xmp", kXmp))));
  std::string of_bytes = kExif;
  of_bytes.replace(12, 8, "\0\1\0\0\0\1\6\0"s);
  EXPECT_TRUE(is_turned(png_chunk("eXIf", of_bytes)));
}

TEST(PictureOrientation, ExifCountsBeforeXmp) {
  std::string upright = kExif;
  upright[19] = 1;
  const std::string xmp = png_chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"s + kXmp);
  EXPECT_FALSE(is_turned(png_chunk("eXIf", upright) + xmp))
      << "a program that turned the picture left the other";
  EXPECT_FALSE(is_turned(xmp + png_chunk("eXIf", upright)));
  EXPECT_TRUE(is_turned(png_chunk("eXIf", kExif.substr(0, 10)) + xmp)) << "the EXIF data are cut off";
}

TEST(PictureOrientation, OfNonsenseIsNone) {
  for (const std::string& text :
       {"tiff:Orientation"s, "tiff:Orientation=\"9\""s, "tiff:Orientation=\"\""s, "tiff:Orientation=x6"s}) {
    EXPECT_FALSE(is_turned(png_chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"s + text))) << text;
  }
  for (const std::string& content :
       {""s, "XML:com.adobe.xmp"s, "XML:com.adobe.xmp\0"s, "XML:com.adobe.xmp\0\1\0"s,
        "XML:com.adobe.xmp\0\1\0\0\0damaged"s, "Raw profile type exif\0\0\0\0\0"s}) {
    EXPECT_FALSE(is_turned(png_chunk("iTXt", content)));
  }
}

TEST(OtherFormats, AreCalledByTheirNames) {
  for (const auto& [bytes, name] : std::vector<std::pair<std::string, std::string>>{
           {"GIF89a"s, "is a GIF, not"},
           {"II*\0"s, "is a TIFF, not"},
           {"\0\0\0\x1c"
            "ftypavif"s,
            "is an AVIF, not"},
           {"\0\0\0\x18"
            "ftypheic"s,
            "is a HEIC, not"},
           {"\0\0\0\x18"
            "ftypisom"s,
            "is a video (MP4), not"},
           {"8BPS\0\1"s, "is a document of Photoshop (PSD), not"},
           {"CSFCHUNK"s, "is a document of Clip Studio Paint, not"},
           {"PK\3\4"s + std::string(26, '\0') + "mimetypeapplication/x-krita", "is a document of Krita, not"},
           {"<svg xmlns=''/>"s, "is an SVG, not"},
           {"\xABKTX 20\xBB"s, "is a KTX texture, not"},
           {"\x89PNG\n\x1a\n"s, "is not a PNG, WebP or JPEG picture: it was copied as if it were text"}}) {
    const std::string message = input_error_of([&] { read_image(file_of("other.png", bytes)); });
    expect_contains(message, {"other.png " + name});
  }
}

}  // namespace
}  // namespace tha4::test
