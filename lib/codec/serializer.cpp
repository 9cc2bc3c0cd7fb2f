#include <array>
#include <utility>

#include <rediscache/error.hpp>
#include <rediscache/serializer.hpp>

#include "base/registry.hpp"
#include "codec/json_serializer.hpp"
#include "codec/msgpack_serializer.hpp"
#include "codec/pickle_serializer.hpp"
#include "codec/plain_serializer.hpp"
#include "codec/serializers.hpp"

namespace rediscache {
namespace {

base::Registry<SerializerFactory>& serializers() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): never destroyed, see base/registry.hpp
  static auto& registry = *new base::Registry<SerializerFactory>{
      "serializer",
      {{"plain", [] { return std::make_shared<const codec::PlainSerializer>(); }},
       {"json", [] { return std::make_shared<const codec::JsonSerializer>(); }},
       {"pickle", [] { return std::make_shared<const codec::PickleSerializer>(4); }},
       {"pickle5", [] { return std::make_shared<const codec::PickleSerializer>(5); }},
       {"msgpack", [] { return std::make_shared<const codec::MsgpackSerializer>(); }}}};
  return registry;
}

[[noreturn]] void throw_not_asked_for(ValueTarget::Kind wanted, std::string_view found) {
  throw ValueError{"expected " + std::string{to_string(wanted)} + ", found " + std::string{found}};
}

}  // namespace

ValueView::ValueView(const Value& value) noexcept {
  switch (value.kind()) {
    case Value::Kind::none:
      break;
    case Value::Kind::boolean:
      *this = ValueView{value.as_bool()};
      break;
    case Value::Kind::integer:
      *this = value.needs_unsigned() ? ValueView{value.as_unsigned()} : ValueView{value.as_integer()};
      break;
    case Value::Kind::floating:
      *this = ValueView{value.as_float()};
      break;
    case Value::Kind::text:
      *this = ValueView{std::string_view{value.as_text()}};
      break;
    case Value::Kind::bytes:
      *this = ValueView{std::span<const std::byte>{value.as_bytes()}};
      break;
    case Value::Kind::list:
    case Value::Kind::dict:
    case Value::Kind::tuple:
    case Value::Kind::set:
    case Value::Kind::big_integer:
      kind_ = Kind::structured;
      data_.structured = &value;
      break;
  }
}

ValueView::ValueView(std::span<const std::byte> bytes) noexcept : kind_{Kind::bytes} {
  data_.bytes = {.begin = bytes.data(), .size = bytes.size()};
}

std::span<const std::byte> ValueView::bytes() const {
  const auto& [begin, size] = data_as(Kind::bytes).bytes;
  return {begin, size};
}

void ValueView::throw_other_kind(Kind wanted, Kind found) {
  constexpr std::array<std::string_view, 8> names{"none",     "boolean", "integer", "unsigned integer",
                                                  "floating", "text",    "bytes",   "structured"};
  throw ValueError{"asked a value for its kind " + std::string{names.at(static_cast<std::size_t>(wanted))} +
                   ", and it is " + std::string{names.at(static_cast<std::size_t>(found))}};
}

std::string_view to_string(ValueTarget::Kind kind) noexcept {
  constexpr std::array<std::string_view, 7> names{"boolean", "integer", "unsigned integer", "floating",
                                                  "text",    "bytes",   "any kind"};
  return names.at(static_cast<std::size_t>(kind));
}

ValueTarget ValueTarget::or_none(bool& is_none) const noexcept {
  ValueTarget target = *this;
  target.is_none_ = &is_none;
  return target;
}

void ValueTarget::put_none() const {
  if (is_none_ != nullptr) {
    *is_none_ = true;
  } else {
    put(Value{});
  }
}

void ValueTarget::put_bool(bool value) const {
  if (kind() == Kind::boolean) {
    *static_cast<bool*>(out_) = value;
  } else {
    put(Value{value});
  }
}

void ValueTarget::put_integer(std::int64_t value) const {
  if (kind() == Kind::integer) {
    *static_cast<std::int64_t*>(out_) = value;
  } else {
    put(Value{value});
  }
}

void ValueTarget::put_unsigned(std::uint64_t value) const {
  if (kind() == Kind::unsigned_integer) {
    *static_cast<std::uint64_t*>(out_) = value;
  } else {
    put(Value{value});
  }
}

void ValueTarget::put_float(double value) const {
  if (kind() == Kind::floating) {
    *static_cast<double*>(out_) = value;
  } else {
    put(Value{value});
  }
}

void ValueTarget::put_text(std::string&& text) const {
  if (kind() == Kind::text) {
    *static_cast<std::string*>(out_) = std::move(text);
  } else {
    put(Value{std::move(text)});
  }
}

void ValueTarget::put_bytes(Bytes&& bytes) const {
  if (kind() == Kind::bytes) {
    *static_cast<Bytes*>(out_) = std::move(bytes);
  } else {
    put(Value{std::move(bytes)});
  }
}

void ValueTarget::put(Value&& value) const {
  if (value.is_none() && is_none_ != nullptr) {
    *is_none_ = true;
    return;
  }
  switch (kind()) {
    case Kind::any:
      *static_cast<Value*>(out_) = std::move(value);
      return;
    case Kind::boolean:
      if (value.kind() == Value::Kind::boolean) {
        *static_cast<bool*>(out_) = value.as_bool();
        return;
      }
      break;
    case Kind::integer:
      if (value.kind() == Value::Kind::integer) {
        *static_cast<std::int64_t*>(out_) = value.as_integer();
        return;
      }
      break;
    case Kind::unsigned_integer:
      if (value.kind() == Value::Kind::integer) {
        *static_cast<std::uint64_t*>(out_) = value.as_unsigned();
        return;
      }
      break;
    case Kind::floating:
      if (value.kind() == Value::Kind::floating || value.kind() == Value::Kind::integer) {
        *static_cast<double*>(out_) = value.as_float();
        return;
      }
      break;
    case Kind::text:
      if (value.kind() == Value::Kind::text) {
        *static_cast<std::string*>(out_) = std::move(value.as_text());
        return;
      }
      break;
    case Kind::bytes:
      if (value.kind() == Value::Kind::bytes) {
        *static_cast<Bytes*>(out_) = std::move(value.as_bytes());
        return;
      }
      break;
  }
  throw_not_asked_for(kind(), to_string(value.kind()));
}

Serializer::~Serializer() = default;

void register_serializer(std::string name, SerializerFactory factory) {
  serializers().add(std::move(name), std::move(factory));
}

std::shared_ptr<const Serializer> make_serializer(std::string_view name) {
  return serializers().find(name)();
}

std::vector<std::string> codec::serializer_names() {
  return serializers().names();
}

}  // namespace rediscache
