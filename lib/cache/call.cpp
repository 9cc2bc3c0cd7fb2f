// The parts that a call is described by. They are compiled here, for overloads of constructors cost everybody
// who includes a function that chooses among them.
#include <rediscache/detail/call.hpp>

namespace rediscache::detail {

Argument Argument::of_version(std::optional<int> other) const noexcept {
  Argument argument = *this;
  argument.version = other;
  return argument;
}

Argument key(std::string_view given) noexcept {
  return {Argument::Kind::key, given};
}

Argument keys(const KeyNames& given) noexcept {
  return {Argument::Kind::keys, given};
}

Argument name(std::string_view given) noexcept {
  return {Argument::Kind::name, given};
}

Argument field(std::string_view given) noexcept {
  return {Argument::Kind::field, given};
}

Argument fields(const KeyNames& given) noexcept {
  return {Argument::Kind::fields, given};
}

Argument word(std::string_view given) noexcept {
  return {Argument::Kind::word, given};
}

Argument word_if(bool wanted, std::string_view given) noexcept {
  return wanted ? word(given) : Argument{};
}

Argument match_element(std::optional<std::string_view> glob) noexcept {
  return glob ? Argument{Argument::Kind::match_element, *glob} : Argument{};
}

Argument match_field(std::optional<std::string_view> glob) noexcept {
  return glob ? Argument{Argument::Kind::match_field, *glob} : Argument{};
}

Argument page_size(std::size_t count) noexcept {
  Argument argument{static_cast<std::int64_t>(count)};
  argument.kind = Argument::Kind::page_size;
  return argument;
}

Call call_of(const Verb& verb, std::initializer_list<Argument> arguments,
             std::optional<int> version) noexcept {
  return {verb, {arguments.begin(), arguments.size()}, version};
}

bool Call::is_named_as_it_is() const noexcept {
  return arguments.front().kind == Argument::Kind::name;
}

}  // namespace rediscache::detail
