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
class Reader {
 public:
  explicit Reader(std::string_view bytes, bool takes_herd_marker = false)
      : input_{bytes}, machine_{bytes.size(), takes_herd_marker} {}

  Value read() {
    return reading<Value>([&] {
      for (op_ = take_op(); op_ != pickle::stop; op_ = take_op()) {
        step();
      }
      return graph().build(take_result());
    });
  }
  HerdPickle read_herd() {
    return reading<HerdPickle>([&] {
      std::size_t at = 0;
      std::size_t before_tuple_at = 0;
      for (op_ = take_op(); op_ != pickle::stop; op_ = take_op()) {
        if (op_ == pickle::tuple3) {
          before_tuple_at = at;
        }
        at = input_.at() - 1;
        step();
      }
      return take_herd(before_tuple_at);
    });
  }

 private:
  [[nodiscard]] Graph& graph() noexcept { return machine_.graph(); }
  void push(Graph::Id id) { machine_.push(id); }
  unsigned char take_op() { return static_cast<unsigned char>(input_.take(1)[0]); }

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
  HerdPickle take_herd(std::size_t over_at) {
    const Graph::Id id = take_result();
    if (graph().kind(id) == Kind::tuple) {
      const std::vector<Graph::Id> elements = graph().elements(id);
      if (elements.size() == 3 && graph().kind(elements[0]) == Kind::callable &&
          graph().callable(elements[0]) == Graph::Callable::herd_marker) {
        const double over = graph().build(elements[2]).as_float();
        return {.value = graph().build(elements[1]), .over = over, .over_at = over_at};
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
  void push_float() {
    std::uint64_t bits = 0;
    for (const char byte : input_.take(8)) {
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

  void step();
  void step_rare();

  pickle::Input input_;
  pickle::Machine machine_;
  unsigned char op_ = 0;
};

/// What protocol 4 writes of plain values.
void Reader::step() {
  switch (op_) {
    case pickle::proto:
      if (input_.take_number(1) > 5) {
        pickle::fail("a protocol later than 5");
      }
      return;
    case pickle::frame:
      if (input_.take_number(8) > input_.left()) {
        pickle::fail("it ends too early");
      }
      return;
    case pickle::memoize:
      return machine_.remember();
    case pickle::binget:
      return machine_.recall(input_.take_number(1));
    case pickle::long_binget:
      return machine_.recall(input_.take_number(4));
    case pickle::mark:
      return machine_.mark();
    case pickle::none:
      return push(graph().add_none());
    case pickle::newtrue:
    case pickle::newfalse:
      return push(graph().add_bool(op_ == pickle::newtrue));
    case pickle::binint:
      return push(graph().add_integer(std::int64_t{static_cast<std::int32_t>(input_.take_number(4))}));
    case pickle::binint1:
      return push(graph().add_integer(static_cast<std::int64_t>(input_.take_number(1))));
    case pickle::binint2:
      return push(graph().add_integer(static_cast<std::int64_t>(input_.take_number(2))));
    case pickle::long1:
      return push_long(input_.take_counted(1));
    case pickle::long4:
      return push_long(take_long4());
    case pickle::binfloat:
      return push_float();
    case pickle::short_binunicode:
      return push_text(input_.take_counted(1));
    case pickle::binunicode:
      return push_text(input_.take_counted(4));
    case pickle::binunicode8:
      return push_text(input_.take_counted(8));
    case pickle::short_binbytes:
      return push(graph().add_bytes(input_.take_counted(1)));
    case pickle::binbytes:
      return push(graph().add_bytes(input_.take_counted(4)));
    case pickle::binbytes8:
      return push(graph().add_bytes(input_.take_counted(8)));
    case pickle::empty_list:
      return push(graph().add_container(Kind::list));
    case pickle::empty_tuple:
      return push(graph().add_container(Kind::tuple));
    case pickle::empty_dict:
      return push(graph().add_container(Kind::dict));
    case pickle::empty_set:
      return push(graph().add_container(Kind::set));
    case pickle::append:
      return machine_.add_last(Kind::list, 1);
    case pickle::appends:
      return machine_.add_since_mark(Kind::list);
    case pickle::setitem:
      return machine_.add_last(Kind::dict, 2);
    case pickle::setitems:
      return machine_.add_since_mark(Kind::dict);
    case pickle::additems:
      return machine_.add_since_mark(Kind::set);
    case pickle::tuple:
      return machine_.collect_since_mark(Kind::tuple);
    case pickle::tuple1:
    case pickle::tuple2:
    case pickle::tuple3:
      return machine_.collect_last(Kind::tuple, op_ - pickle::tuple1 + 1U);
    default:
      return step_rare();
  }
}

/// What earlier protocols write, and what is refused.
void Reader::step_rare() {
  switch (op_) {
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
  return Reader{bytes}.read();
}

HerdPickle read_herd_pickle(std::string_view bytes) {
  return Reader{bytes, true}.read_herd();
}

}  // namespace rediscache::codec
