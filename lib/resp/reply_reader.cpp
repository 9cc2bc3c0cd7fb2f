#include "resp/reply_reader.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

extern "C" {  // first, for the other headers include this one, which alone does not say that it is C
#include <hiredis/sds.h>
}
#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include "base/text.hpp"
#include "resp/grow.hpp"

// hiredis 1.0 put a prefix before the names of its string library.
#if HIREDIS_MAJOR >= 1
#define REDISCACHE_SDS(name) hi_##name
#else
#define REDISCACHE_SDS(name) name
#endif

namespace rediscache::resp {
namespace {

constexpr std::size_t receive_bytes = 16 * 1024;
/// A bulk string that has not arrived whole is received in place from this size on.
constexpr std::size_t large_bulk_bytes = 16 * 1024;
/// So much is made room for at once, beyond what was trusted.
constexpr std::size_t large_piece_bytes = 256 * 1024;
/// Memory taken on the word of the server, before the bytes are there.
constexpr std::size_t trusted_bytes = 64 * 1024 * 1024;
constexpr std::size_t trusted_elements = 1024;
/// Arrays within arrays; Redis itself needs four.
constexpr int deepest_array = 8;
/// A buffer beyond this is given back once it is empty.
constexpr std::size_t kept_buffer_bytes = 1024 * 1024;

}  // namespace

/// hiredis's reader and the functions it calls for every object it has read.
struct ReplyReader::Hiredis {
  Hiredis(ReplyReader& owner) : reader{redisReaderCreateWithFunctions(&functions())}, root{&owner.current_} {
    if (reader == nullptr) {
      throw std::bad_alloc{};
    }
    reader->privdata = this;
  }
  Hiredis(const Hiredis&) = delete;
  Hiredis& operator=(const Hiredis&) = delete;
  ~Hiredis() { redisReaderFree(reader); }

  /// The reply that a task is about: the root, or a new element of its parent.
  static Reply* place(const redisReadTask* task, std::size_t bytes) {
    auto& self = *static_cast<Hiredis*>(task->privdata);
    const std::size_t needed = bytes + sizeof(Reply);
    if (needed > self.budget) {
      self.over_budget = true;
      return nullptr;
    }
    self.budget -= needed;
    if (task->parent == nullptr) {
      return self.root;
    }
    return &static_cast<Reply*>(task->parent->obj)->as_array().emplace_back();
  }

  /// hiredis is C: no exception may pass through it, and a null object tells it to stop.
  template <class Fill>
  static void* create(const redisReadTask* task, std::size_t bytes, Fill fill) noexcept {
    try {
      Reply* const reply = place(task, bytes);
      if (reply != nullptr) {
        fill(*reply);
      }
      return reply;
    } catch (const std::bad_alloc&) {
      static_cast<Hiredis*>(task->privdata)->out_of_memory = true;
      return nullptr;
    }
  }

  static int depth_of(const redisReadTask* task) noexcept {
    int depth = 1;
    for (; task->parent != nullptr; task = task->parent) {
      ++depth;
    }
    return depth;
  }

  static void* create_string(const redisReadTask* task, char* text, std::size_t length) {
    return create(task, length, [&](Reply& reply) {
      const auto type = task->type == REDIS_REPLY_ERROR    ? Reply::Type::error
                        : task->type == REDIS_REPLY_STATUS ? Reply::Type::status
                                                           : Reply::Type::text;
      reply.set_text(type, {text, length});
    });
  }
#if HIREDIS_MAJOR >= 1
  static void* create_array(const redisReadTask* task, std::size_t elements) {
#else
  static void* create_array(const redisReadTask* task, int count) {
    const auto elements = static_cast<std::size_t>(std::max(count, 0));
#endif
    if (auto& self = *static_cast<Hiredis*>(task->privdata); elements > self.budget / sizeof(Reply)) {
      self.over_budget = true;  // at once: waiting for what will be refused helps nobody
      return nullptr;
    }
    if (depth_of(task) > deepest_array) {  // hiredis 0.14 stops here, later ones go on
      return nullptr;
    }
    return create(task, 0,
                  [&](Reply& reply) { reply.set_array().reserve(std::min(elements, trusted_elements)); });
  }
  static void* create_integer(const redisReadTask* task, long long value) {
    return create(task, 0, [&](Reply& reply) { reply.set_integer(value); });
  }
  static void* create_nil(const redisReadTask* task) {
    return create(task, 0, [](Reply& reply) { reply.set_nil(); });
  }
#if HIREDIS_MAJOR >= 1
  // RESP3 only, which we never ask for: kept readable rather than refused.
  static void* create_double(const redisReadTask* task, double, char* text, std::size_t length) {
    return create_string(task, text, length);
  }
  static void* create_bool(const redisReadTask* task, int value) { return create_integer(task, value); }
#endif
  static void free_object(void*) {}  // every object lives inside the root

  static redisReplyObjectFunctions& functions() {
    static redisReplyObjectFunctions functions = [] {
      redisReplyObjectFunctions made{};
      made.createString = create_string;
      made.createArray = create_array;
      made.createInteger = create_integer;
      made.createNil = create_nil;
#if HIREDIS_MAJOR >= 1
      made.createDouble = create_double;
      made.createBool = create_bool;
#endif
      made.freeObject = free_object;
      return made;
    }();
    return functions;
  }

  [[nodiscard]] bool at_reply_start() const noexcept { return reader->ridx == -1; }
  [[nodiscard]] std::string_view unread() const noexcept {
    return {reader->buf + reader->pos, reader->len - reader->pos};
  }

  redisReader* reader;
  Reply* root;
  std::size_t budget = 0;
  bool over_budget = false;
  bool out_of_memory = false;
};

ReplyReader::ReplyReader(std::size_t max_reply_bytes)
    : hiredis_{std::make_unique<Hiredis>(*this)}, max_reply_bytes_{max_reply_bytes} {
  hiredis_->budget = max_reply_bytes_;
}

ReplyReader::~ReplyReader() = default;

std::span<char> ReplyReader::space() {
  if (!error_.empty()) {
    return ignored_;
  }
  if (large_text_ != nullptr) {
    std::string& text = *large_text_;
    if (text.size() == large_received_) {
      grow_unfilled(text, std::min(large_total_, large_received_ + large_piece_bytes));
    }
    return {text.data() + large_received_, text.size() - large_received_};
  }
  redisReader& reader = *hiredis_->reader;
  if (reader.pos == reader.len) {
    if (reader.buf == nullptr || REDISCACHE_SDS(sdsalloc)(reader.buf) > kept_buffer_bytes) {
      REDISCACHE_SDS(sdsfree)(reader.buf);
      reader.buf = REDISCACHE_SDS(sdsempty)();
    } else {
      REDISCACHE_SDS(sdsclear)(reader.buf);
    }
    reader.pos = reader.len = 0;
  }
  // While much is waiting for its end, twice as much may come before the next look.
  const std::size_t wanted = std::clamp(reader.len - reader.pos, receive_bytes, kept_buffer_bytes);
  if (reader.buf == nullptr || REDISCACHE_SDS(sdsavail)(reader.buf) < wanted) {
    char* const bigger = reader.buf == nullptr ? nullptr : REDISCACHE_SDS(sdsMakeRoomFor)(reader.buf, wanted);
    if (bigger == nullptr) {
      throw std::bad_alloc{};
    }
    reader.buf = bigger;
  }
  const std::size_t room = std::min(REDISCACHE_SDS(sdsavail)(reader.buf), 2 * kept_buffer_bytes);
  return {reader.buf + reader.len, room};
}

void ReplyReader::received(std::size_t count) {
  if (!error_.empty()) {
    return;
  }
  if (large_text_ != nullptr) {
    large_received_ += count;
    return;
  }
  redisReader& reader = *hiredis_->reader;
  REDISCACHE_SDS(sdsIncrLen)(reader.buf, static_cast<int>(count));
  reader.len += count;
}

ReplyReader::Progress ReplyReader::next(Reply& reply) {
  if (!error_.empty()) {
    return Progress::broken;
  }
  if (large_text_ != nullptr) {
    return next_large_bulk(reply);
  }
  Hiredis& hiredis = *hiredis_;
  if (hiredis.at_reply_start()) {
    switch (look_at_start()) {
      case Start::nothing_yet:
        return Progress::incomplete;
      case Start::large_bulk:
        return error_.empty() ? next_large_bulk(reply) : Progress::broken;
      case Start::for_hiredis:
        break;
    }
  }
  void* object = nullptr;
  if (redisReaderGetReply(hiredis.reader, &object) != REDIS_OK) {
    if (hiredis.out_of_memory) {
      fail("memory ran out");
      throw std::bad_alloc{};
    }
    if (hiredis.over_budget) {
      return fail(too_large());
    }
    return fail(std::string{"not a reply of a Redis server: "} + hiredis.reader->errstr);
  }
  if (object == nullptr) {
    // A bulk string is only counted once it is whole: bound what waits for that.
    return hiredis.unread().size() > max_reply_bytes_ ? fail(too_large()) : Progress::incomplete;
  }
  hiredis.budget = max_reply_bytes_;
  reply = std::move(current_);
  return Progress::complete;
}

bool ReplyReader::idle() const noexcept {
  return error_.empty() && large_text_ == nullptr && hiredis_->at_reply_start() && hiredis_->unread().empty();
}

/// Takes over from hiredis when the next reply is a large bulk string of which a part is still to come. Once
/// hiredis has begun a reply it must end it, so it only gets to see one whose beginning tells which it is.
ReplyReader::Start ReplyReader::look_at_start() {
  constexpr std::size_t shortest_large_header = std::string_view{"$16384\r\n"}.size();
  constexpr std::size_t longest_bulk_header = 32;
  redisReader& reader = *hiredis_->reader;
  const std::string_view unread = hiredis_->unread();
  if (unread.empty()) {
    return Start::nothing_yet;
  }
  if (unread.front() != '$') {
    return Start::for_hiredis;
  }
  const std::size_t header_end = unread.substr(0, longest_bulk_header).find("\r\n");
  if (header_end == std::string_view::npos) {
    return unread.size() < longest_bulk_header ? Start::nothing_yet : Start::for_hiredis;
  }
  if (header_end + 2 < shortest_large_header) {
    return Start::for_hiredis;
  }
  const auto length = base::parse_unsigned(unread.substr(1, header_end - 1));
  const std::string_view there = unread.substr(header_end + 2);
  // hiredis refuses a length with leading zeros, and has to get to see it.
  if (!length || unread[1] == '0' || *length < large_bulk_bytes || there.size() >= *length + 2) {
    return Start::for_hiredis;
  }
  if (*length > max_reply_bytes_ || max_reply_bytes_ - *length < sizeof(Reply)) {
    fail(too_large());
    return Start::large_bulk;
  }
  large_total_ = static_cast<std::size_t>(*length) + 2;
  large_text_ = &current_.set_text();
  large_text_->reserve(std::min(large_total_, trusted_bytes));
  large_text_->assign(there);
  large_received_ = there.size();
  reader.pos = reader.len;
  return Start::large_bulk;
}

std::string ReplyReader::too_large() const {
  return "the reply is larger than max_reply_bytes (" + std::to_string(max_reply_bytes_) + ")";
}

ReplyReader::Progress ReplyReader::next_large_bulk(Reply& reply) {
  if (large_received_ < large_total_) {
    return Progress::incomplete;
  }
  if (!large_text_->ends_with("\r\n")) {
    return fail("not a reply of a Redis server: a bulk string does not end where it said");
  }
  large_text_->resize(large_total_ - 2);
  large_text_ = nullptr;
  reply = std::move(current_);
  return Progress::complete;
}

ReplyReader::Progress ReplyReader::fail(std::string why) {
  error_ = std::move(why);
  return Progress::broken;
}

}  // namespace rediscache::resp
