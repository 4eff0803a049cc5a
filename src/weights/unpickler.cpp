#include "unpickler.h"

#include <bit>
#include <cstring>
#include <unordered_map>

#include "byte_order.h"
#include "tensor_pickle.h"

#include "tha4/base/error.h"

namespace tha4 {
namespace {

// Far above what state dicts need: one of 10 000 tensors has 300 000 values, 10 on the stack besides its
// keys.
constexpr std::size_t kMaxValues = 1'000'000;
constexpr std::size_t kDeepestStack = 1'000'000;
constexpr std::size_t kMaxMarks = 1'000;

/// Opcodes, by the names that Python's pickle module gives them.
enum class Op : unsigned char {
  mark = '(',
  empty_tuple = ')',
  stop = '.',
  pop = '0',
  pop_mark = '1',
  dup = '2',
  binbytes = 'B',
  short_binbytes = 'C',
  binfloat = 'G',
  binint = 'J',
  binint1 = 'K',
  binint2 = 'M',
  none = 'N',
  binpersid = 'Q',
  reduce = 'R',
  binstring = 'T',
  short_binstring = 'U',
  binunicode = 'X',
  empty_list = ']',
  append = 'a',
  build = 'b',
  global = 'c',
  appends = 'e',
  binget = 'h',
  inst = 'i',
  long_binget = 'j',
  binput = 'q',
  long_binput = 'r',
  setitem = 's',
  tuple = 't',
  setitems = 'u',
  empty_dict = '}',
  proto = 0x80,
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  newtrue = 0x88,
  newfalse = 0x89,
  long1 = 0x8a,
  long4 = 0x8b,
  short_binunicode = 0x8c,
  binunicode8 = 0x8d,
  binbytes8 = 0x8e,
  stack_global = 0x93,
  memoize = 0x94,
  frame = 0x95,
};

class Unpickler {
 public:
  Unpickler(std::vector<std::byte> bytes, const std::string& source) : source_(source) {
    pickle_.bytes = std::move(bytes);
    rest_ = {reinterpret_cast<const char*>(pickle_.bytes.data()), pickle_.bytes.size()};
  }

  Pickle run() {
    if (take<std::uint8_t>() != static_cast<std::uint8_t>(Op::proto)) fail();
    const auto protocol = take<std::uint8_t>();
    if (protocol < 2 || protocol > 5) {
      throw InputError(source_ + ": pickle protocol " + std::to_string(protocol) +
                       " is not supported; save it with protocol 2 to 5");
    }
    for (;;) {
      const auto op = static_cast<Op>(take<std::uint8_t>());
      if (op == Op::stop) break;
      if (!constant(op) && !container(op) && !memory(op) && !object(op)) {
        throw InputError(source_ + ": pickle opcode " + std::to_string(static_cast<int>(op)) +
                         " has no place in a file of weights");
      }
    }
    pickle_.root = pop();
    pickle_.size = pickle_.bytes.size() - rest_.size();
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail() const {
    throw InputError(source_ +
                     ": its description of the tensors is damaged; copy or download the file again");
  }

  std::string_view take_text(std::uint64_t size) {
    if (size > rest_.size()) fail();
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  template <class T>
  T take() {
    T value;
    std::memcpy(&value, take_text(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::string_view take_line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) fail();
    const std::string_view line = take_text(end);
    take_text(1);
    return line;
  }

  void push_id(PickleId id) {
    if (stack_.size() >= kDeepestStack) fail();
    stack_.push_back(id);
  }

  bool push(PickleValue value) {
    if (pickle_.values.size() >= kMaxValues) fail();
    push_id(static_cast<PickleId>(pickle_.values.size()));
    pickle_.values.push_back(std::move(value));
    return true;
  }

  /// Top of the stack, above the last mark.
  PickleId top() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail();
    return stack_.back();
  }

  PickleId pop() {
    const PickleId id = top();
    stack_.pop_back();
    return id;
  }

  std::string_view pop_text() {
    const auto* text = pickle_.get_if<std::string_view>(pop());
    if (text == nullptr) fail();
    return *text;
  }

  std::vector<PickleId> pop_to_mark() {
    if (marks_.empty()) fail();
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleId> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  template <class T>
  T& container_on_top() {
    T* container = std::get_if<T>(&pickle_.values[top()]);
    if (container == nullptr) fail();
    return *container;
  }

  /// A whole number of \p size bytes, two's complement.
  std::int64_t take_long(std::uint64_t size) {
    const std::string_view digits = take_text(size);
    if (size > sizeof(std::int64_t)) fail();
    std::int64_t value = 0;
    if (size != 0) {
      value = (static_cast<unsigned char>(digits.back()) & 0x80) != 0 ? -1 : 0;
      std::memcpy(&value, digits.data(), size);
    }
    return value;
  }

  double take_float() {
    const auto bits = take<std::uint64_t>();
    return std::bit_cast<double>(__builtin_bswap64(bits));
  }

  bool constant(Op op) {
    switch (op) {
      case Op::none:
        return push(PickleNone{});
      case Op::newtrue:
        return push(true);
      case Op::newfalse:
        return push(false);
      case Op::binint:
        return push(std::int64_t{take<std::int32_t>()});
      case Op::binint1:
        return push(std::int64_t{take<std::uint8_t>()});
      case Op::binint2:
        return push(std::int64_t{take<std::uint16_t>()});
      case Op::long1:
        return push(take_long(take<std::uint8_t>()));
      case Op::long4:
        return push(take_long(take<std::uint32_t>()));
      case Op::binfloat:
        return push(take_float());
      case Op::short_binunicode:
      case Op::short_binstring:
      case Op::short_binbytes:
        return push(take_text(take<std::uint8_t>()));
      case Op::binunicode:
      case Op::binstring:
      case Op::binbytes:
        return push(take_text(take<std::uint32_t>()));
      case Op::binunicode8:
      case Op::binbytes8:
        return push(take_text(take<std::uint64_t>()));
      default:
        return false;
    }
  }

  bool push_tuple(std::size_t size) {
    PickleTuple tuple{std::vector<PickleId>(size)};
    for (std::size_t i = size; i-- > 0;) tuple.items[i] = pop();
    return push(std::move(tuple));
  }

  bool append(const std::vector<PickleId>& items) {
    auto& list = container_on_top<PickleList>().items;
    list.insert(list.end(), items.begin(), items.end());
    return true;
  }

  bool set_items(const std::vector<PickleId>& items) {
    if (items.size() % 2 != 0) fail();
    auto& dict = container_on_top<PickleDict>().items;
    for (std::size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
    return true;
  }

  bool container(Op op) {
    switch (op) {
      case Op::empty_tuple:
        return push(PickleTuple{});
      case Op::tuple1:
        return push_tuple(1);
      case Op::tuple2:
        return push_tuple(2);
      case Op::tuple3:
        return push_tuple(3);
      case Op::tuple:
        return push(PickleTuple{pop_to_mark()});
      case Op::empty_list:
        return push(PickleList{});
      case Op::append:
        return append({pop()});
      case Op::appends:
        return append(pop_to_mark());
      case Op::empty_dict:
        return push(PickleDict{});
      case Op::setitem: {
        const PickleId value = pop();
        return set_items({pop(), value});
      }
      case Op::setitems:
        return set_items(pop_to_mark());
      default:
        return false;
    }
  }

  bool remember(std::uint32_t slot) {
    if (memo_.size() >= kMaxValues) fail();
    memo_[slot] = top();
    return true;
  }

  bool recall(std::uint32_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) fail();
    push_id(found->second);
    return true;
  }

  /// Opcodes that move values about.
  bool memory(Op op) {
    switch (op) {
      case Op::mark:
        if (marks_.size() >= kMaxMarks) fail();
        marks_.push_back(stack_.size());
        return true;
      case Op::pop:
        pop();
        return true;
      case Op::pop_mark:
        pop_to_mark();
        return true;
      case Op::dup:
        push_id(top());
        return true;
      case Op::binput:
        return remember(take<std::uint8_t>());
      case Op::long_binput:
        return remember(take<std::uint32_t>());
      case Op::memoize:
        return remember(static_cast<std::uint32_t>(memo_.size()));
      case Op::binget:
        return recall(take<std::uint8_t>());
      case Op::long_binget:
        return recall(take<std::uint32_t>());
      case Op::frame:
        if (take<std::uint64_t>() > rest_.size()) fail();
        return true;
      default:
        return false;
    }
  }

  bool push_global(std::string_view module, std::string_view name) {
    return push(known_global(module, name, source_));
  }

  /// A dict made of a list copies it: a small file could have one list copied without end.
  bool push_result(PickleValue result) {
    if (const auto* dict = std::get_if<PickleDict>(&result)) copied_ += dict->items.size();
    if (copied_ > kMaxValues) fail();
    return push(std::move(result));
  }

  /// Opcodes that name or call classes and functions.
  bool object(Op op) {
    switch (op) {
      case Op::global:
      case Op::inst: {
        const std::string_view module = take_line();
        const bool known = push_global(module, take_line());
        return known && op == Op::global;
      }
      case Op::stack_global: {
        const std::string_view name = pop_text();
        return push_global(pop_text(), name);
      }
      case Op::reduce: {
        const PickleId arguments = pop();
        return push_result(call_global(pickle_, pop(), arguments, source_));
      }
      case Op::build:
        // The versions of the modules, which state_dict() attaches to its dict.
        pop();
        container_on_top<PickleDict>();
        return true;
      case Op::binpersid:
        return push(storage_of_persistent_id(pickle_, pop(), source_));
      default:
        return false;
    }
  }

  const std::string& source_;
  Pickle pickle_;
  std::string_view rest_;
  std::vector<PickleId> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleId> memo_;
  std::size_t copied_ = 0;
};

struct KindName {
  std::string_view operator()(const PickleNone&) const { return "None"; }
  std::string_view operator()(bool) const { return "a truth value"; }
  std::string_view operator()(std::int64_t) const { return "a whole number"; }
  std::string_view operator()(double) const { return "a number"; }
  std::string_view operator()(std::string_view) const { return "a text"; }
  std::string_view operator()(const PickleTuple&) const { return "a tuple"; }
  std::string_view operator()(const PickleList&) const { return "a list"; }
  std::string_view operator()(const PickleDict&) const { return "a dict"; }
  std::string_view operator()(const PickleGlobal&) const { return "a class or function"; }
  std::string_view operator()(const PickledStorage&) const { return "a storage without a tensor"; }
  std::string_view operator()(const PickledTensor&) const { return "a tensor"; }
};

}  // namespace

std::string_view kind_of(const PickleValue& value) {
  return std::visit(KindName{}, value);
}

Pickle unpickle(std::vector<std::byte> bytes, const std::string& source) {
  return Unpickler(std::move(bytes), source).run();
}

}  // namespace tha4
