#pragma once

#include "tristrata/core/result.hpp"

#include <arrow/status.h>
#include <string>
#include <string_view>
#include <vector>

namespace tristrata::objects {

/// The word for an error that stands in a message of Arrow's: "ACCESS_DENIED" of "… AWS Error ACCESS_DENIED
/// during HeadObject operation: …"; empty where there is none.
[[nodiscard]] std::string_view aws_error_of(std::string_view message);

/// What a failure of S3 means for a caller, and what to do about it: by the words in `message`. `secrets`
/// never stand in it.
[[nodiscard]] core::Error error_of(std::string_view code, std::string_view message, std::string_view place,
                                   std::string_view bucket, const std::vector<std::string>& secrets);
[[nodiscard]] core::Error error_of(const arrow::Status& status, std::string_view place,
                                   std::string_view bucket, const std::vector<std::string>& secrets);

}  // namespace tristrata::objects
