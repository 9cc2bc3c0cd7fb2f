// An owner of objects whose types only the library knows.
#pragma once

#include <memory>
#include <utility>

namespace rediscache::detail {

/// As std::unique_ptr, made of one, and for the members of classes that everybody includes: there each
/// std::unique_ptr costs as much to compile as a long header.
template <class T>
class Owned {
 public:
  Owned() noexcept = default;
  template <class From>
  Owned(std::unique_ptr<From> object) noexcept : object_{object.release()} {}
  Owned(Owned&& other) noexcept : object_{std::exchange(other.object_, nullptr)} {}
  Owned& operator=(Owned other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Owned() { delete object_; }

  [[nodiscard]] T& operator*() const noexcept { return *object_; }
  [[nodiscard]] T* operator->() const noexcept { return object_; }
  [[nodiscard]] T* get() const noexcept { return object_; }
  [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  T* object_ = nullptr;
};

}  // namespace rediscache::detail
