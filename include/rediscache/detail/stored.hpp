// The thin layer of templates between the types of callers and the compiled cache: text, bytes and numbers
// pass as they are, everything else through a Value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <rediscache/convert.hpp>
#include <rediscache/error.hpp>
#include <rediscache/keyed_values.hpp>
#include <rediscache/serializer.hpp>

namespace rediscache {
class Cache;
}  // namespace rediscache

namespace rediscache::detail {

/// Calls `convert` and passes its ValueError on as EncodeError of `key`.
REDISCACHE_API void store_for_key(std::string_view key, void (*convert)(void*), void* context);

/// The value of `key` as a ValueView; refers to the value, or owns the Value made from it.
template <class T>
class Stored {
 public:
  Stored([[maybe_unused]] std::string_view key, const T& value) {
    if constexpr (is_direct && !is_own_text) {
      view_ = direct_view(value);
    } else {
      Conversion conversion{this, &value};
      store_for_key(key, &convert, &conversion);
    }
  }
  [[nodiscard]] ValueView view() const noexcept {
    if constexpr (is_direct) {
      return view_;
    } else {
      return ValueView{value_};
    }
  }

 private:
  struct Conversion {
    Stored* stored;
    const T* value;
  };
  static void convert(void* context) {
    const auto& [stored, value] = *static_cast<Conversion*>(context);
    if constexpr (is_direct) {
      stored->view_ = direct_view(*value);
    } else {
      stored->value_ = value_from(*value);
    }
  }
  static ValueView direct_view(const T& value) {
    if constexpr (std::same_as<T, Value> || std::same_as<T, bool>) {
      return ValueView{value};
    } else if constexpr (NumberLike<T>) {
      return ValueView{Number<T>::get(value)};
    } else if constexpr (TextLike<T>) {
      return ValueView{std::string_view{value}};
    } else if constexpr (BytesLike<T>) {
      return ValueView{std::as_bytes(std::span{value})};
    } else {
      return {};
    }
  }

  struct Nothing {};
  static constexpr bool is_direct = std::same_as<T, Value> || std::same_as<T, bool> || NumberLike<T> ||
                                    TextLike<T> || BytesLike<T> || NoneLike<T>;
  /// A caller's type that shows itself as text, by a function that may throw.
  static constexpr bool is_own_text =
      TextLike<T> && std::is_class_v<T> && !std::is_nothrow_convertible_v<const T&, std::string_view>;
  ValueView view_;
  [[no_unique_address]] std::conditional_t<is_direct, Nothing, Value> value_;
};

/// Optional values are stored as what they hold, or as none.
template <class T>
class Stored<std::optional<T>> {
 public:
  Stored(std::string_view key, const std::optional<T>& value) {
    if (value) {
      stored_.emplace(key, *value);
    }
  }
  [[nodiscard]] ValueView view() const noexcept { return stored_ ? stored_->view() : ValueView{}; }

 private:
  std::optional<Stored<T>> stored_;
};

/// The type that a fallback asks for: what it refers to is owned by what is read.
template <class T>
using loaded_as =
    std::conditional_t<TextLike<T>, std::string,
                       std::conditional_t<std::same_as<T, std::span<const std::byte>>, Bytes, T>>;

/// What is read where T was asked for, void for nothing in particular, with a fallback.
template <class T, class F>
using loaded_for = loaded_as<std::conditional_t<std::is_void_v<T>, F, T>>;
template <class F, class T>
concept FallbackFor = Loadable<loaded_for<T, F>> && (std::is_void_v<T> || std::convertible_to<F, T>);

/// A fallback as a type that owns its contents.
template <class T, class F>
T owned(F&& fallback) {
  if constexpr (std::same_as<std::remove_cvref_t<F>, std::span<const std::byte>>) {
    return T(fallback.begin(), fallback.end());
  } else {
    return T(std::forward<F>(fallback));
  }
}

/// What get_or_set gives back for a fallback: the fallback's type, or what it returns when called.
template <class F>
struct FallbackOf {
  using Type = loaded_as<std::decay_t<F>>;
};
template <class F>
  requires std::invocable<F>
struct FallbackOf<F> {
  using Type = loaded_as<std::decay_t<std::invoke_result_t<F>>>;
};
template <class F>
using fallback_value = typename FallbackOf<F>::Type;

template <class F>
fallback_value<F> value_of(F&& fallback) {
  if constexpr (std::invocable<F>) {
    return owned<fallback_value<F>>(std::forward<F>(fallback)());
  } else {
    return owned<fallback_value<F>>(std::forward<F>(fallback));
  }
}

/// Calls `convert` and passes its ValueError on as DecodeError of `key`.
REDISCACHE_API void convert_for_key(std::string_view key, void (*convert)(void*), void* context);

/// The nearest to T of the types that a serializer reads into.
template <class T>
struct RawOf {
  using Type = Value;
};
template <class T>
  requires std::same_as<T, std::string> || std::same_as<T, bool>
struct RawOf<T> {
  using Type = T;
};
template <OwnedBytes T>
struct RawOf<T> {
  using Type = Bytes;
};
template <NumberLike T>
struct RawOf<T> {
  using Rep = typename Number<T>::Rep;
  using Type = std::conditional_t<Floating<Rep>, double,
                                  std::conditional_t<std::signed_integral<Rep>, std::int64_t, std::uint64_t>>;
};

/// Room for a value to be read into, of the nearest kind a serializer knows, and the way from there to T.
template <class T>
class Loaded {
  using Raw = typename RawOf<T>::Type;

 public:
  /// Whether take() needs no conversion, and so no key to name.
  static constexpr bool is_direct = std::same_as<T, Raw>;

  [[nodiscard]] ValueTarget target() noexcept { return ValueTarget{raw_}; }
  [[nodiscard]] T take(std::string_view key) {
    if constexpr (is_direct) {
      return std::move(raw_);
    } else {
      Conversion conversion{&raw_, {}};
      convert_for_key(key, &convert, &conversion);
      return std::move(conversion.result);
    }
  }

 private:
  struct Conversion {
    Raw* raw;
    T result;
  };
  static void convert(void* context) {
    auto& conversion = *static_cast<Conversion*>(context);
    if constexpr (NumberLike<T>) {
      using Rep = typename Number<T>::Rep;
      if constexpr (Floating<Rep>) {
        conversion.result = Number<T>::make(static_cast<Rep>(*conversion.raw));
      } else {
        conversion.result = Number<T>::make(narrow<Rep>(*conversion.raw));
      }
    } else if constexpr (OwnedBytes<T>) {
      conversion.result = bytes_to<T>(*conversion.raw);
    } else {
      conversion.result = value_to<T>(*conversion.raw);
    }
  }

  Raw raw_{};
};

template <class T>
class Loaded<std::optional<T>> {
 public:
  static constexpr bool is_direct = Loaded<T>::is_direct;
  [[nodiscard]] ValueTarget target() noexcept { return loaded_.target().or_none(is_none_); }
  [[nodiscard]] std::optional<T> take(std::string_view key) {
    return is_none_ ? std::nullopt : std::optional<T>{loaded_.take(key)};
  }

 private:
  Loaded<T> loaded_;
  bool is_none_ = false;
};

/// Where the values of get_many go, one after the other.
class REDISCACHE_API ManyTarget {
 public:
  virtual ~ManyTarget();
  /// May be called first, with all keys, before it is known which are there: makes room for their values.
  /// When that is true, they may come in any order; else in that of the keys.
  virtual bool foresee(std::span<const std::string_view> keys) = 0;
  /// Called before the first value, with the number of keys asked for, when nothing was foreseen.
  virtual void expect(std::size_t keys) = 0;
  /// Calls `read` with the place for the value of `key`, the `position`th asked for, which is there. A
  /// DecodeError thrown by `read` is kept or ignored, and the key left out.
  virtual void add(std::size_t position, std::string_view key,
                   void (*read)(const ValueTarget& target, void* context), void* context) = 0;
  /// After all nothing is there.
  virtual void forget() = 0;
};

/// Whether an entry that does not read counts as missing in that cache, which is told of it.
[[nodiscard]] REDISCACHE_API bool ignores(Cache& cache, const DecodeError& error) noexcept;

template <class T>
class KeyedTargets final : public ManyTarget {
 public:
  /// `cache` says which errors it ignores; without one all are kept.
  explicit KeyedTargets(KeyedValues<T>& found, Cache* cache = nullptr) noexcept
      : found_{&found}, cache_{cache} {}
  bool foresee(std::span<const std::string_view> keys) override {
    forget();
    foreseen_ = found_->expect(keys);
    there_.assign(foreseen_ ? keys.size() : 0, false);
    return foreseen_;
  }
  void expect(std::size_t keys) override {
    forget();
    found_->reserve(keys);
  }
  void add(std::size_t position, std::string_view key, void (*read)(const ValueTarget&, void*),
           void* context) override {
    T* const place = foreseen_ ? &found_->expected(position) : found_->add(key);
    if (place == nullptr) {
      return;
    }
    try {
      if constexpr (Loaded<T>::is_direct && !is_optional<T>) {
        read(ValueTarget{*place}, context);
      } else {
        Loaded<T> loaded;
        read(loaded.target(), context);
        *place = loaded.take(key);
      }
      note_found(position);
    } catch (const DecodeError& error) {
      if (cache_ != nullptr && ignores(*cache_, error)) {
        if (!foreseen_) {
          found_->drop_last();
        }
      } else if (foreseen_) {
        unreadable_.push_back({position, error});
      } else {
        found_->drop_last(error);
      }
    }
  }
  void forget() override {
    *found_ = {};
    foreseen_ = false;
    there_count_ = 0;
    unreadable_.clear();
  }
  /// Called last.
  void end() {
    if (foreseen_ && there_count_ < there_.size()) {
      found_->keep_found(there_, std::move(unreadable_));
    }
  }

 private:
  void note_found(std::size_t position) {
    if (foreseen_ && !there_[position]) {
      there_[position] = true;
      ++there_count_;
    }
  }

  KeyedValues<T>* found_;
  Cache* cache_;
  bool foreseen_ = false;
  std::vector<bool> there_;  // of what was foreseen
  std::size_t there_count_ = 0;
  std::vector<typename KeyedValues<T>::Unreadable> unreadable_;
};

// That these are compiled in the library spares everybody who includes this what a std::span made of a
// container takes to compile.

/// The keys and values of one set_many.
class REDISCACHE_API EntryViews {
 public:
  EntryViews() noexcept;
  EntryViews(const EntryViews&) = delete;
  EntryViews& operator=(const EntryViews&) = delete;
  ~EntryViews();

  void reserve(std::size_t entries);
  void add_key(std::string_view key);
  void add_value(const ValueView& value);
  [[nodiscard]] std::span<const std::string_view> keys() const noexcept;
  [[nodiscard]] std::span<const ValueView> values() const noexcept;

 private:
  std::vector<std::string_view> keys_;
  std::vector<ValueView> values_;
};

/// No overload of views_of: choosing among them would compare a list with a std::span.
[[nodiscard]] REDISCACHE_API std::span<const std::string_view> views_in(
    std::initializer_list<std::string_view> keys) noexcept;
[[nodiscard]] REDISCACHE_API std::span<const std::string_view> views_of(
    std::span<const std::string_view> keys) noexcept;
template <class R>
std::vector<std::string_view> views_of(const R& keys) {
  if constexpr (std::ranges::sized_range<const R>) {
    std::vector<std::string_view> views(static_cast<std::size_t>(std::ranges::size(keys)));
    auto view = views.begin();
    for (const auto& key : keys) {
      *view++ = std::string_view{key};
    }
    return views;
  } else {
    std::vector<std::string_view> views;
    for (const auto& key : keys) {
      views.emplace_back(key);
    }
    return views;
  }
}

}  // namespace rediscache::detail
