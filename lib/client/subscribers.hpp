// What a cache may know of the subscribers that Client::subscribers() gives.
#pragma once

#include "net/subscriber.hpp"  // IWYU pragma: export
