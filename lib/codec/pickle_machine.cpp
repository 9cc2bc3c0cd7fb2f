#include "codec/pickle_machine.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "codec/pickle_text.hpp"

namespace rediscache::codec::pickle {

using Id = Graph::Id;
using Callable = Graph::Callable;

Machine::Machine(std::size_t bytes, bool takes_herd_marker)
    : graph_{bytes, &memory_},
      most_memo_{std::min(bytes, most_values)},
      takes_herd_marker_{takes_herd_marker} {
  stack_.reserve(32);
  memo_.resize(32, nothing);
  marks_.reserve(8);
}

void Machine::drop() {
  // Python, too, takes a mark that is on top instead.
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
  } else {
    static_cast<void>(pop());
  }
}

Id Machine::result() {
  const Id result = pop();
  if (!stack_.empty() || !marks_.empty()) {
    fail("it ends with more than one value");
  }
  return result;
}

void Machine::remember(std::uint64_t index) {
  if (index > most_memo_) {
    fail("a place in the memo that no pickler would use");
  }
  if (index >= memo_.size()) {
    memo_.resize(std::max(static_cast<std::size_t>(index) + 1, 2 * memo_.size()), nothing);
  }
  Id& place = memo_[static_cast<std::size_t>(index)];
  memoized_ += place == nothing ? 1 : 0;
  place = top();
}

void Machine::recall(std::uint64_t index) {
  if (index >= memo_.size() || memo_[static_cast<std::size_t>(index)] == nothing) {
    fail("a place in the memo where nothing is");
  }
  push_again(memo_[static_cast<std::size_t>(index)]);
}

/// A byte of the pickle is enough for this, so that what is pushed is bounded here.
void Machine::push_again(Id id) {
  if (stack_.size() >= most_values) {
    fail(too_many_values());
  }
  push(id);
}

std::size_t Machine::pop_mark() {
  if (marks_.empty()) {
    fail("it takes up to a mark that is not there");
  }
  const std::size_t begin = marks_.back();
  marks_.pop_back();
  return begin;
}

std::size_t Machine::begin_of_last(std::size_t count) const {
  if (stack_.size() < bottom() + count) {
    fail("it takes from an empty stack");
  }
  return stack_.size() - count;
}

Id Machine::container(std::size_t begin, Kind kind) const {
  if (begin <= bottom() || graph_.kind(stack_[begin - 1]) != kind) {
    fail("it adds to what takes nothing");
  }
  return stack_[begin - 1];
}

void Machine::collect(std::size_t begin, Kind kind) {
  const Id made = graph_.add_container(kind);
  fill(made, begin);
  push(made);
}

void Machine::add_since_mark(Kind kind) {
  const std::size_t begin = pop_mark();
  fill(container(begin, kind), begin);
}

void Machine::add_last(Kind kind, std::size_t count) {
  const std::size_t begin = begin_of_last(count);
  fill(container(begin, kind), begin);
}

void Machine::fill(Id container, std::size_t begin) {
  const auto parts = std::span<const Id>{stack_}.subspan(begin);
  if (graph_.kind(container) == Kind::dict && parts.size() % 2 != 0) {
    fail("a key without a value");
  }
  graph_.append(container, parts);
  stack_.resize(begin);
}

void Machine::refuse_class(std::string_view module, std::string_view name) {
  std::string full = std::string{module} + '.' + std::string{name};
  constexpr std::string_view usual = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>";
  if (full.size() > 200 || full.find_first_not_of(usual) != std::string::npos) {
    full = base::quoted(full);  // it comes from outside, and goes into messages
  }
  fail("it needs " + full + ", and nothing is ever imported or called");
}

void Machine::push_callable(std::string_view module, std::string_view name) {
  const bool is_builtin = module == "builtins" || module == "__builtin__";
  if (is_builtin && name == "set") {
    push(graph_.add_callable(Callable::make_set, "builtins.set"));
  } else if (is_builtin && name == "bytes") {
    push(graph_.add_callable(Callable::make_bytes, "builtins.bytes"));
  } else if (module == "_codecs" && name == "encode") {
    push(graph_.add_callable(Callable::encode, "_codecs.encode"));
  } else if ((module == "copyreg" || module == "copy_reg") && name == "_reconstructor") {
    // The class that is wanted, and that the error should name, comes next.
    push(graph_.add_callable(Callable::other, "copyreg._reconstructor"));
  } else if (takes_herd_marker_ && module == herd_module && name == herd_class) {
    push(graph_.add_callable(Callable::herd_class, "django_redis.client.herd.Marker"));
  } else {
    refuse_class(module, name);
  }
}

void Machine::push_callable_of_stack() {
  const Id name = pop();
  const Id module = pop();
  if (graph_.kind(name) != Kind::text || graph_.kind(module) != Kind::text) {
    fail("a name that is no text");
  }
  push_callable(graph_.text(module), graph_.text(name));
}

void Machine::reduce() {
  const Id arguments = pop();
  const Id callable = pop();
  if (graph_.kind(callable) != Kind::callable || graph_.kind(arguments) != Kind::tuple) {
    fail("it calls what cannot be called");
  }
  const Id made = made_by(callable, graph_.elements(arguments));
  if (made == nothing) {
    fail("it calls " + std::string{graph_.text(callable)} + " as Python's pickles of plain values do not");
  }
  push(made);
}

void Machine::make_object() {
  const Id arguments = pop();
  const Id made_of = pop();
  const bool is_marker = graph_.kind(made_of) == Kind::callable &&
                         graph_.callable(made_of) == Callable::herd_class &&
                         graph_.kind(arguments) == Kind::tuple && graph_.elements(arguments).empty();
  if (!is_marker) {
    fail("it builds an object, and nothing is ever imported or called");
  }
  push(graph_.add_callable(Callable::herd_marker, graph_.text(made_of)));
}

Id Machine::made_by(Id callable, const std::vector<Id>& given) {
  const auto is = [&](std::size_t which, Kind kind) { return graph_.kind(given[which]) == kind; };
  switch (graph_.callable(callable)) {
    case Callable::make_set:
      if (given.size() == 1 && is(0, Kind::list)) {
        const Id set = graph_.add_container(Kind::set);
        graph_.append(set, graph_.elements(given[0]));
        return set;
      }
      return nothing;
    case Callable::make_bytes:
      return given.empty() ? graph_.add_bytes({}) : nothing;
    case Callable::encode:
      if (given.size() == 2 && is(0, Kind::text) && is(1, Kind::text) && graph_.text(given[1]) == "latin1") {
        auto encoded = latin1(graph_.text(given[0]));
        return encoded ? graph_.add_bytes(graph_.own(std::move(*encoded))) : nothing;
      }
      return nothing;
    case Callable::herd_class:
    case Callable::herd_marker:
    case Callable::other:
      return nothing;
  }
  return nothing;
}

}  // namespace rediscache::codec::pickle
