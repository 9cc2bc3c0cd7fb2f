#include "config/location.hpp"

#include <string>
#include <utility>
#include <vector>

#include <rediscache/error.hpp>

#include "config/servers.hpp"
#include "config/typed.hpp"
#include "config/url.hpp"

namespace rediscache::config {
namespace {

/// What a URL says instead of the options, by the names of their rows.
std::vector<std::pair<std::string_view, std::string>> said_by(const Url& url, const Options& options) {
  Options by_url = options;
  std::vector<std::string_view> names;
  const auto take = [&](const auto& part, auto& option, std::string_view name) {
    if (part) {
      option = *part;
      names.push_back(name);
    }
  };
  take(url.username, by_url.username, "USERNAME");
  take(url.password, by_url.password, "PASSWORD");
  take(url.client_name, by_url.client_name, "CLIENT_NAME");
  take(url.connect_timeout, by_url.connect_timeout, "SOCKET_CONNECT_TIMEOUT");
  take(url.socket_timeout, by_url.socket_timeout, "SOCKET_TIMEOUT");
  by_url.tls = merged(by_url.tls, url.tls);
  const auto names_tls = [&](bool says, std::string_view name) {
    if (says) {
      names.push_back(name);
    }
  };
  names_tls(url.tls.certificate_check.has_value(), "ssl_cert_reqs");
  names_tls(url.tls.check_hostname.has_value(), "ssl_check_hostname");
  names_tls(url.tls.ca_file.has_value(), "ssl_ca_certs");
  names_tls(url.tls.ca_directory.has_value(), "ssl_ca_path");
  names_tls(url.tls.certificate_file.has_value(), "ssl_certfile");
  names_tls(url.tls.key_file.has_value(), "ssl_keyfile");
  names_tls(url.tls.key_password.has_value(), "ssl_keyfile_password");
  names_tls(url.tls.minimum_version.has_value(), "ssl_min_version");
  names_tls(url.tls.ciphers.has_value(), "ssl_ciphers");
  std::vector<std::pair<std::string_view, std::string>> said;
  for (const std::string_view name : names) {
    const OptionRow* const row = find_row(redis_rows(), name);
    said.emplace_back(name, (row != nullptr ? row : find_row(tls_rows(), name))->show(by_url));
  }
  return said;
}

/// The URL of a location with this database, when it names none.
std::string with_database(std::string text, const Url& url, std::optional<int> database) {
  if (database && !url.database) {
    text += (text.find('?') == std::string::npos ? '?' : '&') + ("db=" + std::to_string(*database));
  }
  return text;
}

}  // namespace

void read_locations(Draft& draft, std::optional<int> database) {
  Reading& reading = draft.reading();
  const std::string path = under(draft.path(), "LOCATION");
  const Value* const found = draft.param("LOCATION");
  if (found == nullptr || found->is_none() || *found == Value{""} || *found == Value{Value::List{}}) {
    reading.problem(path, "is missing; write a URL such as redis://127.0.0.1:6379/1");
    return;
  }
  if (database && draft.options().client_class.ends_with("ShardClient")) {
    reading.problem(path,
                    "needs its database in each URL: with ShardClient their text decides where keys are");
    return;
  }
  take_locations(draft, read_texts(reading, {*found, path}), database);
}

void take_locations(Draft& draft, const std::vector<std::pair<std::string, std::string>>& texts,
                    std::optional<int> database) {
  Reading& reading = draft.reading();
  std::vector<Url> urls;
  std::vector<std::string> origins;
  std::vector<std::string>& location = draft.options().location;
  location.clear();
  for (const auto& [place, text] : texts) {
    if (text.find("://") == std::string::npos) {
      // Whatever it is, it may be a secret that stands in the wrong place.
      reading.problem(place, "is no URL; it takes one such as redis://127.0.0.1:6379/1");
      continue;
    }
    Options one;
    one.location = {text};
    for (const std::string& part : locations(one)) {  // a text may have several, with commas between
      try {
        urls.push_back(parse_url(part));
        origins.push_back(reading.origin(place));
        location.push_back(with_database(part, urls.back(), database));
      } catch (const InvalidOptions& error) {
        reading.problem(place, std::string{"cannot be used: "} + error.what());
      }
    }
  }
  for (std::size_t i = 0; i < urls.size(); ++i) {
    draft.show({"LOCATION", mask_url(location[i]), origins[i]});
    for (auto& [name, value] : said_by(urls[i], draft.options())) {
      Shown shown{std::string{name}, std::move(value), "the URL of " + origins[i]};
      if (urls.size() == 1) {
        draft.replace(std::move(shown));
      } else {
        shown.name = "  its " + shown.name;
        draft.show(std::move(shown));
      }
    }
  }
}

}  // namespace rediscache::config
