#include "resp/reply_skipper.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "resp/header.hpp"

namespace rediscache::resp {
namespace {

/// A server that announces more than this is not one.
constexpr std::uint64_t most_items = std::numeric_limits<std::uint64_t>::max() / 4;

}  // namespace

ReplySkipper::Progress ReplySkipper::pass(std::string_view bytes, std::size_t& taken) noexcept {
  taken = 0;
  while (active()) {
    const std::string_view rest = bytes.substr(taken);
    if (rest.empty()) {
      return Progress::incomplete;
    }
    Progress progress = Progress::done;
    if (bytes_ > 0) {
      const std::size_t passed = std::min<std::uint64_t>(bytes_, rest.size());
      bytes_ -= passed;
      taken += passed;
    } else {
      progress = in_line_ ? pass_line(rest, taken) : pass_header(rest, taken);
    }
    if (progress != Progress::done) {
      return progress;
    }
  }
  return Progress::done;
}

ReplySkipper::Progress ReplySkipper::pass_header(std::string_view bytes, std::size_t& taken) noexcept {
  const char type = bytes.front();
  if (type == '+' || type == '-' || type == ':') {
    in_line_ = true;
    --items_;
    return Progress::done;
  }
  if (type != '$' && type != '*') {
    return Progress::broken;
  }
  const Header header = read_header(bytes);
  if (header.kind != Header::Kind::whole) {
    return header.kind == Header::Kind::incomplete ? Progress::incomplete : Progress::broken;
  }
  const auto length = static_cast<std::uint64_t>(std::max<std::int64_t>(header.number, 0));
  if (header.number < -1 || length > most_items || items_ > most_items) {
    return Progress::broken;
  }
  taken += header.bytes;
  --items_;
  if (type == '*') {
    items_ += length;
  } else if (header.number >= 0) {
    bytes_ = length + 2;
  }
  return Progress::done;
}

ReplySkipper::Progress ReplySkipper::pass_line(std::string_view bytes, std::size_t& taken) noexcept {
  const std::size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos) {
    taken += bytes.size() - (bytes.back() == '\r' ? 1 : 0);
    return Progress::incomplete;
  }
  taken += end + 2;
  in_line_ = false;
  return Progress::done;
}

}  // namespace rediscache::resp
