// A settings.py, dumped by the script that docs/settings.md shows, configures us without a change: what
// Django and we store with it is the same.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rediscache/rediscache.hpp>

#include "support/redis_server.hpp"
#include "support/socket.hpp"

namespace rediscache::test {
namespace {

using ::testing::HasSubstr;

std::string in_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Runs a script of this folder with site_settings.py for Django's settings.
int python(const std::string& server, const std::string& script, const std::string& arguments = {}) {
  return std::system(
      ("REDIS_URL=" + server + " DJANGO_SETTINGS_MODULE=site_settings PYTHONDONTWRITEBYTECODE=1 " +
       R"(PYTHONPATH="$DJANGO_TESTS" "$PYTHON3" "$DJANGO_TESTS")" + '/' + script + ' ' + arguments)
          .c_str());
}

TEST(DjangoSettingsTest, ConfigureUsUnchanged) {
  const RedisServer server{{.tcp = true}};  // for redis-py takes no timeouts for unix sockets
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/settings.json";
  ASSERT_EQ(python(server.tcp_url(2), "dump_settings.py", "> " + path), 0);

  Caches registry;
  registry.configure(Settings::from_file(path));
  const Options options = registry.settings().options("default");
  EXPECT_EQ(options.key_prefix, "${site}") << "which names no variable";
  EXPECT_EQ(options.serializer, "pickle5");
  EXPECT_EQ(options.ignore_exceptions, true);
  EXPECT_EQ(options.scan_itersize, 50U);
  EXPECT_EQ(options.logger, "site.cache");
  EXPECT_EQ(registry.settings().options("json").ignore_exceptions, false);
  EXPECT_EQ(registry.settings().options("tls").tls.certificate_check, CertificateCheck::optional);
  EXPECT_EQ(registry.settings().backend("none"), "dummy");

  const Value value{
      Value::Dict{{"name", "Ada"}, {"tags", Value::List{"a", "b"}}, {"long", std::string(100, 'x')}}};
  for (const std::string alias : {"default", "json"}) {
    EXPECT_TRUE(registry[alias].set("from cpp", value));
  }
  EXPECT_EQ(python(server.tcp_url(2), "site_values.py"), 0) << "Python says above what it found";
  for (const std::string alias : {"default", "json"}) {
    EXPECT_EQ(registry[alias].get<Value>("from python"), value) << alias;
  }
}

TEST(DjangoSettingsTest, AreDumpedByTheScriptInTheDocuments) {
  const std::string script = in_file(variable("DJANGO_TESTS") + "/dump_settings.py");
  EXPECT_THAT(in_file(variable("SETTINGS_DOCUMENT")), HasSubstr("```python\n" + script + "```"));
}

}  // namespace
}  // namespace rediscache::test
