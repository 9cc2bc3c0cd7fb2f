// The part of a script that makes the next fencing token.
#pragma once

#include <string_view>

namespace rediscache::cache {

// A fencing token is the server's time in microseconds, or the last token plus 1 when the clock does not say
// more. Its key goes a day after the clock has passed it, so that it stays while the clock is behind and is
// never kept for ever. The clock is asked each time: a server that came back with old data, or a replica that
// took over, may know a last token that is not the last. Lua's numbers have 53 bits, enough for the time;
// what may be longer goes through as text. That is cheaper for the server too, as is a number written as
// text.

/// From `time`, the answer of TIME, and `fence`, the last token or false, with its key in ARGV[3]: `fence` is
/// the next one as text, or `failure` is the error of a token that cannot grow.
inline constexpr std::string_view next_fencing_token{
    "local micros = time[1] .. string.sub('00000' .. time[2], -6) "
    "local last = fence and (#fence > #micros or fence >= micros) and tonumber(fence) "
    "local failure "
    "if last and last >= tonumber(micros) then "
    "fence = redis.pcall('INCR', ARGV[3]) "
    "if type(fence) == 'table' then failure = fence "
    "else fence = redis.call('GET', ARGV[3]) "
    "redis.call('PEXPIREAT', ARGV[3], string.format('%.0f', math.floor(last / 1000) + 86400000)) end "
    "else fence = micros "
    "redis.call('SET', ARGV[3], fence, 'PX', '86400000') end "};

}  // namespace rediscache::cache
