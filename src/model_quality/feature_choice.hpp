#pragma once

#include "loading.hpp"

#include <set>
#include <string>
#include <vector>

namespace tristrata::model_quality {

/// The columns of both sides that have no role of their own (`roles`: target, prediction, probability, key,
/// time); every other one of the reference is named in `notes`.
[[nodiscard]] std::vector<std::string> shared_columns(const dataset::Schema& reference,
                                                      const dataset::Schema& current,
                                                      const std::set<std::string>& roles,
                                                      std::vector<std::string>& notes);

/// Why a column says which row it is of and not what is in the row, or why a tree can know nothing of it in
/// current; empty for a feature. In this order:
///
/// time      Moments, or text whose every label is one.
/// key       Whole numbers that repeat far less than numbers drawn as densely do: the sorted values are cut
///           into blocks of √n; m values over a range of r whole numbers let m(m - 1)/2r pairs be equal. A
///           key has at most a tenth of the pairs, where ten or more are to be expected (Poisson: .0005 by
///           chance). Numbers over so wide a range that none would repeat are kept, as continuous ones are.
///           Text of which 95 % of the values differ.
/// row       Numbers that go with the row: rank correlation with its number at least .99, on both sides in
///           the same direction, so that a file sorted by a feature keeps it. A sorted column of seven values
///           or fewer does not reach .99.
/// outside   95 % of current's numbers lie below the reference's least or above its greatest, or 95 % of
///           current's labels were never seen.
///
/// Missing and infinite values are left out of all of it; where current has no value, nothing goes with its
/// rows or lies outside. A column with one value in current is taken to go with the rows where the
/// reference's does.
///
/// Cost      O(n log n).
[[nodiscard]] std::string why_no_feature(const dataset::Column& reference, const dataset::Column& current);

/// Takes the columns with such a reason from the features of both sides, and says so in the notes.
void leave_out_no_features(Loaded& loaded);

}  // namespace tristrata::model_quality
