#include "cache/many_reader.hpp"

#include <optional>
#include <string>
#include <utility>

#include <rediscache/value.hpp>

namespace rediscache::cache {

void ManyReader::take(std::span<Reply> elements, std::span<const std::uint32_t> positions) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    read(elements[i], positions[i]);
  }
}

void ManyReader::take_all(std::span<Reply> elements) {
  targets_.expect(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    read(elements[i], i);
  }
}

void ManyReader::read(Reply& element, std::size_t position) {
  if (element.is_nil() || element.is_unanswered()) {
    return;
  }
  struct Entry {
    const StoredForm& form;
    std::string_view key;
    Reply& reply;
    std::optional<Value> value;
  };
  Entry entry{form_, keys_[position], element, {}};
  if (form_.herd() != nullptr && element.type() == Reply::Type::text) {
    std::string stored = element.take_text();
    if (!form_.open(stored, entry.value)) {
      return;
    }
    element.set_text() = std::move(stored);
  }
  targets_.add(
      position, entry.key,
      [](const ValueTarget& target, void* context) {
        auto& found = *static_cast<Entry*>(context);
        found.form.decode(found.key, found.reply.take_text(), std::move(found.value), target);
      },
      &entry);
}

}  // namespace rediscache::cache
