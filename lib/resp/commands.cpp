// The command encoder: every argument goes straight into the form that is sent.
#include <algorithm>
#include <charconv>
#include <limits>
#include <stdexcept>

#include <rediscache/command.hpp>

namespace rediscache {
namespace {

constexpr std::size_t longest_number = std::numeric_limits<std::uint64_t>::digits10 + 2;
/// Of a sign, a number and a line's end.
constexpr std::size_t longest_header = 1 + longest_number + 2;

// These write where room was made before, and return where they ended.

char* put(char* out, std::string_view bytes) noexcept {
  if (!bytes.empty()) {
    std::memcpy(out, bytes.data(), bytes.size());
  }
  return out + bytes.size();
}

char* put_line_end(char* out) noexcept {
  *out++ = '\r';
  *out++ = '\n';
  return out;
}

/// "<sign><number>\r\n"
char* put_header(char* out, char sign, std::size_t number) noexcept {
  *out++ = sign;
  if (number < 10) {  // most are
    *out++ = static_cast<char>('0' + number);
  } else if (number < 100) {  // or of keys and short values
    *out++ = static_cast<char>('0' + number / 10);
    *out++ = static_cast<char>('0' + number % 10);
  } else {
    out = std::to_chars(out, out + longest_number, number).ptr;
  }
  return put_line_end(out);
}

/// How long that is.
std::size_t header_size(std::size_t number) noexcept {
  std::size_t size = 4;
  for (; number >= 10; number /= 10) {
    ++size;
  }
  return size;
}

/// Room that is enough for these as arguments, each with `before` bytes before it.
std::size_t room_for(std::span<const std::string_view> rests, std::size_t before) noexcept {
  std::size_t bytes = 0;
  std::size_t longest = 0;
  for (const std::string_view rest : rests) {
    bytes += rest.size();
    longest = std::max(longest, rest.size());
  }
  return bytes + rests.size() * (before + header_size(before + longest) + 2);
}

/// An argument made of two pieces.
void append_bulk(detail::CommandBuffer& buffer, std::string_view beginning, std::string_view rest = {}) {
  const std::size_t length = beginning.size() + rest.size();
  char* const begin = buffer.prepare(longest_header + length + 2);
  char* const end = put_line_end(put(put(put_header(begin, '$', length), beginning), rest));
  buffer.commit(static_cast<std::size_t>(end - begin));
}

}  // namespace

namespace detail {

std::string_view CommandBuffer::view() const noexcept {
  return {data_, size_};
}

void CommandBuffer::grow(std::size_t count) {
  const std::size_t capacity = std::max(capacity_ * 2, size_ + count);
  char* const bigger = new char[capacity];  // a container would fill it
  std::memcpy(bigger, data_, size_);
  if (data_ != inline_.data()) {
    delete[] data_;
  }
  data_ = bigger;
  capacity_ = capacity;
}

}  // namespace detail

ElementSink::~ElementSink() = default;

Commands& Commands::begin(std::string_view name, CommandKind kind, std::size_t arguments) {
  expect_complete();
  if (count_ > 0) {
    others_.emplace_back();
  }
  ++count_;
  last() = Entry{.name = name, .kind = kind, .at = buffer_.size()};
  missing_arguments_ = arguments;
  strictest_ = std::max(strictest_, kind);
  char* const start = buffer_.prepare(2 * longest_header + name.size() + 2);
  char* end = put_header(start, '*', arguments + 1);
  end = put_line_end(put(put_header(end, '$', name.size()), name));
  buffer_.commit(static_cast<std::size_t>(end - start));
  return *this;
}

Commands& Commands::arg(std::string_view argument) {
  count_arguments(1);
  append_bulk(buffer_, argument);
  return *this;
}

Commands& Commands::arg(std::int64_t argument) {
  std::array<char, longest_number> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), argument).ptr;
  return arg(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

Commands& Commands::changes_at_most(std::size_t changes) noexcept {
  constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();
  last().most_changes = static_cast<std::uint32_t>(std::min(changes, most));
  return *this;
}

Commands& Commands::key(std::string_view key) {
  return this->key(key, {});
}

Commands& Commands::key(std::string_view beginning, std::string_view rest) {
  count_arguments(1);
  const std::size_t before = buffer_.size();
  append_bulk(buffer_, beginning, rest);
  note_key(before, beginning.size() + rest.size());
  return *this;
}

Commands& Commands::keys(std::string_view beginning, std::span<const std::string_view> rests) {
  if (!is_row_open()) {
    for (const std::string_view rest : rests) {
      key(beginning, rest);
    }
    return *this;
  }
  count_arguments(rests.size());
  const std::size_t before = buffer_.size();
  char* const start = buffer_.prepare(room_for(rests, beginning.size()));
  char* end = start;
  for (const std::string_view rest : rests) {
    end = put_line_end(put(put(put_header(end, '$', beginning.size() + rest.size()), beginning), rest));
  }
  buffer_.commit(static_cast<std::size_t>(end - start));
  if (!rests.empty()) {
    const std::size_t length = beginning.size() + rests.front().size();
    note_keys(before + header_size(length), length, rests.size());
  }
  return *this;
}

Commands& Commands::encoded_keys(std::span<const std::string_view> keys,
                                 std::span<const std::uint32_t> which) {
  if (!is_row_open()) {
    for (const std::uint32_t i : which) {
      key(keys[i]);
    }
    return *this;
  }
  count_arguments(which.size());
  const std::size_t before = buffer_.size();
  for (const std::uint32_t i : which) {
    const std::string_view key = keys[i];
    const char* const begin = key.data() - header_size(key.size());
    buffer_.append({begin, static_cast<std::size_t>(key.data() - begin) + key.size() + 2});
  }
  if (!which.empty()) {
    const std::size_t length = keys[which.front()].size();
    note_keys(before + header_size(length), length, which.size());
  }
  return *this;
}

void Commands::note_key(std::size_t before, std::size_t length) {
  const std::size_t at = buffer_.size() - length - 2;
  if (const Entry& command = last(); command.keys > 0 && command.keys_end != before) {
    scattered_.push_back({count_ - 1, at, length});
    ++last().keys;
    return;
  }
  note_keys(at, length, 1);
}

void Commands::note_keys(std::size_t first, std::size_t length, std::size_t count) {
  Entry& command = last();
  if (command.keys == 0) {
    command.key_length = length;
    command.key_at = first;
  }
  command.keys_end = buffer_.size();
  command.keys += static_cast<std::uint32_t>(count);
  command.keys_in_a_row += static_cast<std::uint32_t>(count);
}

Commands& Commands::in_place(std::string_view argument) {
  if (argument.size() < in_place_bytes) {
    return arg(argument);
  }
  count_arguments(1);
  char* const start = buffer_.prepare(longest_header);
  buffer_.commit(static_cast<std::size_t>(put_header(start, '$', argument.size()) - start));
  references_.push_back({buffer_.size(), argument});
  referred_bytes_ += argument.size();
  buffer_.append("\r\n");
  return *this;
}

std::string_view Commands::first_key(std::size_t index) const noexcept {
  const Entry& command = entry(index);
  return buffer_.view().substr(command.key_at, command.key_length);
}

std::string_view Commands::following(std::string_view key) const noexcept {
  // "key\r\n$<length>\r\n<next key>"
  const char* at = key.data() + key.size() + 3;
  std::size_t length = 0;
  for (; *at != '\r'; ++at) {
    length = length * 10 + static_cast<std::size_t>(*at - '0');
  }
  return {at + 2, length};
}

bool Commands::find_scattered(std::size_t index, std::size_t& at, std::string_view& key) const noexcept {
  while (at < scattered_.size() && scattered_[at].command != index) {
    ++at;
  }
  if (at == scattered_.size()) {
    return false;
  }
  key = buffer_.view().substr(scattered_[at].at, scattered_[at].length);
  return true;
}

std::vector<std::string_view> Commands::arguments(std::size_t index) const {
  expect_complete();
  std::vector<std::string_view> found;
  const std::size_t end = end_of(index);
  std::size_t at = entry(index).at;
  const std::string_view bytes = buffer_.view();
  const auto number = [&] {  // of "<sign><number>\r\n", and behind it
    std::size_t value = 0;
    for (++at; bytes[at] != '\r'; ++at) {
      value = value * 10 + static_cast<std::size_t>(bytes[at] - '0');
    }
    at += 2;
    return value;
  };
  found.reserve(number());
  auto reference = std::lower_bound(references_.begin(), references_.end(), at,
                                    [](const Reference& left, std::size_t right) { return left.at < right; });
  while (at < end) {
    const std::size_t length = number();
    if (reference != references_.end() && reference->at == at) {
      found.push_back((reference++)->bytes);
      at += 2;
    } else {
      found.push_back(bytes.substr(at, length));
      at += length + 2;
    }
  }
  found.erase(found.begin());
  return found;
}

Commands& Commands::append(const Commands& from, std::size_t index) {
  expect_complete();
  from.expect_complete();
  const Entry& original = from.entry(index);
  const std::size_t end = from.end_of(index);
  const std::size_t to = buffer_.size();
  const auto moved = [&](std::size_t at) { return at - original.at + to; };
  if (count_ > 0) {
    others_.emplace_back();
  }
  ++count_;
  last() = original;
  last().at = to;
  last().key_at = moved(original.key_at);
  last().keys_end = moved(original.keys_end);
  strictest_ = std::max(strictest_, original.kind);
  at_length_ = at_length_ || from.at_length_;
  keeps_deadline_ = keeps_deadline_ || from.keeps_deadline_;
  own_connection_ = own_connection_ || from.own_connection_;
  blocking_time_ = std::max(blocking_time_, from.blocking_time_);
  buffer_.append(from.buffer_.view().substr(original.at, end - original.at));
  auto reference = std::lower_bound(from.references_.begin(), from.references_.end(), original.at,
                                    [](const Reference& left, std::size_t right) { return left.at < right; });
  for (; reference != from.references_.end() && reference->at < end; ++reference) {
    references_.push_back({moved(reference->at), reference->bytes});
    referred_bytes_ += reference->bytes.size();
  }
  if (original.keys > original.keys_in_a_row) {
    for (const ScatteredKey& key : from.scattered_) {
      if (key.command == index) {
        scattered_.push_back({count_ - 1, moved(key.at), key.length});
      }
    }
  }
  return *this;
}

void Commands::clear() noexcept {
  buffer_.clear();
  others_.clear();
  references_.clear();
  scattered_.clear();
  count_ = 0;
  missing_arguments_ = 0;
  referred_bytes_ = 0;
  strictest_ = CommandKind::read;
  at_length_ = keeps_deadline_ = own_connection_ = false;
  blocking_time_ = {};
  sink_ = nullptr;
}

std::size_t Commands::segments(std::size_t skip, std::span<std::string_view> out) const {
  expect_complete();
  std::size_t used = 0;
  const auto add = [&](std::string_view piece) {
    if (skip >= piece.size()) {
      skip -= piece.size();
    } else if (used < out.size()) {
      out[used++] = piece.substr(skip);
      skip = 0;
    }
  };
  const std::string_view bytes = buffer_.view();
  std::size_t at = 0;
  for (const Reference& reference : references_) {
    add(bytes.substr(at, reference.at - at));
    add(reference.bytes);
    at = reference.at;
  }
  add(bytes.substr(at));
  return used;
}

void Commands::count_arguments(std::size_t count) {
  if (missing_arguments_ < count) {
    throw std::logic_error{"rediscache::Commands: more arguments than begin() announced"};
  }
  missing_arguments_ -= count;
}

void Commands::expect_complete() const {
  if (missing_arguments_ != 0) {
    throw std::logic_error{"rediscache::Commands: fewer arguments than begin() announced"};
  }
}

}  // namespace rediscache
