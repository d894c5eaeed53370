#pragma once

#include "tristrata/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tristrata::report {

/// The cases of one command as JUnit XML, in the order in which they are added. Texts go in as they came.
class JUnitSuite {
public:
    /// "drift check", and the class of its cases, "drift".
    JUnitSuite(std::string_view command, std::string_view noun) : command_(command), noun_(noun) {}

    void describe(std::string_view name, std::string_view value);
    enum class Ending : std::uint8_t { passed, failed, skipped };
    /// `type` is a failure's. A name that was given before gets its number behind it.
    void add(std::string_view name, Ending ending, std::string_view type, std::string_view message);
    [[nodiscard]] std::string finish(core::Timestamp created_at) const;

private:
    std::string command_, noun_;
    std::size_t tests_ = 0, failures_ = 0, skipped_ = 0;
    std::string properties_, cases_;
    std::map<std::string, std::size_t, std::less<>> times_;  ///< How often a name was given.
};

}  // namespace tristrata::report
