#include "codec/pickle_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <rediscache/error.hpp>

#include "codec/big_number.hpp"
#include "codec/number_text.hpp"
#include "codec/pickle_input.hpp"
#include "codec/pickle_machine.hpp"
#include "codec/pickle_opcodes.hpp"
#include "codec/pickle_text.hpp"

namespace rediscache::codec {
namespace {

using pickle::Graph;
using Kind = Graph::Kind;

/// Goes through the instructions. Those that run code in Python end it.
class PickleReader {
 public:
  explicit PickleReader(std::string_view bytes, bool takes_herd_marker = false)
      : input_{bytes}, machine_{bytes.size(), takes_herd_marker} {}

  Value read() {
    return reading<Value>([&] {
      run<false>();
      return graph().build(take_result());
    });
  }
  HerdPickle read_herd() {
    return reading<HerdPickle>([&] {
      run<true>();
      return take_herd();
    });
  }

 private:
  [[nodiscard]] Graph& graph() noexcept { return machine_.graph(); }
  void push(Graph::Id id) { machine_.push(id); }

  template <class Result, class Read>
  Result reading(const Read& read) {
    try {
      return read();
    } catch (const ValueError& error) {
      throw ValueError{std::string{"not a pickle of a plain value: "} + error.what() + ", before byte " +
                       std::to_string(input_.at())};
    }
  }
  Graph::Id take_result() {
    if (input_.left() != 0) {
      pickle::fail("more follows the value");
    }
    return machine_.result();
  }
  HerdPickle take_herd() {
    const Graph::Id id = take_result();
    if (graph().kind(id) == Kind::tuple) {
      const auto elements = graph().elements(id);
      if (elements.size() == 3 && graph().kind(elements[0]) == Kind::callable &&
          graph().callable(elements[0]) == Graph::Callable::herd_marker) {
        const double over = graph().build(elements[2]).as_float();
        return {.value = graph().build(elements[1]), .over = over, .over_at = before_tuple_at_};
      }
    }
    return {.value = graph().build(id), .over = std::nullopt};
  }

  void push_text(std::string_view text) {
    if (!pickle::is_python_text(text)) {
      pickle::fail("text that is not UTF-8");
    }
    push(graph().add_text(text));
  }
  void push_python2_text(std::string_view text) {
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      pickle::fail("a string of Python 2 that is not ASCII");
    }
    push(graph().add_text(text));
  }
  template <class Decoded>
  void push_decoded(Decoded&& text, const char* what) {
    if (!text) {
      pickle::fail(what);
    }
    push(graph().add_text(graph().own(*std::forward<Decoded>(text))));
  }

  void push_int_line() {
    const std::string_view line = input_.take_line();
    if (line == "00" || line == "01") {
      push(graph().add_bool(line == "01"));
    } else {
      push(graph().add_integer(line));
    }
  }
  void push_long_line() {
    std::string_view line = input_.take_line();
    if (line.ends_with('L')) {
      line.remove_suffix(1);
    }
    push(graph().add_integer(line));
  }
  void push_long(std::string_view bytes) {
    if (bytes.size() > 8) {
      push(graph().add_integer(digits_of(bytes)));
      return;
    }
    std::uint64_t number = !bytes.empty() && static_cast<unsigned char>(bytes.back()) >= 0x80 ? ~0ULL : 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      number = number << 8U | static_cast<unsigned char>(bytes[i]);
    }
    push(graph().add_integer(static_cast<std::int64_t>(number)));
  }
  std::string_view take_long4() {
    const std::uint64_t size = input_.take_number(4);
    if (size > 0x7fffffff) {
      pickle::fail("an integer of a negative length");
    }
    return input_.take(size);
  }
  void push_float_line() {
    const std::string_view line = input_.take_line();
    double value = 0;
    const std::string_view word = line == "nan" ? "NaN" : line == "inf" ? "Infinity" : "-Infinity";
    if (!parse_float(line == "nan" || line == "inf" || line == "-inf" ? word : line, value)) {
      pickle::fail("a float that is none");
    }
    push(graph().add_float(value));
  }
  void push_float(std::string_view bytes) {
    std::uint64_t bits = 0;
    for (const char byte : bytes) {
      bits = bits << 8U | static_cast<unsigned char>(byte);
    }
    push(graph().add_float(std::bit_cast<double>(bits)));
  }

  void push_line_global() {
    const std::string_view module = input_.take_line();
    machine_.push_callable(module, input_.take_line());
  }
  [[noreturn]] void fail_inst() {
    const std::string_view module = input_.take_line();
    pickle::Machine::refuse_class(module, input_.take_line());
  }

  // The few calls that most pickles need become part of the loop.
  template <bool notes_places>
  [[gnu::flatten]] void run();
  [[gnu::noinline]] void step_rare(unsigned char op);

  pickle::Input input_;
  pickle::Machine machine_;
  std::size_t before_tuple_at_ = 0;  // the instruction before the last that makes a tuple of three
};

/// What protocol 4 writes of plain values, in one loop: a call for each instruction would cost as much again.
template <bool notes_places>
void PickleReader::run() {
  pickle::Input input = input_;  // what is here alone stays in registers
  const auto take_op = [&] { return static_cast<unsigned char>(input.take(1)[0]); };
  const auto push_memoized = [&](std::string_view text) {
    push_text(text);
    if (input.take_if(pickle::memoize)) {  // what follows most texts, without another turn
      machine_.remember();
    }
  };
  [[maybe_unused]] std::size_t at = 0;
  try {
    for (unsigned char op = take_op(); op != pickle::stop; op = take_op()) {
      if constexpr (notes_places) {
        before_tuple_at_ = op == pickle::tuple3 ? at : before_tuple_at_;
        at = input.at() - 1;
      }
      switch (op) {
        case pickle::proto:
          if (input.take_number(1) > 5) {
            pickle::fail("a protocol later than 5");
          }
          break;
        case pickle::frame:
          if (input.take_number(8) > input.left()) {
            pickle::fail("it ends too early");
          }
          break;
        case pickle::memoize:
          machine_.remember();
          break;
        case pickle::binget:
          machine_.recall(input.take_number(1));
          break;
        case pickle::long_binget:
          machine_.recall(input.take_number(4));
          break;
        case pickle::mark:
          machine_.mark();
          break;
        case pickle::none:
          push(graph().add_none());
          break;
        case pickle::newtrue:
        case pickle::newfalse:
          push(graph().add_bool(op == pickle::newtrue));
          break;
        case pickle::binint:
          push(graph().add_integer(std::int64_t{static_cast<std::int32_t>(input.take_number(4))}));
          break;
        case pickle::binint1:
          push(graph().add_integer(static_cast<std::int64_t>(input.take_number(1))));
          break;
        case pickle::binint2:
          push(graph().add_integer(static_cast<std::int64_t>(input.take_number(2))));
          break;
        case pickle::long1:
          push_long(input.take_counted(1));
          break;
        case pickle::binfloat:
          push_float(input.take(8));
          break;
        case pickle::short_binunicode:
          push_memoized(input.take_counted(1));
          break;
        case pickle::binunicode:
          push_memoized(input.take_counted(4));
          break;
        case pickle::binunicode8:
          push_memoized(input.take_counted(8));
          break;
        case pickle::short_binbytes:
          push(graph().add_bytes(input.take_counted(1)));
          break;
        case pickle::binbytes:
          push(graph().add_bytes(input.take_counted(4)));
          break;
        case pickle::binbytes8:
          push(graph().add_bytes(input.take_counted(8)));
          break;
        case pickle::empty_list:
          push(graph().add_container(Kind::list));
          break;
        case pickle::empty_tuple:
          push(graph().add_container(Kind::tuple));
          break;
        case pickle::empty_dict:
          push(graph().add_container(Kind::dict));
          break;
        case pickle::empty_set:
          push(graph().add_container(Kind::set));
          break;
        case pickle::append:
          machine_.add_last(Kind::list, 1);
          break;
        case pickle::appends:
          machine_.add_since_mark(Kind::list);
          break;
        case pickle::setitem:
          machine_.add_last(Kind::dict, 2);
          break;
        case pickle::setitems:
          machine_.add_since_mark(Kind::dict);
          break;
        case pickle::additems:
          machine_.add_since_mark(Kind::set);
          break;
        case pickle::tuple:
          machine_.collect_since_mark(Kind::tuple);
          break;
        case pickle::tuple1:
        case pickle::tuple2:
        case pickle::tuple3:
          machine_.collect_last(Kind::tuple, op - pickle::tuple1 + 1U);
          break;
        default:
          input_ = input;
          step_rare(op);
          input = input_;
          break;
      }
    }
  } catch (...) {
    input_ = input;  // where it ended
    throw;
  }
  input_ = input;
}

/// What earlier protocols write, and what is refused.
void PickleReader::step_rare(unsigned char op) {
  switch (op) {
    case pickle::long4:
      return push_long(take_long4());
    case pickle::int_line:
      return push_int_line();
    case pickle::long_line:
      return push_long_line();
    case pickle::float_line:
      return push_float_line();
    case pickle::string_line:
      return push_decoded(pickle::unquote(input_.take_line()),
                          "a string of Python 2 that is none, or not ASCII");
    case pickle::binstring:
      return push_python2_text(input_.take_counted(4));
    case pickle::short_binstring:
      return push_python2_text(input_.take_counted(1));
    case pickle::unicode_line:
      return push_decoded(pickle::unescape_unicode(input_.take_line()), "text with an escape that is none");
    case pickle::list:
      return machine_.collect_since_mark(Kind::list);
    case pickle::dict:
      return machine_.collect_since_mark(Kind::dict);
    case pickle::pop:
      return machine_.drop();
    case pickle::pop_mark:
      return machine_.drop_to_mark();
    case pickle::dup:
      return machine_.duplicate();
    case pickle::put_line:
      return machine_.remember(input_.take_index());
    case pickle::binput:
      return machine_.remember(input_.take_number(1));
    case pickle::long_binput:
      return machine_.remember(input_.take_number(4));
    case pickle::get_line:
      return machine_.recall(input_.take_index());
    case pickle::global:
      return push_line_global();
    case pickle::stack_global:
      return machine_.push_callable_of_stack();
    case pickle::inst:
      fail_inst();
    case pickle::reduce:
      return machine_.reduce();
    case pickle::frozenset:
      pickle::fail("it holds a frozenset, which is no kind of value");
    case pickle::bytearray8:
      pickle::fail("it holds a bytearray, which is no kind of value");
    case pickle::newobj:
      return machine_.make_object();
    case pickle::build:
    case pickle::obj:
    case pickle::newobj_ex:
      pickle::fail("it builds an object, and nothing is ever imported or called");
    case pickle::persid:
    case pickle::binpersid:
    case pickle::ext1:
    case pickle::ext2:
    case pickle::ext4:
    case pickle::next_buffer:
    case pickle::readonly_buffer:
      pickle::fail("it refers to what is kept elsewhere");
    default:
      pickle::fail("an instruction that does not exist");
  }
}

}  // namespace

Value read_pickle(std::string_view bytes) {
  return PickleReader{bytes}.read();
}

HerdPickle read_herd_pickle(std::string_view bytes) {
  return PickleReader{bytes, true}.read_herd();
}

}  // namespace rediscache::codec
