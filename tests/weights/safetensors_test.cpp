#include "tha4/weights/safetensors.h"

#include <fstream>

#include "byte_order.h"
#include "weights_fixtures.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

TEST(Safetensors, ReadsTheFilesOfPython) {
  TensorMetadata metadata;
  const StateDict state = read_safetensors(data_file("weights/all_types.safetensors"), &metadata);
  EXPECT_EQ(metadata, (TensorMetadata{{"format", "pt"}}));
  StateDict expected;
  const StateDict all = all_types();
  for (const std::string& name : state.keys()) expected.insert(name, all[name]);
  EXPECT_EQ(state.size(), all.size());
  expect_equal(state, expected);
}

TEST(Safetensors, ReadsTheReferenceOfTheStudent) {
  const StateDict state = read_safetensors(data_file("random_student/expected.safetensors"));
  EXPECT_EQ(state["image_u8"].scalar_type(), at::kByte);
  EXPECT_EQ(state["image_u8"].sizes(), (std::vector<std::int64_t>{4, 512, 512}));
  EXPECT_EQ(state["poses"].sizes(), (std::vector<std::int64_t>{4, 45}));
  EXPECT_LE(state["poses"].abs().max().item<float>(), 1.0F);
}

TEST(Safetensors, RoundTripsInTheOrderOfTheNames) {
  const fs::path file = fresh_folder("safetensors") / "a.safetensors";
  StateDict state = all_types();
  state.insert("scalar", at::tensor(7.0F).squeeze());
  state.insert("empty", at::zeros({0, 3}));
  state.insert("\"quoted\" \xc3\xa4\n", at::ones({1}));
  const TensorMetadata metadata = {{"a", "with \"quotes\""}, {"b", ""}};
  write_safetensors(file, state, metadata);
  TensorMetadata found;
  expect_equal(read_safetensors(file, &found), state);
  EXPECT_EQ(found, metadata);

  write_safetensors(file, StateDict());
  EXPECT_EQ(read_safetensors(file, &found).size(), 0U);
  EXPECT_TRUE(found.empty());
}

TEST(Safetensors, RefusesToWriteTheNameOfTheMetadata) {
  const fs::path file = fresh_folder("safetensors_name") / "a.safetensors";
  StateDict state;
  state.insert("__metadata__", at::ones({1}));
  EXPECT_THROW(write_safetensors(file, state), Error);
  EXPECT_FALSE(fs::exists(file));
}

class SafetensorsHeaders : public testing::Test {
 protected:
  std::string read(const std::string& header, std::size_t data_size) {
    std::string bytes;
    append_number<std::uint64_t>(bytes, header.size());
    return read_bytes(bytes + header + std::string(data_size, '\x02'));
  }

  std::string read_bytes(const std::string& bytes) {
    write_text_file(file_, bytes);
    return input_error_message([&] { state_ = read_safetensors(file_); });
  }

  std::string unusable(const std::string& reason) const {
    return message("its header cannot be used: " + reason);
  }
  std::string message(const std::string& text) const { return file_.string() + ": " + text; }

  const fs::path file_ = fresh_folder("safetensors_headers") / "a.safetensors";
  StateDict state_;
};

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}";
}

TEST_F(SafetensorsHeaders, AreReadInAnyOrder) {
  EXPECT_EQ(
      read("{" + entry("b", "F32", "[2]", "[2,10]") + "," + entry("a", "BOOL", "[2]", "[0,2]") + "}  ", 10),
      "no error");
  EXPECT_EQ(state_.keys(), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(state_["a"].sum().item<int>(), 2);
}

TEST_F(SafetensorsHeaders, MustFitTheFile) {
  std::string huge;
  append_number<std::uint64_t>(huge, 100'000'001);
  EXPECT_EQ(read_bytes(huge + "{}"),
            message("is not a safetensors file, or its header is damaged: it should have 100000001 bytes"));
  EXPECT_EQ(
      read_bytes(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}")),
      message("is not a safetensors file, or its header is damaged: it should have 18446744073709551615 "
              "bytes"));
  EXPECT_EQ(read_bytes(std::string("\x03\0\0\0\0\0\0\0{}", 10)),
            message("its header is incomplete; is the file cut off?"));
  EXPECT_EQ(read_bytes("short"), message("is not a safetensors file"));
}

TEST_F(SafetensorsHeaders, MustCoverTheData) {
  const std::string a = entry("a", "F32", "[2]", "[0,8]");
  EXPECT_EQ(read("{" + a + "}", 7),
            message("its tensors should have 8 bytes, but there are 7; is the file cut off?"));
  EXPECT_EQ(read("{" + a + "}", 9), message("its tensors should have 8 bytes, but there are 9"));
  EXPECT_EQ(read("{" + a + "," + entry("b", "U8", "[2]", "[7,9]") + "}", 9),
            message("the tensor 'b' overlaps the one before it"));
  EXPECT_EQ(read("{" + a + "," + entry("b", "U8", "[2]", "[9,11]") + "}", 11),
            message("the tensor 'b' leaves a gap before it"));
  EXPECT_EQ(read("{" + a + "," + entry("b", "F32", "[2]", "[0,8]") + "}", 8),
            message("the tensor 'b' overlaps the one before it"));
}

TEST_F(SafetensorsHeaders, MustHaveSizesThatAgreeWithShapes) {
  EXPECT_EQ(read("{" + entry("a", "F16", "[2,3]", "[0,10]") + "}", 10),
            message("the tensor 'a' of type float16 and shape [2, 3] cannot have the bytes 0 to 10"));
  EXPECT_EQ(read("{" + entry("a", "U8", "[1]", "[1,0]") + "}", 1),
            message("the tensor 'a' of type uint8 and shape [1] cannot have the bytes 1 to 0"));
  for (const char* shape : {"[4294967296,4294967296]", "[0,9223372036854775807,9223372036854775807]"}) {
    EXPECT_NE(read("{" + entry("a", "U8", shape, "[0,0]") + "}", 0).find("cannot have the bytes"),
              std::string::npos);
  }
}

TEST_F(SafetensorsHeaders, MustBeOfTheKnownForm) {
  const std::string not_json = unusable("it is not valid JSON");
  EXPECT_EQ(read("{", 0), not_json);
  EXPECT_EQ(read("{}x", 0), not_json);
  EXPECT_EQ(read("{\"\xff\":1}", 0), not_json);
  EXPECT_EQ(read("{" + entry("a", "F99", "[1]", "[0,1]") + "}", 1),
            unusable("the element type 'F99' is not supported"));
  const std::string a = entry("a", "U8", "[1]", "[0,1]");
  EXPECT_EQ(read("{" + a + "," + a + "}", 1), unusable("the name 'a' occurs twice"));
  EXPECT_EQ(read(R"({"__metadata__":{"k":"1","k":"2"}})", 0), unusable("the metadata key 'k' occurs twice"));
  EXPECT_EQ(read(R"({"__metadata__":{"k":"1"},"__metadata__":{}})", 0),
            unusable("the name '__metadata__' occurs twice"));
  const std::string form = unusable("it is not of the form that is expected, at 'a'");
  for (const char* value :
       {"1",
        "-1",
        "1.5",
        "null",
        "true",
        "[]",
        "\"text\"",
        "{}",
        R"({"dtype":"U8","shape":[1]})",
        R"({"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":1})",
        R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[1.0],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[[1]],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":1,"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0]})",
        R"({"dtype":"U8","shape":[1],"data_offsets":[0,1,2]})",
        R"({"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]})",
        R"({"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]})",
        R"({"dtype":{"dtype":{}}})"}) {
    EXPECT_EQ(read("{\"a\":" + std::string(value) + "}", 1), form) << value;
  }
  std::string deep = "{\"a\":" + std::string(1'000'000, '[');
  EXPECT_EQ(read(deep, 0), form);
}

}  // namespace
}  // namespace tha4
