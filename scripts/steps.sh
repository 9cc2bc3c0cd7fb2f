# shellcheck shell=bash
# What the stages of scripts/test do: builds, linters, programs that use an installed library. Sourced after lib.sh.

build_gcc() {
  # Without dpkg-dev Meson would choose lib64, where Debian's CMake does not look.
  CXX=g++ configure "$gcc" --prefix="$prefix" --libdir=lib --buildtype=debugoptimized \
    -Doptimization=$((full ? 2 : 1)) -Ddebug=false -Dwerror=true -Dtests=true -Dintegration_tests=enabled \
    -Dexamples=false -Dbench=false $unity '-Dcpp_args=--param=ggc-min-heapsize=1000000'  # gcc collects its garbage less often
  ninja -k 0 -C "$gcc"
}

build_asan() {
  configure_asan "$asan"
  ninja -k 0 -C "$asan"
}

build_tsan() {
  CXX=clang++-19 configure "$tsan" --buildtype=debugoptimized -Doptimization=1 -Ddebug=false \
    '-Dcpp_args=-gline-tables-only -fpch-instantiate-templates' -Dwerror=true -Db_sanitize=thread \
    -Db_lundef=false -Dtests=true -Dintegration_tests=enabled -Dexamples=false -Dbench=false $unity
  ninja -C "$tsan" tests/unit/unit_tests tests/integration/integration_tests tests/testing/testing_tests \
    tests/chaos/soak_test tests/stress/stress_test tests/locks/lock_stress
}

configure_alone() {  # a compilation database in which every source file is compiled alone, for clang
  CXX=clang++-19 configure "$alone" --buildtype=plain -Dwerror=true -Db_pch=false \
    -Dtests=true -Dintegration_tests=enabled -Dexamples=true -Dbench=true
}

compile_alone() {  # each file compiles alone, without what others or a precompiled header include
  local file changed=()
  configure_alone
  if ((!all)); then  # of tests only what changed
    mapfile -t changed < <(for file in $(changed_files 'tests/*.cpp' 'tests/*.hpp' 'bench/*pp'); do
      compiled_for "$file"
    done)
    changed=(--tests "${changed[@]}")
  fi
  /usr/bin/python3 tests/checks/compile_alone.py "$alone" "${changed[@]}"
}

ours() {  # the repository may belong to somebody else than the one who tests it
  git -c safe.directory="$root" "$@"
}

cpp_files() {  # C++ files of the repository, new ones included
  ours ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' | while read -r file; do
    [[ ! -f $file ]] || echo "$file"
  done
}

check_format() {
  cpp_files | xargs -r clang-format-19 --dry-run --Werror
}

changed_files() {  # changed_files PATTERN...: since the branch left main, else in the last four commits
  local base
  base=$(ours merge-base HEAD origin/main 2>/dev/null || true)
  if [[ -z $base || $base == $(ours rev-parse HEAD) ]]; then
    base=$(ours rev-parse -q --verify HEAD~4 || ours hash-object -t tree /dev/null)
  fi
  ours diff --name-only --diff-filter=d "$base" -- "$@"
  ours ls-files --others --exclude-standard "$@"
}

included_in() {  # included_in HEADER SUFFIX: the first such file that includes the header
  { grep -lrF --include="*.$2" "$(basename "$1")\"" lib tests bench examples || true; } | sort | sed -n 1p
}

compiled_for() {  # one source in which a changed file gets compiled; for public headers a generated one
  local user
  case $1 in
    '') ;;
    *.cpp) echo "$1" ;;
    include/*) echo "tests/checks/$(tr './' '__' <<<"${1#include/}").cpp" ;;
    *)
      user=$(included_in "$1" cpp)
      compiled_for "${user:-$(included_in "$1" hpp)}"
      ;;
  esac
}

product=('lib/*.cpp' 'lib/*.hpp' 'include/*.hpp' 'examples/*.cpp')
tidy() {
  local changed sources regexes
  configure_alone
  if ((all)); then changed=$(cpp_files); else changed=$(changed_files "${product[@]}"); fi
  # The consumer is compiled by a check of its own.
  mapfile -t sources < <(for file in $changed; do compiled_for "$file"; done |
    sort -u | sed '/^$/d; \|^tests/checks/consumer/|d')
  regexes=("${sources[@]/#//}")
  regexes=("${regexes[@]/%/$}")
  ((${#sources[@]} == 0)) || run-clang-tidy-19 -quiet -j 2 -config-file="$root/.clang-tidy" -p "$alone" "${regexes[@]}"
}

install_library() {
  rm -rf "$prefix"
  meson install -C "$gcc" --no-rebuild --quiet
}

with_pkg_config() {  # with_pkg_config shared|static
  local pkg_config_path flags libraries program
  pkg_config_path=$(dirname "$(find "$prefix" -name rediscache.pc)")
  export PKG_CONFIG_PATH=$pkg_config_path
  program=$root/build/consumer-$1
  flags=$(pkg-config --cflags rediscache)
  if [[ $1 == static ]]; then
    libraries=$(pkg-config --static --libs rediscache)
    libraries=${libraries/-lrediscache/-l:librediscache.a}
  else
    libraries="$(pkg-config --libs rediscache) -Wl,-rpath,$(pkg-config --variable=libdir rediscache)"
  fi
  # shellcheck disable=SC2086
  g++ -std=c++20 -Wall -Wextra -Wpedantic -Werror tests/checks/consumer/main.cpp $flags $libraries -o "$program"
  "$program"
  [[ $1 == shared ]] || ! ldd "$program" | grep rediscache
}

with_testing() {  # an example, built as somebody would who installed both libraries
  local pkg_config_path program=$root/build/consumer-testing
  pkg_config_path=$(dirname "$(find "$prefix" -name rediscache-testing.pc)")
  export PKG_CONFIG_PATH=$pkg_config_path
  # shellcheck disable=SC2046
  g++ -std=c++20 -Wall -Wextra -Wpedantic -Werror examples/degradation.cpp \
    $(pkg-config --cflags --libs rediscache-testing) \
    "-Wl,-rpath,$(pkg-config --variable=libdir rediscache-testing)" -o "$program"
  "$program"
}

with_cmake() {
  rm -rf build/consumer-cmake
  cmake -G Ninja -S tests/checks/consumer -B build/consumer-cmake -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug
  cmake --build build/consumer-cmake
  build/consumer-cmake/consumer
}

without=(tls=disabled zlib=disabled lzma=disabled lz4=disabled zstd=disabled testing=false)
as_subproject() {
  # Not local: the trap comes after the function has gone.
  project=$(mktemp -d)
  trap 'rm -rf "$project"' EXIT
  cp tests/checks/consumer/* "$project"
  mkdir "$project/subprojects"
  ln -s "$root" "$project/subprojects/rediscache"
  # And it may lack all that we can do without. With clang, which precompiles headers and so is quicker.
  CXX=clang++-19 meson setup "$project/build" "$project" --buildtype=debug -Ddebug=false $unity \
    "${without[@]/#/-Drediscache:}"
  ninja -C "$project/build"
  "$project/build/consumer"
  # Somebody else's project must not build our tests.
  [[ -z $(find "$project/build" -name '*_tests') ]]
}
