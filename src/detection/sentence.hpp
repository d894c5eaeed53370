#pragma once

#include <string>

namespace tristrata::detection {

/// The text with a capital letter in front and a full stop behind; empty stays empty.
[[nodiscard]] std::string sentence(std::string text);

/// A share as per cent: .25 is "25 %".
[[nodiscard]] std::string percent(double share);

/// A p in a sentence: "p = 0.031", "p < 0.0001".
[[nodiscard]] std::string p_text(double p);

/// Why nothing is said to move: "chance explains it (p = 0.069 after correction)". Where alpha is not the
/// usual 0.05, p is held against it in the same sentence, with digits enough to tell them apart.
[[nodiscard]] std::string chance_explains(double p, double alpha);

}  // namespace tristrata::detection
