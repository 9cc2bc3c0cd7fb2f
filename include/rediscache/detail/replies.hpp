// How replies are read: each type here turns one shape of reply into what a call returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <rediscache/detail/call.hpp>
#include <rediscache/detail/stored.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/result.hpp>
#include <rediscache/scores.hpp>

namespace rediscache::detail {

/// A score as servers write it; ValueError for anything else.
[[nodiscard]] REDISCACHE_API double score_of(const Reply& reply);
/// What a page of a scan holds beside its cursor.
[[nodiscard]] REDISCACHE_API Reply& page_in(Reply& scanned);
/// ValueError when a reply that comes in pairs has an odd length.
REDISCACHE_API void expect_pairs(const std::vector<Reply>& replies);
[[noreturn]] REDISCACHE_API void throw_popped(const DecodeError& error, std::vector<std::string> stored);

template <class T>
T element_of(Reply& reply, const Decoder& from) {
  Loaded<T> loaded;
  from.decode(reply, loaded.target());
  return loaded.take(from.key());
}

struct REDISCACHE_API Count {
  using Result = std::int64_t;
  static Result read(Reply& reply, const Decoder& from);
};

/// A count where 0 would be a lie when omitted.
struct REDISCACHE_API NewCount {
  using Result = Counter;
  static Result read(Reply& reply, const Decoder& from);
};

struct REDISCACHE_API Flag {
  using Result = bool;
  static Result read(Reply& reply, const Decoder& from);
};

/// OK.
struct REDISCACHE_API Done {
  using Result = bool;
  static Result read(Reply& reply, const Decoder& from);
};

struct REDISCACHE_API Flags {
  using Result = std::vector<bool>;
  static Result read(Reply& reply, const Decoder& from);
};

/// A position, if there is one.
struct REDISCACHE_API Rank {
  using Result = std::optional<std::int64_t>;
  static Result read(Reply& reply, const Decoder& from);
};

struct REDISCACHE_API NewScore {
  using Result = Score;
  static Result read(Reply& reply, const Decoder& from);
};

struct REDISCACHE_API MaybeScore {
  using Result = std::optional<double>;
  static Result read(Reply& reply, const Decoder& from);
};

struct REDISCACHE_API MaybeScores {
  using Result = std::vector<std::optional<double>>;
  static Result read(Reply& reply, const Decoder& from);
};

/// Of ZADD: a count, or with INCR the score.
struct REDISCACHE_API Added {
  using Result = ZaddResult;
  static Result read(Reply& reply, const Decoder& from);
};

/// An element, if there is one.
template <class T>
struct MaybeElement {
  using Result = std::optional<T>;
  static Result read(Reply& reply, const Decoder& from) {
    return reply.is_nil() ? Result{} : Result{element_of<T>(reply, from)};
  }
};

/// Elements, with nothing for those that are not there.
template <class T>
struct MaybeElements {
  using Result = std::vector<std::optional<T>>;
  static Result read(Reply& reply, const Decoder& from) {
    Result elements;
    elements.reserve(reply.as_array().size());
    for (Reply& element : reply.as_array()) {
      elements.push_back(MaybeElement<T>::read(element, from));
    }
    return elements;
  }
};

/// Elements; none when there is no such key.
template <class T>
struct AllElements {
  using Result = std::vector<T>;
  static Result read(Reply& reply, const Decoder& from) {
    Result elements;
    if (!reply.is_nil()) {
      elements.reserve(reply.as_array().size());
      for (Reply& element : reply.as_array()) {
        elements.push_back(element_of<T>(element, from));
      }
    }
    return elements;
  }
};

/// Elements and scores by turns.
template <class T>
struct AllElements<Scored<T>> {
  using Result = std::vector<Scored<T>>;
  static Result read(Reply& reply, const Decoder& from) {
    std::vector<Reply>& replies = reply.as_array();
    expect_pairs(replies);
    Result elements;
    elements.reserve(replies.size() / 2);
    for (std::size_t i = 0; i < replies.size(); i += 2) {
      elements.push_back({element_of<T>(replies[i], from), score_of(replies[i + 1])});
    }
    return elements;
  }
};

/// The first of at most one.
template <class T>
struct FirstElement {
  using Result = std::optional<T>;
  static Result read(Reply& reply, const Decoder& from) {
    auto all = AllElements<T>::read(reply, from);
    return all.empty() ? Result{} : Result{std::move(all.front())};
  }
};

/// What is taken away on the server. If it does not read as asked, the error has the bytes: they are nowhere
/// else any more.
template <class Reads>
struct Popped {
  using Result = typename Reads::Result;
  static Result read(Reply& reply, const Decoder& from) {
    std::vector<std::string> stored;
    if (reply.type() == Reply::Type::text) {
      stored.push_back(reply.as_text());
    } else if (reply.type() == Reply::Type::array) {
      for (const Reply& element : reply.as_array()) {
        stored.push_back(element.as_text());
      }
    }
    try {
      return Reads::read(reply, from);
    } catch (const DecodeError& error) {
      throw_popped(error, std::move(stored));
    }
  }
};

/// The fields of a hash, as the caller knows them.
struct REDISCACHE_API FieldNames {
  using Result = std::vector<std::string>;
  static Result read(Reply& reply, const Decoder& from);
};

/// Fields and values by turns.
template <class T>
struct AllFields {
  using Result = std::vector<std::pair<std::string, T>>;
  static Result read(Reply& reply, const Decoder& from) {
    std::vector<Reply>& replies = reply.as_array();
    expect_pairs(replies);
    Result entries;
    entries.reserve(replies.size() / 2);
    for (std::size_t i = 0; i < replies.size(); i += 2) {
      entries.emplace_back(from.reverse(replies[i].as_text()), element_of<T>(replies[i + 1], from));
    }
    return entries;
  }
};

/// A page of a scan: the cursor is left out.
template <class Reads>
struct ScannedPage {
  using Result = typename Reads::Result;
  static Result read(Reply& reply, const Decoder& from) { return Reads::read(page_in(reply), from); }
};

}  // namespace rediscache::detail
