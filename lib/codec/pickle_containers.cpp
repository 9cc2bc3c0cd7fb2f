// How a PickleWriter writes lists, tuples, sets and dicts.
#include <cstddef>
#include <cstdint>
#include <string>

#include <rediscache/error.hpp>

#include "codec/big_number.hpp"
#include "codec/limits.hpp"
#include "codec/pickle_opcodes.hpp"
#include "codec/pickle_writer.hpp"
#include "codec/value_access.hpp"

namespace rediscache::codec {
namespace {

/// CPython's, on which the bytes depend.
constexpr std::size_t batch = 1000;

}  // namespace

void PickleWriter::write_tree(const Value& value) {
  begin_value(value, false);
  while (!levels_.empty()) {
    write_next();
  }
}

void PickleWriter::begin_value(const Value& value, bool is_key) {
  end_step();
  switch (ValueAccess::kind(value)) {
    case Value::Kind::list:
    case Value::Kind::tuple:
    case Value::Kind::set:
    case Value::Kind::dict:
      return enter(value);
    case Value::Kind::text:
      return write_text(*ValueAccess::get_if<std::string>(value), is_key);
    case Value::Kind::floating:
      return write_float(*ValueAccess::get_if<double>(value));
    case Value::Kind::integer:
      if (const auto* const number = ValueAccess::get_if<std::int64_t>(value)) {
        return write_integer(*number);
      }
      break;
    case Value::Kind::big_integer:
      return write_long(twos_complement(value.as_digits()));
    default:
      break;
  }
  write_view(ValueView{value}, is_key);
}

/// Writes the beginning of a container. An empty one is whole then.
void PickleWriter::enter(const Value& value) {
  if (levels_.is_full()) {
    throw ValueError{"the value is " + nested_too_deep()};
  }
  const Level level{.kind = ValueAccess::kind(value),
                    .list = ValueAccess::elements(value),
                    .dict = ValueAccess::get_if<Value::Dict>(value)};
  switch (level.kind) {
    case Value::Kind::list:
      put(pickle::empty_list);
      memoize();
      break;
    case Value::Kind::set:
      put(pickle::empty_set);
      memoize();
      break;
    case Value::Kind::dict:
      put(pickle::empty_dict);
      memoize();
      own_keys_ = texts_.size();
      break;
    default:
      if (level.list->empty()) {
        put(pickle::empty_tuple);
      } else if (level.list->size() > 3) {
        put(pickle::mark);
      }
      break;
  }
  if (ValueAccess::has_elements(value)) {
    levels_.push(level);
  }
}

/// Goes one element further in the innermost container, or ends it.
void PickleWriter::write_next() {
  switch (levels_.top().kind) {
    case Value::Kind::dict:
      return write_next_of_dict();
    case Value::Kind::tuple:
      return write_next_of_tuple();
    default:
      return write_next_of_list();
  }
}

/// Before the element `next`, which may be the first of a batch.
void PickleWriter::begin_batch(std::size_t next, unsigned char end_of_last) {
  if (next % batch == 0) {
    if (next > 0) {
      put(end_of_last);
    }
    put(pickle::mark);
  }
}

/// The end of what is in batches. Of all but lists CPython learns that there is no more by beginning another
/// batch.
void PickleWriter::end_batches(std::size_t size, unsigned char end) {
  put(end);
  if (size % batch == 0 && end != pickle::appends) {
    put(pickle::mark);
    put(end);
  }
  levels_.pop();
}

void PickleWriter::write_next_of_list() {
  Level& level = levels_.top();
  const std::size_t size = level.list->size();
  const bool is_list = level.kind == Value::Kind::list;
  const unsigned char end = is_list ? pickle::appends : pickle::additems;
  if (level.next < size) {
    if (!is_list || size > 1) {
      begin_batch(level.next, end);
    }
    begin_value((*level.list)[level.next++], false);
  } else if (is_list && size == 1) {
    put(pickle::append);
    levels_.pop();
  } else {
    end_batches(size, end);
  }
}

void PickleWriter::write_next_of_tuple() {
  Level& level = levels_.top();
  const std::size_t size = level.list->size();
  if (level.next < size) {
    return begin_value((*level.list)[level.next++], false);
  }
  const auto op = size <= 3 ? pickle::tuple1 + size - 1 : std::size_t{pickle::tuple};
  put(static_cast<unsigned char>(op));
  memoize();
  levels_.pop();
}

void PickleWriter::write_next_of_dict() {
  Level& level = levels_.top();
  const std::size_t size = level.dict->size();
  const std::size_t next = level.next++;
  const bool is_key = next % 2 == 0;
  if (is_key && next > 0 && texts_.size() != level.texts_before) {
    own_keys_ = texts_.size();  // a dict inside had keys that may come again
  }
  if (next == 2 * size) {
    if (size == 1) {
      put(pickle::setitem);
      levels_.pop();
    } else {
      end_batches(size, pickle::setitems);
    }
    return;
  }
  const auto& [key, value] = (*level.dict)[next / 2];
  if (!is_key) {
    level.texts_before = texts_.size();
    return begin_value(value, false);
  }
  const Value::Kind kind = ValueAccess::kind(key);
  if (kind == Value::Kind::list || kind == Value::Kind::dict || kind == Value::Kind::set) {
    throw ValueError{"Python has no dict with a " + std::string{to_string(kind)} + " as key"};
  }
  if (size > 1) {
    begin_batch(next / 2, pickle::setitems);
  }
  begin_value(key, true);
}

}  // namespace rediscache::codec
