// Compiled as C++23, for resize_and_overwrite; see meson.build.
#include "resp/grow.hpp"

namespace rediscache::resp {

void grow_unfilled(std::string& text, std::size_t size) {
#ifdef __cpp_lib_string_resize_and_overwrite
  text.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
#else
  text.resize(size);
#endif
}

}  // namespace rediscache::resp
