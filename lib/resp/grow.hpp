// Longer text, without the zeros.
#pragma once

#include <cstddef>
#include <string>

namespace rediscache::resp {

/// Makes `text` `size` bytes long. What is new in it has no value until it is written: std::string::resize
/// would fill it with zeros first, which for a large value costs as much as receiving it.
void grow_unfilled(std::string& text, std::size_t size);

}  // namespace rediscache::resp
