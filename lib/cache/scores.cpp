#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include <rediscache/detail/replies.hpp>
#include <rediscache/error.hpp>
#include <rediscache/scores.hpp>

#include "base/text.hpp"
#include "cache/score_text.hpp"

namespace rediscache {
namespace cache {
namespace {

void append_score(std::string& out, double score) {
  if (std::isnan(score)) {
    throw InvalidArgument{"a score cannot be NaN: nothing can be sorted by it"};
  }
  std::array<char, 32> digits;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), score).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

std::string_view score_text(double score, std::string& scratch) {
  scratch.clear();
  append_score(scratch, score);
  return scratch;
}

std::string_view bound_text(const ScoreBound& bound, std::string& scratch) {
  scratch.assign(bound.is_exclusive() ? "(" : "");
  append_score(scratch, bound.score());
  return scratch;
}

std::optional<double> parse_score(std::string_view text) noexcept {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  double score = 0;
  const auto [parsed_until, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  const bool is_whole = error == std::errc{} && parsed_until == text.data() + text.size();
  return is_whole && !std::isnan(score) ? std::optional{score} : std::nullopt;
}

}  // namespace cache

ScoreBound::ScoreBound(double score, bool exclusive) : score_{score}, exclusive_{exclusive} {
  if (std::isnan(score)) {
    throw InvalidArgument{"a bound of scores cannot be NaN"};
  }
}

ScoreBound ScoreBound::parsed(std::string_view text) {
  const bool exclusive = text.starts_with('(');
  const auto score = cache::parse_score(text.substr(exclusive ? 1 : 0));
  if (!score) {
    throw InvalidArgument{base::quoted(text) +
                          " is no bound of scores; these are: \"1.5\", \"(1.5\", \"-inf\", \"+inf\""};
  }
  return {*score, exclusive};
}

double detail::score_of(const Reply& reply) {
  const auto score = cache::parse_score(reply.as_text());
  if (!score) {
    throw ValueError{"expected a score, found other text"};
  }
  return *score;
}

}  // namespace rediscache
