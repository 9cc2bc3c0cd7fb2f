#include "config/option_rows.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "config/row_kinds.hpp"
#include "config/url_tls.hpp"

namespace rediscache::config {
namespace {

constexpr std::int64_t any = std::numeric_limits<std::int32_t>::min();

constexpr OptionRow timeout_row{
    .name = "TIMEOUT",
    .read =
        [](Reading& reading, const Found& found, Options& options) {
          options.timeout = read_timeout(reading, found).value_or(options.timeout);
        },
    .show =
        [](const Options& options) {
          return options.timeout.is_never() ? "never" : shown_seconds(options.timeout.time());
        },
    .takes_null = true};

constexpr OptionRow password_row{
    .name = "PASSWORD",
    .read = take_text<&Options::password>,
    .show = [](const Options& options) -> std::string { return options.password.empty() ? "none" : "***"; },
    .is_secret = true};

constexpr OptionRow itersize_row{
    .name = "SCAN_ITERSIZE",
    .read = count_row<1, &Options::scan_itersize>("SCAN_ITERSIZE").read,
    .show = [](const Options& options) {
      return std::to_string(options.scan_itersize == 0 ? defaults().scan_itersize : options.scan_itersize);
    }};

constexpr OptionRow logger_row{
    .name = "LOGGER", .read = take_text<&Options::logger>, .show = [](const Options& options) {
      return options.logger.value_or(defaults().logger);
    }};

constexpr OptionRow on_decode_error_row{
    .name = "ON_DECODE_ERROR",
    .read =
        [](Reading& reading, const Found& found, Options& options) {
          if (found.value == Value{"error"} || found.value == Value{"miss"}) {
            options.on_decode_error =
                found.value == Value{"miss"} ? OnDecodeError::miss : OnDecodeError::error;
          } else {
            reading.wrong(found, "error or miss");
          }
        },
    .show =
        [](const Options& options) {
          return std::string{options.on_decode_error == OnDecodeError::miss ? "miss" : "error"};
        }};

constexpr OptionRow clear_timeout_row{.name = "CLEAR_TIMEOUT",
                                      .read =
                                          [](Reading& reading, const Found& found, Options& options) {
                                            if (const auto time = read_seconds(reading, found)) {
                                              options.clear_timeout = *time;
                                            }
                                          },
                                      .show = [](const Options& options) -> std::string {
                                        return options.clear_timeout ? shown_seconds(*options.clear_timeout)
                                                                     : "10 times CALL_TIMEOUT";
                                      }};

constexpr std::array<std::pair<std::string_view, ReplicaReads>, 4> replica_reads{
    {{"random", ReplicaReads::random},
     {"round_robin", ReplicaReads::round_robin},
     {"lowest_latency", ReplicaReads::lowest_latency},
     {"primary_preferred", ReplicaReads::primary_preferred}}};

constexpr OptionRow replica_reads_row{
    .name = "REPLICA_READS",
    .read =
        [](Reading& reading, const Found& found, Options& options) {
          for (const auto& [name, reads] : replica_reads) {
            if (found.value == Value{name}) {
              options.replica_reads = reads;
              return;
            }
          }
          reading.wrong(found, "random, round_robin, lowest_latency or primary_preferred");
        },
    .show =
        [](const Options& options) {
          const auto* const found =
              std::find_if(replica_reads.begin(), replica_reads.end(),
                           [&](const auto& each) { return each.second == options.replica_reads; });
          return std::string{found->first};
        }};

/// The option of a URL that says the same, for words; Python's numbers as these words.
template <std::size_t size>
void read_word(Reading& reading, const Found& found, std::string_view name,
               const std::array<std::pair<int, const char*>, size>& numbers, std::string_view allowed,
               UrlTls& tls) {
  Value word = found.value;
  for (const auto& [number, meaning] : numbers) {
    if (word == Value{number}) {
      word = Value{meaning};
    }
  }
  if (word.kind() != Value::Kind::text || read_tls_option(name, word.as_text(), tls)) {
    reading.wrong(found, allowed);
  }
}

constexpr OptionRow certificate_check_row{
    .name = "ssl_cert_reqs",
    .read =
        [](Reading& reading, const Found& found, Options& options) {
          if (found.value.is_none()) {
            options.tls.certificate_check = CertificateCheck::none;
            return;
          }
          constexpr std::array<std::pair<int, const char*>, 3> numbers{
              {{0, "none"}, {1, "optional"}, {2, "required"}}};
          UrlTls tls;
          read_word(reading, found, "ssl_cert_reqs", numbers, "none, optional or required", tls);
          options.tls.certificate_check = tls.certificate_check.value_or(options.tls.certificate_check);
        },
    .show = [](const Options& options) -> std::string {
      constexpr std::array<const char*, 3> names{"none", "optional", "required"};
      return names.at(static_cast<std::size_t>(options.tls.certificate_check));
    },
    .takes_null = true};

constexpr OptionRow minimum_version_row{
    .name = "ssl_min_version",
    .read =
        [](Reading& reading, const Found& found, Options& options) {
          constexpr std::array<std::pair<int, const char*>, 4> numbers{
              {{769, "TLSv1"}, {770, "TLSv1.1"}, {771, "TLSv1.2"}, {772, "TLSv1.3"}}};
          UrlTls tls;
          read_word(reading, found, "ssl_min_version", numbers, "TLSv1.2 or TLSv1.3", tls);
          options.tls.minimum_version = tls.minimum_version.value_or(options.tls.minimum_version);
        },
    .show = [](const Options& options) -> std::string {
      constexpr std::array<const char*, 4> names{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
      return names.at(static_cast<std::size_t>(options.tls.minimum_version));
    }};

constexpr OptionRow key_password_row{
    .name = "ssl_keyfile_password",
    .read =
        [](Reading& reading, const Found& found, Options& options) {
          if (auto password = read_text(reading, found)) {
            options.tls.key_password = [password = std::move(*password)] { return password; };
          }
        },
    .show = [](const Options& options) -> std::string { return options.tls.key_password ? "***" : "none"; },
    .is_secret = true};

constexpr std::array cache{timeout_row, text_row<&Options::key_prefix>("KEY_PREFIX"),
                           count_row<any, &Options::version>("VERSION")};

constexpr std::array redis{
    text_row<&Options::username>("USERNAME"),
    password_row,
    text_row<&Options::client_name>("CLIENT_NAME"),
    bool_row<&Options::client_info>("CLIENT_INFO"),
    decided_row<&Options::ignore_exceptions, &Defaults::ignore_exceptions>("IGNORE_EXCEPTIONS"),
    decided_row<&Options::log_ignored_exceptions, &Defaults::log_ignored_exceptions>(
        "LOG_IGNORED_EXCEPTIONS"),
    logger_row,
    chosen_seconds_row<&Options::connect_timeout>("SOCKET_CONNECT_TIMEOUT"),
    chosen_seconds_row<&Options::socket_timeout>("SOCKET_TIMEOUT"),
    seconds_row<&Options::call_timeout>("CALL_TIMEOUT"),
    clear_timeout_row,
    seconds_row<&Options::pool_timeout>("POOL_TIMEOUT"),
    zero_seconds_row<&Options::retry_on_startup>("RETRY_ON_STARTUP"),
    count_row<0, &Options::max_retries>("MAX_RETRIES"),
    count_row<0, &Options::breaker, &BreakerOptions::failures>("BREAKER_FAILURES"),
    seconds_row<&Options::breaker, &BreakerOptions::first_pause>("BREAKER_FIRST_PAUSE"),
    seconds_row<&Options::breaker, &BreakerOptions::longest_pause>("BREAKER_LONGEST_PAUSE"),
    zero_seconds_row<&Options::health_check_interval>("HEALTH_CHECK_INTERVAL"),
    seconds_row<&Options::max_idle_time>("MAX_IDLE_TIME"),
    count_row<1, &Options::max_connections>("MAX_CONNECTIONS"),
    bool_row<&Options::combine>("COMBINE"),
    count_row<1, &Options::shared_connections>("SHARED_CONNECTIONS"),
    count_row<1, &Options::max_calls_in_flight>("MAX_CALLS_IN_FLIGHT"),
    count_row<1, &Options::max_bytes_in_flight>("MAX_BYTES_IN_FLIGHT"),
    count_row<1, &Options::max_reply_bytes>("MAX_REPLY_BYTES"),
    count_row<1, &Options::max_decompressed_bytes>("MAX_DECOMPRESSED_BYTES"),
    on_decode_error_row,
    itersize_row,
    decided_row<&Options::close_connection, &Defaults::close_connection>("CLOSE_CONNECTION"),
    bool_row<&Options::replica_read_only>("REPLICA_READ_ONLY"),
    replica_reads_row,
    seconds_row<&Options::replica_pause>("REPLICA_PAUSE"),
    bool_row<&Options::herd>("HERD"),
    seconds_row<&Options::herd_timeout>("HERD_TIMEOUT"),
};

constexpr std::array tls_option_rows{
    certificate_check_row,
    bool_row<&Options::tls, &TlsOptions::check_hostname>("ssl_check_hostname"),
    text_row<&Options::tls, &TlsOptions::ca_file>("ssl_ca_certs"),
    text_row<&Options::tls, &TlsOptions::ca_directory>("ssl_ca_path"),
    text_row<&Options::tls, &TlsOptions::certificate_file>("ssl_certfile"),
    text_row<&Options::tls, &TlsOptions::key_file>("ssl_keyfile"),
    key_password_row,
    minimum_version_row,
    text_row<&Options::tls, &TlsOptions::ciphers>("ssl_ciphers"),
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> pool{
    {{"username", "USERNAME"},
     {"password", "PASSWORD"},
     {"client_name", "CLIENT_NAME"},
     {"socket_timeout", "SOCKET_TIMEOUT"},
     {"socket_connect_timeout", "SOCKET_CONNECT_TIMEOUT"},
     {"health_check_interval", "HEALTH_CHECK_INTERVAL"},
     {"max_connections", "MAX_CONNECTIONS"},
     {"timeout", "POOL_TIMEOUT"}}};  // of redis-py's BlockingConnectionPool

}  // namespace

std::span<const OptionRow> cache_rows() {
  return cache;
}
std::span<const OptionRow> redis_rows() {
  return redis;
}
std::span<const OptionRow> tls_rows() {
  return tls_option_rows;
}

std::string_view option_of_pool_key(std::string_view key) noexcept {
  const auto* const found =
      std::find_if(pool.begin(), pool.end(), [&](const auto& each) { return each.first == key; });
  return found == pool.end() ? std::string_view{} : found->second;
}

std::span<const std::string> pool_keys() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): never destroyed
  static const auto& keys = *new const std::vector<std::string>{[] {
    std::vector<std::string> out{"db", "retry_on_timeout"};
    for (const auto& each : pool) {
      out.emplace_back(each.first);
    }
    for (const OptionRow& row : tls_option_rows) {
      out.emplace_back(row.name);
    }
    return out;
  }()};
  return keys;
}

const OptionRow* find_row(std::span<const OptionRow> rows, std::string_view name) noexcept {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const OptionRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace rediscache::config
