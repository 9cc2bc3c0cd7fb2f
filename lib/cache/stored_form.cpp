#include "cache/stored_form.hpp"

#include <chrono>
#include <limits>
#include <utility>

#include <rediscache/error.hpp>

#include "base/random.hpp"
#include "base/times.hpp"
#include "codec/herd_pickle.hpp"
#include "codec/pickle_reader.hpp"
#include "codec/pickle_serializer.hpp"
#include "codec/pickle_writer.hpp"

namespace rediscache::cache {
namespace {

constexpr double milliseconds_of_a_second = 1000;

double late(double over) noexcept {
  return static_cast<double>(Herd::now().time_since_epoch().count()) - over * milliseconds_of_a_second;
}

/// As pickles have it: the time 0 is never, and so is what a pickle would not be believed.
double seconds(Herd::Time over) noexcept {
  constexpr double latest = 0x1p33;
  const double seconds = static_cast<double>(over.time_since_epoch().count()) / milliseconds_of_a_second;
  return over == Herd::Time{} || seconds >= latest ? std::numeric_limits<double>::infinity() : seconds;
}

bool is_integer(const ValueView& value) noexcept {
  using Kind = ValueView::Kind;
  return value.kind() == Kind::integer || value.kind() == Kind::unsigned_integer;
}

}  // namespace

StoredForm::StoredForm(codec::ValueCodec codec, std::optional<Herd> herd)
    : codec_{std::move(codec)}, herd_{herd} {
  if (const auto* const pickle = dynamic_cast<const codec::PickleSerializer*>(&codec_.serializer());
      pickle != nullptr && herd_) {
    pickle_protocol_ = pickle->protocol();
  }
}

std::string_view StoredForm::encode_with_end(std::string_view key, const ValueView& value, Timeout& timeout,
                                             std::string& scratch) const {
  if (timeout.is_never() || is_integer(value)) {
    const std::string_view stored = codec_.encode(key, value, scratch);
    if (pickles_end() || !stored.starts_with(Herd::mark)) {
      return stored;
    }
    Herd::wrap(stored, Herd::Time{}, scratch);  // else its first bytes would be taken for a time
    return scratch;
  }
  const Herd::Time over = base::saturating_add(Herd::now(), timeout.time());
  timeout = herd_->kept_for(timeout.time());
  if (!pickles_end()) {
    Herd::wrap(codec_.encode(key, value, scratch), over, scratch);
    return scratch;
  }
  try {
    scratch.clear();
    codec::PickleWriter{scratch, pickle_protocol_}.write_herd(value, seconds(over));
    return codec_.compress(scratch, scratch);
  } catch (const ValueError& error) {
    throw EncodeError{key, error.what()};
  }
}

bool StoredForm::open_with_end(std::string& stored, std::optional<Value>& value) const {
  if (!pickles_end()) {
    return herd_->unwrap(stored, Herd::now(), base::random_share());
  }
  if (codec::ValueCodec::is_bare_integer(stored)) {
    return true;
  }
  try {
    codec_.restore(stored);
    codec::HerdPickle read = codec::read_herd_pickle(stored);
    value = std::move(read.value);
    return !read.over || herd_->shows(late(*read.over), base::random_share());
  } catch (const ValueError&) {
    return true;
  }
}

void StoredForm::decode(std::string&& stored, std::optional<Value>&& value, const ValueTarget& target) const {
  if (value) {
    target.put(std::move(*value));
  } else if (pickles_end() && codec::is_herd_pickle(stored)) {
    static_cast<void>(codec::read_herd_pickle(stored));  // it did not read, and this tells why
  } else {
    codec_.decode(std::move(stored), target);
  }
}

void StoredForm::decode(std::string_view key, std::string&& stored, std::optional<Value>&& value,
                        const ValueTarget& target) const {
  try {
    decode(std::move(stored), std::move(value), target);
  } catch (const ValueError& error) {
    throw DecodeError{key, error.what()};
  }
}

std::optional<std::string> StoredForm::pickle_with_end(std::string_view stored) const {
  if (codec::ValueCodec::is_bare_integer(stored)) {
    return std::nullopt;
  }
  std::string pickle{stored};
  codec_.restore(pickle);
  return codec::is_herd_pickle(pickle) ? std::optional{std::move(pickle)} : std::nullopt;
}

std::optional<std::string> StoredForm::with_end(std::string_view key, std::string_view stored,
                                                Herd::Time over) const {
  try {
    std::optional<std::string> pickle = pickle_with_end(stored);
    if (pickle) {
      codec::set_herd_expiry(*pickle, seconds(over));
      static_cast<void>(codec_.compress(*pickle, *pickle));  // in its own place
    }
    return pickle;
  } catch (const ValueError& error) {
    throw DecodeError{key, error.what()};
  }
}

bool StoredForm::is_over(std::string_view stored) const {
  try {
    const std::optional<std::string> pickle = pickle_with_end(stored);
    return pickle && late(codec::herd_expiry(*pickle)) > 0;
  } catch (const ValueError&) {
    return false;
  }
}

std::optional<std::size_t> StoredForm::beginning() const noexcept {
  return codec_.compresses() ? std::nullopt : std::optional{codec::herd_pickle_beginning};
}

bool StoredForm::has_end(std::string_view beginning) const {
  try {
    return pickle_with_end(beginning).has_value();
  } catch (const ValueError&) {
    return false;
  }
}

}  // namespace rediscache::cache
