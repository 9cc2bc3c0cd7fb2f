// Spellings that must not compile: each would guess a unit, store an address, or refer to what is gone.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <rediscache/rediscache.hpp>

namespace rediscache::spelling {
namespace {

struct NoConversion {
  int field = 0;
};
enum Plain { zero, one };

template <class T>
concept can_set = requires(Cache& cache, T value) { cache.set("k", value); };
template <class T>
concept can_add = requires(Cache& cache, T value) { cache.add("k", value); };
template <class T>
concept can_set_with = requires(Cache& cache, T timeout) { cache.set("k", "v", timeout); };
template <class T>
concept can_set_with_braced = requires(Cache& cache, T timeout) { cache.set("k", "v", {timeout}); };
template <class T>
concept can_set_with_timeout_named =
    requires(Cache& cache, T timeout) { cache.set("k", "v", {.timeout = timeout}); };
template <class T>
concept can_add_with = requires(Cache& cache, T timeout) { cache.add("k", "v", timeout); };
template <class T>
concept can_touch_with = requires(Cache& cache, T timeout) { cache.touch("k", timeout); };
template <class T>
concept can_set_many_with = requires(Cache& cache, const std::map<std::string, int>& map, T timeout) {
  cache.set_many(map, timeout);
};
template <class T>
concept can_get = requires(Cache& cache) { cache.get<T>("k"); };
template <class T>
concept can_get_or = requires(Cache& cache, T fallback) { cache.get("k", fallback); };
template <class T, class F>
concept can_get_with = requires(Cache& cache, F fallback) { cache.get<T>("k", fallback); };
template <class T>
concept can_get_with_braces_and_options = requires(Cache& cache) { cache.get<T>("k", {}, {.version = 2}); };
template <class T>
concept can_get_many = requires(Cache& cache) { cache.get_many<T>({"a", "b"}); };
template <class R>
concept can_get_many_of = requires(Cache& cache, const R& keys) { cache.get_many<int>(keys); };
template <class R>
concept can_delete_many_of = requires(Cache& cache, const R& keys) { cache.delete_many(keys); };
template <class R>
concept can_set_many = requires(Cache& cache, const R& entries) { cache.set_many(entries); };

// The concepts themselves work: without these, a typo above would pass as "rejected".
static_assert(can_set<int> && can_add<int> && can_get<int> && can_get_or<int> && can_get_many<int>);
static_assert(can_get_with<std::string, const char*> && can_get_with<double, int>);
static_assert(can_set_with<std::chrono::seconds> && can_set_with_braced<std::chrono::seconds> &&
              can_set_with_timeout_named<std::chrono::seconds> && can_add_with<std::chrono::seconds> &&
              can_touch_with<std::chrono::seconds> && can_set_many_with<std::chrono::seconds>);
static_assert(can_get_many_of<std::vector<std::string>> && can_delete_many_of<std::vector<std::string>> &&
              can_set_many<std::map<std::string, int>>);

// A timeout without a unit.
template <class T>
inline constexpr bool passes_as_timeout =
    can_set_with<T> || can_set_with_braced<T> || can_set_with_timeout_named<T> || can_add_with<T> ||
    can_touch_with<T> || can_set_many_with<T>;
static_assert(!passes_as_timeout<int>);
static_assert(!passes_as_timeout<long>);
static_assert(!passes_as_timeout<unsigned>);
static_assert(!passes_as_timeout<double>);
static_assert(!passes_as_timeout<bool>);
static_assert(!passes_as_timeout<char>);
static_assert(!passes_as_timeout<std::nullptr_t>);
static_assert(!passes_as_timeout<std::nullopt_t>);
static_assert(!passes_as_timeout<const char*>);
static_assert(!passes_as_timeout<std::optional<int>>);
// A point in time is no length of time.
static_assert(!passes_as_timeout<std::chrono::system_clock::time_point>);

// Values that are no value.
template <class T>
inline constexpr bool passes_as_value = can_set<T> || can_add<T>;
static_assert(!passes_as_value<char>);
static_assert(!passes_as_value<wchar_t>);
static_assert(!passes_as_value<char8_t>);
static_assert(!passes_as_value<char16_t>);
static_assert(!passes_as_value<char32_t>);
static_assert(!passes_as_value<int*>);
static_assert(!passes_as_value<const void*>);
static_assert(!passes_as_value<const wchar_t*>);
static_assert(!passes_as_value<const char8_t*>);
static_assert(!passes_as_value<const std::string*>);
static_assert(!passes_as_value<void (*)()>);
static_assert(!passes_as_value<std::unique_ptr<int>>);
static_assert(!passes_as_value<long double>);
static_assert(!passes_as_value<std::nullptr_t>);
static_assert(!passes_as_value<std::byte>);
static_assert(!passes_as_value<std::chrono::duration<long double>>);
static_assert(!passes_as_value<std::chrono::steady_clock::time_point>);
static_assert(!passes_as_value<Timeout>);
static_assert(!passes_as_value<std::variant<int, char>>);
static_assert(!passes_as_value<std::pair<int, NoConversion>>);
static_assert(!passes_as_value<std::wstring>);
static_assert(!passes_as_value<Never>);
static_assert(!passes_as_value<NoConversion>);
static_assert(!passes_as_value<std::vector<NoConversion>>);
static_assert(!passes_as_value<std::optional<NoConversion>>);
static_assert(!passes_as_value<std::map<std::string, NoConversion>>);
static_assert(!passes_as_value<std::vector<char>>);
static_assert(!passes_as_value<std::vector<int*>>);

// Types that cannot be given back: they would refer to text that is gone, or lose digits.
template <class T>
inline constexpr bool comes_back = can_get<T> || can_get_many<T>;
static_assert(!comes_back<std::string_view>);
static_assert(!comes_back<const char*>);
static_assert(!comes_back<char*>);
static_assert(!comes_back<std::span<const std::byte>>);
static_assert(!comes_back<std::optional<std::string_view>>);
static_assert(!comes_back<std::vector<std::string_view>>);
static_assert(!comes_back<long double>);
static_assert(!comes_back<Plain>);  // a value beyond its enumerators would be undefined
static_assert(!comes_back<std::pair<int, std::string_view>>);
static_assert(!comes_back<std::variant<int, std::string_view>>);
static_assert(!comes_back<char>);
static_assert(!comes_back<std::nullptr_t>);
static_assert(!comes_back<void>);
static_assert(!comes_back<void*>);
static_assert(!comes_back<int&>);
static_assert(!comes_back<const int>);
static_assert(!comes_back<NoConversion>);
static_assert(!comes_back<std::vector<NoConversion>>);
static_assert(!can_get_or<std::nullptr_t>);
static_assert(!can_get_or<std::nullopt_t>);
static_assert(!can_get_or<char>);
static_assert(!can_get_or<long double>);
static_assert(!can_get_or<int*>);
static_assert(!can_get_or<NoConversion>);
static_assert(!can_get_with<int, std::string> && !can_get_with<std::vector<int>, int>);

// Braces are options, and a fallback without a value is none.
static_assert(!can_get_with_braces_and_options<int>);

// Keys that are temporaries, or no keys.
using KeysMadeOnTheWay =
    decltype(std::declval<const std::vector<int>&>() |
             std::views::transform(static_cast<std::string (*)(int)>([](int) { return std::string{}; })));
static_assert(!can_get_many_of<KeysMadeOnTheWay>);
static_assert(!can_delete_many_of<KeysMadeOnTheWay>);
static_assert(!can_get_many_of<std::string>);
static_assert(!can_delete_many_of<std::string>);
static_assert(!can_get_many_of<const char*>);
static_assert(!can_get_many_of<std::vector<int>>);
static_assert(!can_delete_many_of<std::vector<std::optional<std::string>>>);

// Entries that are temporaries, or no entries.
using EntriesMadeOnTheWay = decltype(std::declval<const std::vector<int>&>() |
                                     std::views::transform(static_cast<std::pair<std::string, int> (*)(int)>(
                                         [](int) { return std::pair<std::string, int>{}; })));
static_assert(!can_set_many<EntriesMadeOnTheWay>);
static_assert(!can_set_many<std::map<int, int>>);
static_assert(!can_set_many<std::vector<std::string>>);
static_assert(!can_set_many<std::map<std::string, NoConversion>>);

// A number that may have been omitted: read by itself, it would throw where nobody thinks of it.
template <class N>
concept reads_by_itself = std::is_convertible_v<N, std::int64_t> || std::is_convertible_v<N, double> ||
                          std::is_convertible_v<N, bool> || std::is_constructible_v<bool, N> ||
                          std::is_constructible_v<std::int64_t, N>;
template <class N>
concept has_an_order = requires(N number) { number > 5; } || requires(N number) { number <= 5; };
template <class N>
concept can_be_added_to = requires(N number) { number + 1; };
static_assert(!reads_by_itself<Counter> && !reads_by_itself<Score>);
static_assert(!reads_by_itself<Ttl> && !reads_by_itself<Pttl>);
static_assert(!has_an_order<Counter> && !has_an_order<Score>);
static_assert(!can_be_added_to<Counter> && !can_be_added_to<Score>);
// The same for whatever may be omitted.
static_assert(!reads_by_itself<decltype(std::declval<Cache&>().incr_version("k"))>);
static_assert(!reads_by_itself<decltype(std::declval<RedisCache&>().hincrby("h", "f"))>);
static_assert(!reads_by_itself<decltype(std::declval<RedisCache&>().zincrby("z", 1, "m"))>);

}  // namespace
}  // namespace rediscache::spelling
