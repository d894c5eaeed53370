#include "tristrata/config/sensitive.hpp"

#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <string>

using namespace tristrata;
using config::SensitivePatterns;

TEST(Sensitive, each_built_in_pattern_knows_its_values_and_leaves_words_alone) {
    const SensitivePatterns patterns;
    const std::pair<std::string, std::string> values[]{
        {"jane@example.com", "e-mail address"},
        {"see postgresql://me:secret@host/db", "URL with a password"},
        {"AKIAABCDEFGHIJKLMNOP", "AWS access key"},
        {"-----BEGIN RSA PRIVATE KEY-----", "private key"},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "JSON web token"},
        {"0x" + std::string(40, 'a'), "wallet address"},
        {"ghp_0123456789abcdef", "token of GitHub"},
        {"xoxb-0123456789abcdef", "token of Slack"},
        {"401 of {'Authorization': 'Bearer hunter2abc'}", "authorization header"},
        {"authorization: Basic dTpodW50ZXIy", "authorization header"},
    };
    for (const auto& [value, name] : values) EXPECT_EQ(patterns.match(value), name) << value;
    for (const char* word : {"", "BTCUSDT", "a @ b", "https://example.com/page", "0x12", "night",
                             "send Authorization: Bearer TOKEN"})
        EXPECT_FALSE(patterns.match(word)) << word;
}

TEST(Sensitive, a_member_that_names_a_secret_is_found_in_a_text_and_a_word_that_does_not_is_not) {
    for (const char* text : {"{'password': 'x'}", R"({"API_Key" : "x"})", "{'a': {'tokens': ['x']}}",
                             "password=x", "env AWS_SECRET_ACCESS_KEY=x python run.py", "db_password: x",
                             "run.py --api-token x", "a;API_KEY=x"})
        EXPECT_TRUE(config::holds_a_secret(text)) << text;
    for (const char* text : {"KeyError: 'fold'", "{'fold': 3}", "{3: 'a key'}", "the password", "{'key'", "",
                             "key: open_time", "unexpected token: }", "sorted(rows, key=len)",
                             "if token == x", "password:", "--tokens", "a-key b"})
        EXPECT_FALSE(config::holds_a_secret(text)) << text;
    EXPECT_TRUE(config::names_a_secret("refreshToken"));
    EXPECT_FALSE(config::names_a_secret("crypto"));
}

TEST(Sensitive, a_file_adds_patterns_and_one_that_is_none_is_refused_with_its_place) {
    const auto file = std::filesystem::temp_directory_path() / "tristrata_sensitive_test.toml";
    const auto read = [&](const char* text) {
        std::ofstream(file) << text;
        return SensitivePatterns::read(file);
    };
    const auto patterns = read("[patterns]\nticket = \"TICKET-[0-9]+\"\n");
    ASSERT_TRUE(patterns) << patterns.error().message;
    EXPECT_EQ(patterns->match("see TICKET-17"), "ticket");
    EXPECT_EQ(patterns->match("jane@example.com"), "e-mail address");
    const auto refused = read("[patterns]\nbad = \"(\"\n");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("bad"), std::string::npos) << refused.error().message;
    std::filesystem::remove(file);
}
