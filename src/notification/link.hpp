#pragma once

#include <string>
#include <string_view>

namespace tristrata::notification {

/// A link as an Alertmanager takes it, which refuses the alert otherwise: an absolute URL, without the
/// credentials that it holds.
///
/// Returns   Empty where it is none by the rules of Go's url.ParseRequestURI: a control character or blank,
/// no
///           scheme or host, a character or an escape that no host has, a port that is no number, an escape
///           that is none. Where credentials were hidden before, too: what follows the mark may be no host.
///           What an older or newer Go takes and this does not is left out as well.
/// Example   "http://u:p@prom:9090/graph" gives "http://prom:9090/graph" (tests/link_test.cpp).
[[nodiscard]] std::string link_of(std::string_view url);

}  // namespace tristrata::notification
