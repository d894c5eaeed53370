#pragma once

#include "tristrata/sink/sink.hpp"

#include <string>
#include <string_view>

namespace tristrata::sink {

/// Bytes named by what they are: a record of class object (docs/formats/record.md).
struct ContentObject {
    std::string sha256;  ///< 64 lower-case hexadecimal digits, of the bytes.
    std::string bytes;
};

/// What the keys of objects that are named by their content begin with.
inline constexpr std::string_view content_prefix = "payload/sha256";
/// Where an object that is named by its content lies: "payload/sha256/ab/ab…", of 64 digits.
[[nodiscard]] std::string content_key(std::string_view sha256);

/// One row; `crit` as the record of the same emit has it: both are taken in or none.
[[nodiscard]] Record encode(const ContentObject& object, bool crit);
/// invalid_input: it is no such record, or its bytes are not those that it names; conflict: a newer
/// program's.
[[nodiscard]] core::Result<ContentObject> decode_object(const Record& record);

}  // namespace tristrata::sink
