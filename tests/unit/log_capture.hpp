// A named logger whose messages a test can read.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

namespace rediscache::test {

/// Registers a logger under `name` while it lives.
class LogCapture {
 public:
  explicit LogCapture(std::string name) : name_{std::move(name)}, sink_{std::make_shared<Sink>()} {
    spdlog::drop(name_);
    spdlog::register_logger(std::make_shared<spdlog::logger>(name_, sink_));
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
  ~LogCapture() { spdlog::drop(name_); }

  struct Message {
    spdlog::level::level_enum level;
    std::string text;
  };
  [[nodiscard]] const std::vector<Message>& messages() const noexcept { return sink_->messages; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  struct Sink final : spdlog::sinks::base_sink<std::mutex> {
    std::vector<Message> messages{};

   protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
      messages.push_back({message.level, std::string{message.payload.data(), message.payload.size()}});
    }
    void flush_() override {}
  };

  std::string name_;
  std::shared_ptr<Sink> sink_;
};

}  // namespace rediscache::test
