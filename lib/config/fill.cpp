#include "config/fill.hpp"

#include <algorithm>

namespace rediscache::config {
namespace {

bool is_name(std::string_view text) noexcept {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

Filled fill(std::string_view text, const SettingsSources& sources) {
  constexpr std::string_view default_mark = ":-";
  Filled filled;
  while (true) {
    const std::size_t dollar = text.find("${");
    if (dollar == std::string_view::npos) {
      filled.text += text;
      return filled;
    }
    if (dollar > 0 && text[dollar - 1] == '$') {
      filled.text += text.substr(0, dollar - 1);
      filled.text += "${";
      text.remove_prefix(dollar + 2);
      continue;
    }
    filled.text += text.substr(0, dollar);
    text.remove_prefix(dollar + 2);
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      filled.problem = "has a ${ without its }; a literal ${ is written $${";
      return filled;
    }
    const std::string_view inside = text.substr(0, end);
    const std::size_t mark = inside.find(default_mark);
    const std::string name{inside.substr(0, mark)};
    if (!is_name(name)) {
      filled.problem =
          "has a ${...} that is not the name of a variable: write ${NAME} or ${NAME:-default}, and $${ for a "
          "literal ${";
      return filled;
    }
    filled.names_variables = true;
    const std::optional<std::string> value = sources.variable(name);
    if (value && !(value->empty() && mark != std::string_view::npos)) {
      filled.text += *value;
      filled.variables.push_back(name);
    } else if (mark != std::string_view::npos) {
      filled.text += inside.substr(mark + default_mark.size());
    } else {
      filled.problem = "names the environment variable ";
      filled.problem.append(name).append(", which is not set; set it, or write ${").append(name);
      filled.problem += ":-default}";
      return filled;
    }
    text.remove_prefix(end + 1);
  }
}

}  // namespace rediscache::config
