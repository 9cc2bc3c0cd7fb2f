// How the replies are read whose types do not depend on what the caller stores. What their containers take to
// compile is paid here, and not by everybody who includes a header.
#include <rediscache/detail/replies.hpp>

namespace rediscache::detail {

Count::Result Count::read(Reply& reply, const Decoder&) {
  return reply.as_integer();
}

NewCount::Result NewCount::read(Reply& reply, const Decoder&) {
  return Counter{reply.as_integer()};
}

Flag::Result Flag::read(Reply& reply, const Decoder&) {
  return reply.as_integer() > 0;
}

Done::Result Done::read(Reply& reply, const Decoder&) {
  return !reply.as_text().empty();
}

Flags::Result Flags::read(Reply& reply, const Decoder&) {
  Result flags;
  flags.reserve(reply.as_array().size());
  for (const Reply& flag : reply.as_array()) {
    flags.push_back(flag.as_integer() > 0);
  }
  return flags;
}

Rank::Result Rank::read(Reply& reply, const Decoder&) {
  return reply.is_nil() ? Result{} : Result{reply.as_integer()};
}

NewScore::Result NewScore::read(Reply& reply, const Decoder&) {
  return Score{score_of(reply)};
}

MaybeScore::Result MaybeScore::read(Reply& reply, const Decoder&) {
  return reply.is_nil() ? Result{} : Result{score_of(reply)};
}

MaybeScores::Result MaybeScores::read(Reply& reply, const Decoder& from) {
  Result scores;
  scores.reserve(reply.as_array().size());
  for (Reply& score : reply.as_array()) {
    scores.push_back(MaybeScore::read(score, from));
  }
  return scores;
}

Added::Result Added::read(Reply& reply, const Decoder&) {
  if (reply.type() == Reply::Type::integer) {
    return reply.as_integer();
  }
  return reply.is_nil() ? ZaddResult{} : ZaddResult::with_score(score_of(reply));
}

FieldNames::Result FieldNames::read(Reply& reply, const Decoder& from) {
  Result names;
  names.reserve(reply.as_array().size());
  for (const Reply& made : reply.as_array()) {
    names.push_back(from.reverse(made.as_text()));
  }
  return names;
}

}  // namespace rediscache::detail
