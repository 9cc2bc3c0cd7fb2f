#include "codec/value_codec.hpp"

#include <charconv>
#include <utility>

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
  if (stored.empty() || stored.front() > '9') {  // most texts
    return false;
  }
  if (const auto number = base::parse_integer(stored)) {
    target.put_integer(*number);
    return true;
  }
  if (const auto number = base::parse_unsigned(stored)) {
    target.put_unsigned(*number);
    return true;
  }
  if (ValueCodec::is_bare_integer(stored)) {
    target.put(Value::integer_of(stored));
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
    case ValueView::Kind::structured:
      if (value.structured().kind() == Value::Kind::big_integer) {
        return scratch = value.structured().as_digits();
      }
      break;
    default:
      break;
  }
  try {
    scratch.clear();
    return compress(serializer_->encode(value, scratch), scratch);
  } catch (const ValueError& error) {
    throw EncodeError{key, error.what()};
  }
}

bool ValueCodec::is_bare_integer(std::string_view stored) noexcept {
  stored.remove_prefix(stored.starts_with('-') ? 1 : 0);
  return !stored.empty() && stored.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view ValueCodec::compress(std::string_view bytes, std::string& scratch) const {
  // What looks compressed and is not would be taken for it.
  if (compressor_ == nullptr ||
      (bytes.size() <= compressor_->min_length() && !compressor_->is_compressed(bytes))) {
    return bytes;
  }
  std::string compressed;
  compressor_->compress(bytes, compressed);
  return scratch = std::move(compressed);
}

ValueCodec::Restored ValueCodec::restore(std::string& stored) const {
  // Digits are never compressed, and may look as if they were.
  if (compressor_ == nullptr || is_bare_integer(stored) || !compressor_->is_compressed(stored)) {
    return Restored::as_it_was;
  }
  std::string restored;
  if (!compressor_->decompress(stored, restored, max_decompressed_bytes_)) {
    return Restored::not_whole;
  }
  stored = std::move(restored);
  return Restored::inflated;
}

void ValueCodec::decode(std::string&& stored, const ValueTarget& target) const {
  if (serializer_->self_describing() && put_bare_integer(stored, target)) {
    return;
  }
  if (restore(stored) != Restored::not_whole) {
    serializer_->decode(std::move(stored), target);
    return;
  }
  try {
    serializer_->decode(std::move(stored), target);
  } catch (const ValueError& error) {
    throw ValueError{std::string{"it begins as a compressed value and is damaged or cut off, or was stored "
                                 "uncompressed: "} +
                     error.what()};
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
