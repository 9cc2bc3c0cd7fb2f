// Scores as servers read and write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <rediscache/scores.hpp>

namespace rediscache::cache {

/// The shortest digits that read back as the same score, "inf" or "-inf", built in `scratch`. InvalidArgument
/// for NaN, by which nothing can be sorted.
[[nodiscard]] std::string_view score_text(double score, std::string& scratch);
/// The same with "(" before it when exclusive.
[[nodiscard]] std::string_view bound_text(const ScoreBound& bound, std::string& scratch);
/// The score that is exactly `text`: decimal, or an infinity with or without a sign.
[[nodiscard]] std::optional<double> parse_score(std::string_view text) noexcept;

}  // namespace rediscache::cache
