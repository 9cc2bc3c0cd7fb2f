// A program that loads a plug-in, uses it and lets go of it: loads_plugin PLUGIN URL [threads].
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include <dlfcn.h>

int main(int count, char** arguments) {
  if (count < 3) {
    return 2;
  }
  const bool with_threads = count > 3;
  void* const plugin = ::dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    std::puts(::dlerror());
    return 3;
  }
  using Use = bool (*)(const char*, bool);
  auto* const use = reinterpret_cast<Use>(::dlsym(plugin, "use_cache"));
  std::puts(use != nullptr && use(arguments[2], with_threads) ? "ok: calls in the plug-in" : "wrong: calls");
  ::dlclose(plugin);
  if (with_threads) {
    void* const still_there = ::dlopen(arguments[1], RTLD_NOW | RTLD_NOLOAD);
    std::puts(still_there != nullptr ? "ok: the code of running threads is kept" : "wrong: the code is gone");
    std::this_thread::sleep_for(std::chrono::milliseconds{500});  // what is renewed is due meanwhile
  }
  std::puts("ok: the plug-in was let go of");
  return 0;
}
