// Runs a fuzzer's corpus through it once, without libFuzzer.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fuzz/fuzz_target.hpp"

namespace rediscache::fuzz {
namespace {

TEST(Corpus, BreaksNoPromise) {
  const char* const directory = std::getenv("FUZZ_CORPUS");
  ASSERT_NE(directory, nullptr) << "FUZZ_CORPUS names the directory";
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator{directory}) {
    SCOPED_TRACE(entry.path());
    std::ifstream file{entry.path(), std::ios::binary};
    ASSERT_TRUE(file);
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    // A copy of exactly its size: a byte too far would be somebody else's.
    const std::vector<std::uint8_t> input{bytes.begin(), bytes.end()};
    EXPECT_NO_THROW(LLVMFuzzerTestOneInput(input.data(), input.size()));
    ++inputs;
  }
  EXPECT_GT(inputs, 0);
}

}  // namespace
}  // namespace rediscache::fuzz
