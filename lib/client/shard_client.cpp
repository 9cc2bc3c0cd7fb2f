#include "client/shard_client.hpp"

#include <utility>

#include "client/combined_statistics.hpp"
#include "client/scatter.hpp"
#include "proto/shard_plan.hpp"

namespace rediscache::client {
namespace {

/// The failure of the whole: the first of the parts', partial when another one was answered.
std::optional<Failure> failure_of(std::span<Part> parts) {
  std::optional<Failure> first;
  std::size_t asked = 0;
  std::size_t failed = 0;
  for (Part& part : parts) {
    asked += part.commands.empty() ? 0 : 1;
    if (!part.failure) {
      continue;
    }
    ++failed;
    for (Reply& reply : part.replies) {
      reply.set_unanswered();
    }
    if (!first) {
      first = std::move(part.failure);
    }
  }
  if (first) {
    first->partial = failed < asked;
    if (failed > 1) {
      first->message +=
          " (" + std::to_string(failed) + " of " + std::to_string(asked) + " shards asked did not answer)";
    }
  }
  return first;
}

/// Gives the elements of a divided command to the one who wants them as they come, if there is one.
class ElementsAsTheyCome {
 public:
  ElementsAsTheyCome(const Commands& commands, const proto::ShardPlan& plan, std::span<Part> parts)
      : plan_{plan}, parts_{parts} {
    if (plan.divides_elements()) {
      sink_ = commands.element_sink();
      handed_out_.resize(parts.size());
    }
  }

  void get_ready() {
    if (sink_ != nullptr && !sink_->get_ready()) {
      sink_ = nullptr;
    }
  }
  /// Of a part that was answered, or is not.
  void hand_out(std::size_t shard) {
    Part& part = parts_[shard];
    if (sink_ == nullptr || part.commands.empty() || part.failure || handed_out_[shard]) {
      return;
    }
    const auto positions = plan_.element_positions(shard);
    Reply& reply = part.replies.front();
    // Anything else is left for who puts the replies together: that is what the call ends with.
    if (reply.type() == Reply::Type::array && reply.as_array().size() >= positions.size()) {
      handed_out_[shard] = true;
      sink_->take(std::span{reply.as_array()}.first(positions.size()), positions);
    }
  }
  /// True when nothing remains, and nobody has to put the reply together.
  [[nodiscard]] bool hand_out_rest(std::span<Reply> replies) {
    bool all = sink_ != nullptr;
    for (std::size_t shard = 0; all && shard < parts_.size(); ++shard) {
      hand_out(shard);
      const Part& part = parts_[shard];
      all = handed_out_[shard] || part.commands.empty() || part.replies.front().is_unanswered();
    }
    if (all) {
      replies.front().set_unanswered();
    }
    return all;
  }

 private:
  const proto::ShardPlan& plan_;
  std::span<Part> parts_;
  ElementSink* sink_ = nullptr;
  std::vector<bool> handed_out_;
};

}  // namespace

ShardClient::ShardClient(ShardClientSettings settings) : ring_{settings.locations} {
  for (DefaultClientSettings& server : settings.servers) {
    shards_.push_back(std::make_unique<DefaultClient>(std::move(server)));
  }
}

std::optional<Failure> ShardClient::execute(const Commands& commands, std::span<Reply> replies,
                                            Deadline deadline) {
  if (commands.size() == 1 && commands.key_count(0) == 1) {  // nearly all calls are
    return shards_[ring_.shard_of(commands.first_key(0))]->execute(commands, replies, deadline);
  }
  const proto::ShardPlan plan{commands, ring_, shards_.size()};
  if (const auto only = plan.only_shard()) {
    return shards_[*only]->execute(commands, replies, deadline);
  }
  std::vector<Part> parts(shards_.size());
  for (std::size_t shard = 0; shard < parts.size(); ++shard) {
    parts[shard].client = shards_[shard].get();
  }
  ElementsAsTheyCome elements{commands, plan, parts};
  exchange_all(parts,
               {.fill = [&](std::size_t shard) { plan.split(shard, parts[shard].commands); },
                .sent = [&] { elements.get_ready(); },
                .landed = [&](std::size_t shard) { elements.hand_out(shard); }},
               deadline);
  auto failure = failure_of(parts);
  if ((!failure || failure->partial) && !elements.hand_out_rest(replies)) {
    std::vector<std::span<Reply>> answers;
    answers.reserve(parts.size());
    for (Part& part : parts) {
      answers.emplace_back(part.replies);
    }
    plan.merge(answers, replies);
  }
  return failure;
}

void ShardClient::close() noexcept {
  for (const auto& shard : shards_) {
    shard->close();
  }
}

ClientStatistics ShardClient::statistics() const {
  ClientStatistics sum{.servers = 0};
  for (const auto& shard : shards_) {
    add(sum, shard->statistics());
  }
  return sum;
}

std::string ShardClient::server() const {
  std::string names;
  for (const auto& shard : shards_) {
    names += (names.empty() ? "" : " or ") + shard->server();
  }
  return names;
}

bool ShardClient::same_server(std::string_view key, std::string_view other) const {
  return ring_.shard_of(key) == ring_.shard_of(other);
}

std::vector<std::shared_ptr<net::Subscriber>> ShardClient::subscribers(
    SubscriberUse use, std::optional<std::string_view> channel) {
  if (channel) {
    return shards_[ring_.shard_of(*channel)]->subscribers(use, channel);
  }
  std::vector<std::shared_ptr<net::Subscriber>> all;
  for (const auto& shard : shards_) {
    for (auto& each : shard->subscribers(use, channel)) {
      all.push_back(std::move(each));
    }
  }
  return all;
}

}  // namespace rediscache::client
