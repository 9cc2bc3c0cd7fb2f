#include "cache/operations/described.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include <rediscache/elements.hpp>
#include <rediscache/error.hpp>
#include <rediscache/scores.hpp>

#include "cache/score_text.hpp"

namespace rediscache::cache {
namespace {

using detail::Argument;
using Kind = detail::Argument::Kind;

template <class List>
const List& list_in(const Argument& argument) noexcept {
  return *static_cast<const List*>(argument.list);
}

/// How many arguments it is for the server.
std::size_t words_in(const Argument& argument) noexcept {
  switch (argument.kind) {
    case Kind::nothing:
      return 0;
    case Kind::keys:
    case Kind::fields:
      return list_in<KeyNames>(argument).size();
    case Kind::elements:
      return list_in<Elements>(argument).size();
    case Kind::scored:
      return 2 * list_in<ScoredElements>(argument).size();
    case Kind::match_element:
    case Kind::match_field:
    case Kind::page_size:
      return 2;
    default:
      return 1;
  }
}

std::size_t fields_in(const detail::Call& call) noexcept {
  std::size_t fields = 0;
  for (const Argument& argument : call.arguments) {
    fields += argument.kind == Kind::field || argument.kind == Kind::fields ? words_in(argument) : 0;
  }
  return fields;
}

bool is_list(Kind kind) noexcept {
  return kind == Kind::keys || kind == Kind::fields || kind == Kind::elements || kind == Kind::scored;
}

/// Adds the arguments of one call to its command.
class Builder {
 public:
  Builder(const Core& core, const detail::Call& call, Commands& out) noexcept
      : core_{core}, call_{call}, key_{key_of(call)}, out_{out} {}

  void add(const Argument& argument) {
    const auto version = argument.version ? argument.version : call_.version;
    switch (argument.kind) {
      case Kind::nothing:
        break;
      case Kind::word:
        out_.arg(argument.text);
        break;
      case Kind::integer:
        out_.arg(argument.integer);
        break;
      case Kind::score:
        out_.arg(score_text(argument.number, scratch_));
        break;
      case Kind::bound: {
        const auto& bound = list_in<ScoreBound>(argument);
        out_.arg(bound_text(bound, scratch_));
        break;
      }
      case Kind::key:
        core_.keys().add_to(out_, argument.text, version);
        break;
      case Kind::name:
        out_.key(argument.text);
        break;
      case Kind::field:
        add_field(argument.text);
        break;
      case Kind::keys:
      case Kind::fields:
        add_names(argument);
        break;
      case Kind::elements:
        list_in<Elements>(argument).visit(key_, {&Builder::add_element, this});
        break;
      case Kind::scored:
        list_in<ScoredElements>(argument).visit(key_, {&Builder::add_scored, this});
        break;
      case Kind::match_element:
        // The server compares with what is stored, so this works as far as a part of a value is stored as a
        // part of its stored form.
        if (core_.codec().compresses()) {
          throw InvalidArgument{std::string{call_.verb.name} +
                                ": match cannot look into members that are compressed; walk through all of "
                                "them, or use a cache without Options::compressor"};
        }
        out_.arg("MATCH").arg(encoded(ValueView{argument.text}));
        break;
      case Kind::match_field:
        out_.arg("MATCH").arg(core_.keys().pattern(argument.text, version, {}));
        break;
      case Kind::page_size:
        out_.arg("COUNT").arg(argument.integer > 0 ? argument.integer
                                                   : static_cast<std::int64_t>(core_.scan_itersize()));
        break;
    }
  }

 private:
  void add_names(const Argument& argument) {
    const auto& names = list_in<KeyNames>(argument);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (argument.kind == Kind::keys) {
        core_.keys().add_to(out_, names[i], call_.version);
      } else {
        add_field(names[i]);
      }
    }
  }
  void add_field(std::string_view field) { out_.arg(core_.keys().make(field, call_.version).view()); }
  std::string_view encoded(const ValueView& value) { return core_.codec().encode(key_, value, scratch_); }

  static void add_element(void* context, const ValueView& value) {
    auto& builder = *static_cast<Builder*>(context);
    builder.out_.arg(builder.encoded(value));
  }
  static void add_scored(void* context, const ValueView& member, double score) {
    auto& builder = *static_cast<Builder*>(context);
    builder.out_.arg(score_text(score, builder.scratch_));
    builder.out_.arg(builder.encoded(member));
  }

  const Core& core_;
  const detail::Call& call_;
  std::string_view key_;
  Commands& out_;
  std::string scratch_;
};

}  // namespace

std::string_view key_of(const detail::Call& call) noexcept {
  const Argument& first = call.arguments.front();
  if (first.kind != Kind::keys) {
    return first.text;
  }
  const auto& keys = list_in<KeyNames>(first);
  return keys.size() == 0 ? std::string_view{} : keys[0];
}

bool asks_nothing(const detail::Call& call) noexcept {
  return std::any_of(call.arguments.begin(), call.arguments.end(), [](const Argument& argument) {
    return is_list(argument.kind) && words_in(argument) == 0;
  });
}

void build_call(const Core& core, const detail::Call& call, Commands& out) {
  std::size_t words = 0;
  for (const Argument& argument : call.arguments) {
    words += words_in(argument);
  }
  out.begin(call.verb.name, call.verb.kind, words);
  Builder builder{core, call, out};
  for (const Argument& argument : call.arguments) {
    builder.add(argument);
  }
  if (call.verb.at_length) {
    out.answers_at_length();
  }
  if (call.verb.counts_fields) {
    out.changes_at_most(fields_in(call));
  }
}

}  // namespace rediscache::cache
