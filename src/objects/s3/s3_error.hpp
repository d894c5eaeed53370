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

/// What a failure concerns.
struct S3Place {
    std::string name;  ///< As a person may see it.
    std::string bucket;
    std::string scheme;                ///< "http" or "https"
    std::vector<std::string> secrets;  ///< Never stand in a message.
};

/// What a failure of S3 means for a caller, and what to do about it: by the words in `message`.
[[nodiscard]] core::Error error_of(std::string_view code, std::string_view message, const S3Place& place);
[[nodiscard]] core::Error error_of(const arrow::Status& status, const S3Place& place);

/// Whether a connection fails in the same way each time: its certificate, or no TLS where that is asked for.
[[nodiscard]] bool is_lasting(std::string_view message);

}  // namespace tristrata::objects
