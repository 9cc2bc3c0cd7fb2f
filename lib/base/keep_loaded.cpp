#include "base/keep_loaded.hpp"

#include <atomic>

#include <dlfcn.h>
#include <link.h>

namespace rediscache::base {

void keep_loaded() noexcept {
  static std::atomic<bool> is_kept{false};
  if (is_kept.load(std::memory_order_relaxed)) {
    return;
  }
  Dl_info info{};
  void* entry = nullptr;
  if (::dladdr1(&is_kept, &info, &entry, RTLD_DL_LINKMAP) != 0 && entry != nullptr) {
    const char* const name = static_cast<const link_map*>(entry)->l_name;
    if (name != nullptr && *name != '\0') {  // the program itself has none
      static_cast<void>(::dlopen(name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE));
    }
  }
  is_kept.store(true, std::memory_order_relaxed);
}

}  // namespace rediscache::base
