// Memory that processes share.
#pragma once

#include <cerrno>
#include <new>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>

#include "support/socket.hpp"

namespace rediscache::test {

/// A T, all of whose members are atomic, in a file that processes map. Who makes the file begins the T; it is
/// never destroyed, for a process that was killed would not do so either.
template <class T>
class SharedFile {
 public:
  enum class Way { make, open };

  SharedFile(const std::string& path, Way way) {
    const Descriptor file{
        ::open(path.c_str(), O_RDWR | O_CLOEXEC | (way == Way::make ? O_CREAT | O_EXCL : 0), 0600)};
    if (!file || (way == Way::make && ::posix_fallocate(file.get(), 0, sizeof(T)) != 0)) {
      throw std::system_error{errno, std::generic_category(), path};
    }
    memory_ = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory_ == MAP_FAILED) {
      throw std::system_error{errno, std::generic_category(), path};
    }
    object_ = way == Way::make ? new (memory_) T{} : std::launder(static_cast<T*>(memory_));
  }
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;
  ~SharedFile() { ::munmap(memory_, sizeof(T)); }

  [[nodiscard]] T& operator*() const noexcept { return *object_; }
  [[nodiscard]] T* operator->() const noexcept { return object_; }

 private:
  void* memory_ = nullptr;
  T* object_ = nullptr;
};

}  // namespace rediscache::test
