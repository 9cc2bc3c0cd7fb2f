// How memory is kept while measuring.
#pragma once

#include <malloc.h>

namespace bench {

/// As it comes, glibc gives the end of its heap back to the kernel again and again, or not, depending on who
/// allocated last: with 64 KiB values that alone made hiredis half as fast as itself.
inline void steady_allocator() {
  constexpr int most = 256 * 1024 * 1024;
  ::mallopt(M_TRIM_THRESHOLD, most);
  ::mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);  // the largest there is
  ::mallopt(M_TOP_PAD, most / 4);
}

}  // namespace bench
