// What the fuzzers share. Each is one file that defines LLVMFuzzerTestOneInput; libFuzzer calls it with
// inputs of its own, replay.cpp with those of the corpus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace rediscache::fuzz {

/// Something that is promised did not happen. Nobody catches it in a fuzzer, so that the stack shows where.
class BrokenPromise final : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void promise(bool kept, const char* what) {
  if (!kept) {
    throw BrokenPromise{what};
  }
}

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return size == 0 ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(data), size};
}

/// The first line of the input, without its end, and what follows. Inputs have a line for each choice, so
/// that people can read them.
[[nodiscard]] inline std::pair<std::string_view, std::string_view> first_line(
    std::string_view text) noexcept {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? std::pair{text, std::string_view{}}
                                       : std::pair{text.substr(0, end), text.substr(end + 1)};
}

}  // namespace rediscache::fuzz
