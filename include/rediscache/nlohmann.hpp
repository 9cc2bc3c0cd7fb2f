// Opt-in: whatever nlohmann::json converts is a cache value. Wants nlohmann_json 3.9 or newer.
//
//   namespace shop {
//   struct User { std::string name; int age; };
//   NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(User, name, age)
//   }
//   cache.set("user", shop::User{"Ann", 33});
//   cache.get<shop::User>("user");
//   cache.set("page", nlohmann::json{{"title", "Home"}});
//
// That is nlohmann::json, nlohmann::ordered_json (which keeps the order of an object) and classes with
// to_json and from_json, alone and inside containers, structs and std::variant. Types that rediscache knows
// without this header keep their conversion, so that including it changes the meaning of nothing: an enum is
// stored as its integer, even with NLOHMANN_JSON_SERIALIZE_ENUM.
//
// Classes go through nlohmann::json, which sorts their fields by name, and which does not check whether a
// number fits the field it is read into. Binary JSON values are bytes; one with a subtype is refused, as are
// dict keys that are neither text nor integers. Integer keys become text.
//
// Errors: nlohmann's exceptions come as ValueError; while reading from a cache as DecodeError with the key.
// Thread safety: plain functions.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>

namespace rediscache {

namespace detail {

template <class T>
concept NlohmannJson = std::same_as<T, nlohmann::json> || std::same_as<T, nlohmann::ordered_json>;

// Classes only: nlohmann also takes char and the like, which lose their meaning on the way.
template <class T>
concept ToNlohmann =
    std::is_class_v<T> && !NlohmannJson<T> && requires(const T& value) { nlohmann::json(value); };
template <class T>
concept FromNlohmann = std::is_class_v<T> && !NlohmannJson<T> &&
                       requires(const nlohmann::json& json, T& out) { json.get_to(out); };

// Both ways go through the elements with a list of what is left, for recursion would need as much of the
// thread's stack as the value is deep.

template <NlohmannJson Json>
struct NlohmannReading {
  const Json* from;
  Value* to;
};
template <NlohmannJson Json>
struct NlohmannWriting {
  const Value* from;
  Json* to;
};

/// All but arrays and objects.
template <NlohmannJson Json>
Value scalar_from_nlohmann(const Json& json) {
  switch (json.type()) {
    case Json::value_t::null:
      return {};
    case Json::value_t::boolean:
      return json.template get_ref<const typename Json::boolean_t&>();
    case Json::value_t::number_integer:
      return json.template get_ref<const typename Json::number_integer_t&>();
    case Json::value_t::number_unsigned:
      return json.template get_ref<const typename Json::number_unsigned_t&>();
    case Json::value_t::number_float:
      return json.template get_ref<const typename Json::number_float_t&>();
    case Json::value_t::string:
      return json.template get_ref<const typename Json::string_t&>();
    case Json::value_t::binary: {
      const auto& binary = json.get_binary();
      if (binary.has_subtype()) {
        throw ValueError{"a binary JSON value with a subtype, which would be lost"};
      }
      const auto bytes = std::as_bytes(std::span{binary.data(), binary.size()});
      return Bytes{bytes.begin(), bytes.end()};
    }
    case Json::value_t::array:
    case Json::value_t::object:
    case Json::value_t::discarded:
      break;
  }
  throw ValueError{"a JSON value that its parser discarded"};
}

template <NlohmannJson Json>
Value value_from_nlohmann(const Json& json) {
  Value document;
  std::vector<NlohmannReading<Json>> left{{&json, &document}};
  while (!left.empty()) {
    const auto [from, to] = left.back();
    left.pop_back();
    if (from->is_array()) {
      *to = Value::List(from->size());
      Value* element = to->as_list().data();
      for (const auto& each : *from) {
        left.push_back({&each, element++});
      }
    } else if (from->is_object()) {
      Value::Dict dict;
      dict.reserve(from->size());
      for (const auto& entry : from->items()) {
        dict.emplace_back(entry.key(), Value{});
      }
      *to = std::move(dict);
      auto place = to->as_dict().begin();
      for (const auto& each : *from) {
        left.push_back({&each, &place++->second});
      }
    } else {
      *to = scalar_from_nlohmann(*from);
    }
  }
  return document;
}

template <NlohmannJson Json>
Json binary_to_nlohmann(const Bytes& bytes) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return Json::binary(typename Json::binary_t::container_type(data, data + bytes.size()));
}

/// All but lists and dicts.
template <NlohmannJson Json>
Json scalar_to_nlohmann(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean:
      return Json(value.as_bool());
    case Value::Kind::integer:
      // As nlohmann's own parser has it: what is not negative is unsigned.
      if (value.needs_unsigned() || value.as_integer() >= 0) {
        return Json(value.as_unsigned());
      }
      return Json(value.as_integer());
    case Value::Kind::floating:
      return Json(value.as_float());
    case Value::Kind::text:
      return is_escaped_bytes(value) ? binary_to_nlohmann<Json>(bytes_in(value)) : Json(value.as_text());
    case Value::Kind::bytes:
      return binary_to_nlohmann<Json>(value.as_bytes());
    case Value::Kind::big_integer:
      throw ValueError{"an integer beyond 64 bits, which nlohmann::json does not hold"};
    case Value::Kind::none:
    case Value::Kind::list:
    case Value::Kind::tuple:
    case Value::Kind::set:
    case Value::Kind::dict:
      break;
  }
  return Json(nullptr);
}

inline std::string nlohmann_key(const Value& key) {
  const bool is_integer = key.kind() == Value::Kind::integer;
  return !is_integer            ? key.as_text()
         : key.needs_unsigned() ? std::to_string(key.as_unsigned())
                                : std::to_string(key.as_integer());
}

template <NlohmannJson Json>
Json value_to_nlohmann(const Value& value) {
  Json document;
  std::vector<NlohmannWriting<Json>> left{{&value, &document}};
  while (!left.empty()) {
    const auto [from, to] = left.back();
    left.pop_back();
    const Value::Kind kind = from->kind();
    if (kind == Value::Kind::dict) {
      const Value::Dict& dict = from->as_dict();
      *to = Json::object();
      // First all places, for those of an ordered_json move while others are added.
      for (const auto& entry : dict) {
        (*to)[nlohmann_key(entry.first)] = Json::value_t::discarded;
      }
      // The last of several keys that become the same text wins. <ranges> would cost more than this header.
      // NOLINTNEXTLINE(modernize-loop-convert)
      for (auto entry = dict.rbegin(); entry != dict.rend(); ++entry) {
        Json& place = (*to)[nlohmann_key(entry->first)];
        if (place.is_discarded()) {
          place = nullptr;
          left.push_back({&entry->second, &place});
        }
      }
    } else if (kind == Value::Kind::list || kind == Value::Kind::tuple || kind == Value::Kind::set) {
      const Value::List& list = from->as_list();
      *to = typename Json::array_t(list.size());
      for (std::size_t i = 0; i < list.size(); ++i) {
        left.push_back({&list[i], &(*to)[i]});
      }
    } else {
      *to = scalar_to_nlohmann<Json>(*from);
    }
  }
  return document;
}

}  // namespace detail

template <detail::NlohmannJson Json>
struct Converter<Json> {
  static void to_value(Value& out, const Json& json) { out = detail::value_from_nlohmann(json); }
  static void from_value(const Value& value, Json& out) { out = detail::value_to_nlohmann<Json>(value); }
};

template <class T>
  requires detail::ToNlohmann<T> || detail::FromNlohmann<T>
struct Converter<T> {
  static void to_value(Value& out, const T& value)
    requires detail::ToNlohmann<T>
  {
    try {
      nlohmann::json json;  // made before it is filled: where to_json throws, a constructor would leak
      nlohmann::adl_serializer<T>::to_json(json, value);
      out = detail::value_from_nlohmann(json);
    } catch (const nlohmann::json::exception& error) {
      throw ValueError{error.what()};
    }
  }
  static void from_value(const Value& value, T& out)
    requires detail::FromNlohmann<T>
  {
    const auto json = detail::value_to_nlohmann<nlohmann::json>(value);
    try {
      json.get_to(out);
    } catch (const nlohmann::json::exception& error) {
      throw ValueError{error.what()};
    }
  }
};

}  // namespace rediscache
