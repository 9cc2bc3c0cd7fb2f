// How a RedisCache runs the calls on sets, hashes, sorted sets and lists, and what reading their replies
// takes.
#include <memory>
#include <string>
#include <utility>

#include <rediscache/detail/call.hpp>
#include <rediscache/detail/replies.hpp>
#include <rediscache/error.hpp>
#include <rediscache/redis_cache.hpp>

#include "base/text.hpp"
#include "cache/call_pages.hpp"
#include "cache/core.hpp"
#include "cache/operations/described.hpp"

namespace rediscache {

void RedisCache::run_call(const detail::Call& call, detail::ReadReply read, void* result) {
  if (!cache::asks_nothing(call)) {
    core().run(cache::Described{core(), call, read, result}, mode_);
  }
}

detail::Owned<detail::ReplyPages> RedisCache::walk_set(std::string_view key, const ScanOptions& options) {
  using Kind = detail::Argument::Kind;
  static_cast<void>(core());
  return std::make_unique<cache::CallPages>(
      core_, mode_, cache::CallPages::Walk{"SSCAN", Kind::key, Kind::match_element}, key, options);
}

detail::Owned<detail::ReplyPages> RedisCache::walk_hash(std::string_view name, const ScanOptions& options) {
  using Kind = detail::Argument::Kind;
  static_cast<void>(core());
  return std::make_unique<cache::CallPages>(
      core_, mode_, cache::CallPages::Walk{"HSCAN", Kind::name, Kind::match_field}, name, options);
}

namespace detail {

Argument count_to_pop(std::string_view command, std::int64_t count) {
  if (count < 0) {
    throw InvalidArgument{std::string{command} + ": count is " + std::to_string(count) +
                          ", and less than none cannot be taken"};
  }
  return {count};
}

void Decoder::decode(Reply& stored, const ValueTarget& target) const {
  core_->codec().decode(key_, stored.take_text(), target);
}

std::string Decoder::reverse(std::string_view made_field) const {
  return core_->keys().reverse(made_field);
}

void expect_pairs(const std::vector<Reply>& replies) {
  if (replies.size() % 2 != 0) {
    throw ValueError{"expected pairs, found an odd number"};
  }
}

void throw_popped(const DecodeError& error, std::vector<std::string> stored) {
  const std::string names_key = "key " + base::quoted(error.key()) + ": ";
  throw PoppedError{error.key(),
                    std::string{error.what()}.substr(names_key.size()) +
                        " (taken out, and so to be had from PoppedError::stored() only)",
                    std::move(stored)};
}

}  // namespace detail
}  // namespace rediscache
