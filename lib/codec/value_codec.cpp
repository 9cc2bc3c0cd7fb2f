#include "codec/value_codec.hpp"

#include <charconv>

#include <rediscache/error.hpp>

#include "base/text.hpp"

namespace rediscache::codec {
namespace {

template <class T>
std::string_view bare_integer(T value, std::string& scratch) {
  scratch.resize(20);
  const char* const end = std::to_chars(scratch.data(), scratch.data() + scratch.size(), value).ptr;
  return {scratch.data(), static_cast<std::size_t>(end - scratch.data())};
}

/// Puts the integer that the bytes are, if they are one.
bool put_bare_integer(std::string_view stored, const ValueTarget& target) {
  if (const auto number = base::parse_integer(stored)) {
    target.put_integer(*number);
    return true;
  }
  if (const auto number = base::parse_unsigned(stored)) {
    target.put_unsigned(*number);
    return true;
  }
  return false;
}

}  // namespace

std::string_view ValueCodec::encode(std::string_view key, const ValueView& value,
                                    std::string& scratch) const {
  switch (value.kind()) {
    case ValueView::Kind::integer:
      return bare_integer(value.integer(), scratch);
    case ValueView::Kind::unsigned_integer:
      return bare_integer(value.unsigned_integer(), scratch);
    default:
      break;
  }
  try {
    scratch.clear();
    return serializer_->encode(value, scratch);
  } catch (const ValueError& error) {
    throw EncodeError{key, error.what()};
  }
}

void ValueCodec::decode(std::string&& stored, const ValueTarget& target) const {
  if (!serializer_->self_describing() || !put_bare_integer(stored, target)) {
    serializer_->decode(std::move(stored), target);
  }
}

void ValueCodec::decode(std::string_view key, std::string&& stored, const ValueTarget& target) const {
  try {
    decode(std::move(stored), target);
  } catch (const ValueError& error) {
    throw DecodeError{key, error.what()};
  }
}

}  // namespace rediscache::codec
