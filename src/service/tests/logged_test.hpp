#pragma once

#include "tristrata/config/settings.hpp"
#include "tristrata/core/clock.hpp"
#include "tristrata/service/log.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace tristrata::service {

/// Settings, a clock that stands still until it is moved, and every line that is logged.
class LoggedTest : public ::testing::Test {
protected:
    config::Settings settings;
    core::ManualClock clock{core::Timestamp{1'700'000'000'000'000}};
    std::vector<std::string> lines;
    std::shared_ptr<Log> log = std::make_shared<Log>(
        LogFormat::text, clock, [this](std::string_view line) { lines.emplace_back(line); });
};

}  // namespace tristrata::service
