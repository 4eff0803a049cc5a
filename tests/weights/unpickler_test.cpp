#include "unpickler.h"

#include "weights_fixtures.h"

namespace tha4 {
namespace {

using namespace std::string_literals;

/// Protocol 2.
const std::string kStart = "\x80\x02";

Pickle read(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return unpickle({bytes.begin(), bytes.end()}, "x.pt");
}

std::string refusal(const std::string& text) {
  return input_error_message([&] { read(text); });
}

template <class T>
T root_of(const std::string& text) {
  const Pickle pickle = read(text);
  return *pickle.get_if<T>(pickle.root);
}

std::string named(const std::string& name) {
  return "x.pt: contains '" + name +
         "', which is not a tensor, a storage or an ordered dict; save only the weights, in Python: "
         "torch.save(model.state_dict(), ...)";
}

TEST(Unpickler, ReadsPlainValues) {
  EXPECT_EQ(root_of<std::int64_t>("\x80\x02J\xfe\xff\xff\xff."), -2);
  EXPECT_EQ(root_of<std::int64_t>("\x80\x02M\x34\x12."), 0x1234);
  EXPECT_EQ(root_of<std::int64_t>("\x80\x02\x8a\x00."s), 0);
  EXPECT_EQ(root_of<std::int64_t>("\x80\x02\x8a\x05\x00\x00\x00\x00\x01."s), std::int64_t{1} << 32);
  EXPECT_EQ(root_of<std::int64_t>("\x80\x02\x8a\x01\xff."), -1);
  EXPECT_EQ(root_of<double>("\x80\x02G\x3f\xf8\x00\x00\x00\x00\x00\x00."s), 1.5);
  EXPECT_TRUE(root_of<bool>("\x80\x02\x88."));
  EXPECT_EQ(root_of<PickleTuple>("\x80\x02(K\x01K\x02NK\x03t.").items.size(), 4U);
  EXPECT_EQ(root_of<PickleDict>("\x80\x02}(U\x01"
                                "aK\x01U\x01"
                                "bK\x02u.")
                .items.size(),
            2U);
  EXPECT_EQ(root_of<PickleList>("\x80\x02](K\x01K\x02"
                                "eK\x03"
                                "a.")
                .items.size(),
            3U);
}

/// As Python 2 wrote them: a call with a list of lists of a key and a value.
TEST(Unpickler, ReadsOrderedDictsOfPython2) {
  const std::string list =
      "]](U\x01"
      "aK\x01"
      "ea](U\x01"
      "bK\x02"
      "ea";
  const std::string dict = "ccollections\nOrderedDict\n";
  EXPECT_EQ(root_of<PickleDict>("\x80\x02" + dict + list + "\x85R.").items.size(), 2U);
  EXPECT_NE(refusal("\x80\x02" + dict +
                    "]K\x01"
                    "a\x85R.")
                .find("not understood"),
            std::string::npos);
  // One list, copied again and again.
  std::string many = "\x80\x02](";
  for (int i = 0; i < 2000; ++i)
    many +=
        "](K\x01K\x01"
        "e";
  many += "eq\x00"s + dict + "q\x01";
  for (int i = 0; i < 600; ++i) many += "h\x01h\x00\x85R"s;
  EXPECT_NE(refusal(many + ".").find("damaged"), std::string::npos);
}

TEST(Unpickler, RefusesEveryOtherClassAndFunctionByName) {
  EXPECT_EQ(refusal("\x80\x02"
                    "cos\nsystem\nU\x02ls\x85R."),
            named("os.system"));
  EXPECT_EQ(refusal("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R."), named("os.system"));
  EXPECT_EQ(refusal("\x80\x02(U\x02lsios\nsystem\n."), named("os.system"));
  EXPECT_EQ(refusal("\x80\x02"
                    "cbuiltins\neval\n."),
            named("builtins.eval"));
  EXPECT_EQ(refusal("\x80\x02"
                    "ctorch\nload\n."),
            named("torch.load"));
  EXPECT_EQ(refusal("\x80\x02"
                    "ctorch\nQInt8Storage\n."),
            named("torch.QInt8Storage"));
  EXPECT_EQ(refusal("\x80\x02"
                    "ctorch\n\n."),
            named("torch."));
  EXPECT_EQ(refusal("\x80\x02"
                    "cevil\x1b[2J\rmodule\nname\n."),
            named("evil?[2J?module.name"));
}

TEST(Unpickler, RefusesCallsThatAreNotOfThisKind) {
  const std::string strange =
      "x.pt: a tensor, storage or dict in it is described in a way that is not understood";
  EXPECT_EQ(refusal("\x80\x02U\x04textU\x02ls\x85R."), strange);
  EXPECT_EQ(refusal("\x80\x02"
                    "ctorch\nFloatStorage\n)R."),
            strange);
  EXPECT_EQ(refusal("\x80\x02"
                    "ctorch._utils\n_rebuild_tensor_v2\n)R."),
            strange);
  EXPECT_EQ(refusal("\x80\x02"
                    "ccollections\nOrderedDict\nK\x01\x85R."),
            strange);
  EXPECT_EQ(refusal("\x80\x02U\x07storageQ."), strange);
}

TEST(Unpickler, RefusesOpcodesThatWeightsDoNotNeed) {
  for (const int op : {0x81, 0x92, 0x82, 0x8f, 0x96, int{'o'}, int{'P'}}) {
    EXPECT_EQ(refusal(kStart + "))" + static_cast<char>(op) + "."),
              "x.pt: pickle opcode " + std::to_string(op) + " has no place in a file of weights");
  }
  EXPECT_EQ(refusal("\x80\x01)."), "x.pt: pickle protocol 1 is not supported; save it with protocol 2 to 5");
}

TEST(Unpickler, RefusesDamage) {
  const std::string damaged =
      "x.pt: its description of the tensors is damaged; copy or download the file again";
  const std::vector<std::string> pickles = {
      "",
      "\x80",
      "\x80\x02",
      "\x80\x02.",  // nothing to return
      "\x80\x02)",  // no end
      "\x80\x02X\xff\xff\xff\xff"
      "a.",                                             // a text longer than the file
      "\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",  // likewise
      "\x80\x02\x8b\xff\xff\xff\xff.",                  // likewise a number
      "\x80\x02\x8a\x09"
      "123456789.",                                      // a number of nine bytes
      "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff).",  // a frame longer than the file
      "\x80\x02h\x07.",                                  // a value that was never stored
      "\x80\x02t.",                                      // no mark
      "\x80\x02)(0.",                                    // takes what lies below the mark
      "\x80\x02}(K\x01u.",                               // a key without a value
      "\x80\x02)K\x01"
      "a.",            // appends to a tuple
      "\x80\x02)}b.",  // attributes for a tuple
      "\x80\x02"
      "cos",                            // an unfinished name
      kStart + std::string(2000, '('),  // marks without end
  };
  for (const std::string& pickle : pickles) EXPECT_EQ(refusal(pickle), damaged) << pickle;
}

TEST(Unpickler, ToleratesNestingAndCycles) {
  std::string nested = "\x80\x02)";
  nested.append(500'000, '\x85');
  EXPECT_EQ(root_of<PickleTuple>(nested + ".").items.size(), 1U);
  EXPECT_EQ(root_of<PickleList>("\x80\x02]q\x01h\x01"
                                "a.")
                .items.size(),
            1U);
}

TEST(Unpickler, BoundsItsMemory) {
  std::string values = "\x80\x02";
  for (int i = 0; i < 1'100'000; ++i) values += "]0";
  EXPECT_NE(refusal(values + "]."), "no error");
  EXPECT_NE(refusal(kStart + ")" + std::string(1'100'000, '2') + "."), "no error");
  EXPECT_NE(refusal(kStart + ")" + std::string(1'100'000, '\x94') + "."), "no error");
  // A long tuple must not be copied by each of many calls.
  EXPECT_NE(refusal(kStart + "ctorch\nSize\n(" + std::string(1000, ')') + "t\x85R."), "no error");
}

}  // namespace
}  // namespace tha4
