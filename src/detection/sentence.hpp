#pragma once

#include <string>

namespace tristrata::detection {

/// The text with a capital letter in front and a full stop behind; empty stays empty.
[[nodiscard]] std::string sentence(std::string text);

/// A p in a sentence: "p = 0.031", "p < 0.0001".
[[nodiscard]] std::string p_text(double p);

}  // namespace tristrata::detection
