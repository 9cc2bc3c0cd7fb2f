// A call described: what it sends, before anything is encoded, and who reads the reply. Whoever runs calls,
// at once, in a pipeline or asynchronously, runs these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rediscache/command.hpp>
#include <rediscache/elements.hpp>
#include <rediscache/export.hpp>
#include <rediscache/reply.hpp>
#include <rediscache/scores.hpp>
#include <rediscache/serializer.hpp>

namespace rediscache {

namespace cache {
class Core;
}  // namespace cache

namespace detail {

/// One argument, as the caller gave it; some are several on the wire. Refers to what it was made of.
struct Argument {
  enum class Kind : std::uint8_t {
    nothing,        ///< an option that was not asked for
    word,           ///< text as it is
    integer,        ///
    score,          ///
    bound,          ///< a ScoreBound
    key,            ///< made, and routed by
    name,           ///< routed by as it is: of a hash
    field,          ///< made, but of a hash
    keys,           ///< KeyNames, each as key
    fields,         ///< KeyNames, each as field
    elements,       ///< Elements, each encoded
    scored,         ///< ScoredElements: score and encoded member
    match_element,  ///< MATCH and a glob for encoded elements
    match_field,    ///< MATCH and a glob for fields
    page_size,      ///< COUNT and the number, 0 for the cache's
  };

  Argument() noexcept = default;
  Argument(Kind as, std::string_view given) noexcept : kind{as}, text{given} {}
  Argument(Kind as, const KeyNames& given) noexcept : kind{as}, list{&given} {}
  Argument(std::int64_t given) noexcept : kind{Kind::integer}, integer{given} {}
  Argument(double given) noexcept : kind{Kind::score}, number{given} {}
  Argument(const ScoreBound& given) noexcept : kind{Kind::bound}, list{&given} {}
  Argument(const Elements& given) noexcept : kind{Kind::elements}, list{&given} {}
  Argument(const ScoredElements& given) noexcept : kind{Kind::scored}, list{&given} {}

  [[nodiscard]] REDISCACHE_API Argument of_version(std::optional<int> other) const noexcept;

  Kind kind = Kind::nothing;
  std::string_view text{};
  std::int64_t integer = 0;
  double number = 0;
  const void* list = nullptr;    // of the type that belongs to the kind
  std::optional<int> version{};  // of a key, where it differs from the call's
};

[[nodiscard]] REDISCACHE_API Argument key(std::string_view given) noexcept;
[[nodiscard]] REDISCACHE_API Argument keys(const KeyNames& given) noexcept;
[[nodiscard]] REDISCACHE_API Argument name(std::string_view given) noexcept;
[[nodiscard]] REDISCACHE_API Argument field(std::string_view given) noexcept;
[[nodiscard]] REDISCACHE_API Argument fields(const KeyNames& given) noexcept;
[[nodiscard]] REDISCACHE_API Argument word(std::string_view given) noexcept;
[[nodiscard]] REDISCACHE_API Argument word_if(bool wanted, std::string_view given) noexcept;
[[nodiscard]] REDISCACHE_API Argument match_element(std::optional<std::string_view> glob) noexcept;
[[nodiscard]] REDISCACHE_API Argument match_field(std::optional<std::string_view> glob) noexcept;
[[nodiscard]] REDISCACHE_API Argument page_size(std::size_t count) noexcept;
/// How many to pop; InvalidArgument for less than none.
[[nodiscard]] REDISCACHE_API Argument count_to_pop(std::string_view command, std::int64_t count);

/// What is known of a command whatever its arguments are.
struct Verb {
  std::string_view name;  ///< a literal
  CommandKind kind;
  bool at_length = false;  ///< as Commands::answers_at_length()
  /// Its purpose is a state, and its reply counts the fields that changed: Commands::changes_at_most().
  bool counts_fields = false;
};
inline constexpr bool at_length = true;
inline constexpr bool counts_fields = true;

struct Call {
  Verb verb;
  std::span<const Argument> arguments;
  std::optional<int> version;

  /// Whether what it is about is not named by a made key: hashes are not.
  [[nodiscard]] REDISCACHE_API bool is_named_as_it_is() const noexcept;
};

/// Refers to the arguments.
[[nodiscard]] REDISCACHE_API Call call_of(const Verb& verb, std::initializer_list<Argument> arguments,
                                          std::optional<int> version) noexcept;

/// Turns what is stored into values; errors name the key that the call was about.
class REDISCACHE_API Decoder {
 public:
  Decoder(const cache::Core& core, std::string_view key) noexcept : core_{&core}, key_{key} {}

  /// Takes the text of a reply.
  void decode(Reply& stored, const ValueTarget& target) const;
  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  /// The caller's field of a made one.
  [[nodiscard]] std::string reverse(std::string_view made_field) const;

 private:
  const cache::Core* core_;
  std::string_view key_;
};

/// Reads a reply into `result`, which is of the type that belongs to the function. ValueError for a reply
/// that no server gives.
using ReadReply = void (*)(Reply& reply, const Decoder& from, void* result);

template <class Reads>
void read_into(Reply& reply, const Decoder& from, void* result) {
  *static_cast<typename Reads::Result*>(result) = Reads::read(reply, from);
}

/// The types of replies that more than one kind of structure has are in replies.hpp. What is returned when a
/// call is omitted, and when it asks nothing because a list is empty, is always an empty Result.
template <class R>
using AtOnce = R;

/// The way to who runs a call.
struct CallAccess {
  template <class Reads, class Runner>
  static auto run(Runner& runner, const Call& call) {
    return runner.template run<Reads>(call);
  }
};

/// Has a call run by who `calls` is the part of: one of the classes that describe calls, for `Self`.
template <class Reads, template <class, template <class> class> class Calls, class Self,
          template <class> class Returned>
auto ask(Calls<Self, Returned>& calls, const Verb& verb, std::initializer_list<Argument> arguments,
         std::optional<int> version) {
  return CallAccess::run<Reads>(static_cast<Self&>(calls), call_of(verb, arguments, version));
}

}  // namespace detail
}  // namespace rediscache
