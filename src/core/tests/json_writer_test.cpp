#include "tristrata/core/json_writer.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

using namespace tristrata::core;

namespace {
std::string text_of(std::string_view text) {
    JsonWriter json;
    json.value(text);
    return json.take();
}
}  // namespace

TEST(JsonWriter, writes_the_worked_example) {
    JsonWriter json;
    json.begin_object();
    json.key("n");
    json.value(3);
    json.end_object();
    EXPECT_EQ(json.take(), R"({"n":3})");
}

TEST(JsonWriter, nests_and_separates) {
    JsonWriter json;
    json.begin_object();
    json.member("a", true);
    json.key("b");
    json.begin_array();
    json.value(1.5);
    json.null();
    json.value(std::optional<double>());
    json.value(std::optional<double>(2.0));
    json.end_array();
    json.end_object();
    EXPECT_EQ(json.take(), R"({"a":true,"b":[1.5,null,null,2]})");
}

TEST(JsonWriter, indents_when_asked_and_keeps_empty_containers_short) {
    JsonWriter json(JsonWriter::Style::indented);
    json.begin_object();
    json.key("a");
    json.begin_array();
    json.end_array();
    json.end_object();
    EXPECT_EQ(json.take(), "{\n  \"a\": []\n}");
}

TEST(JsonWriter, escapes_what_could_leave_a_string_or_a_script) {
    EXPECT_EQ(text_of("a\"b\\c\n\t\x01"), R"("a\"b\\c\n\t\u0001")");
    EXPECT_EQ(text_of("</script>"), R"("\u003c/script>")");
    EXPECT_EQ(text_of("\xE2\x80\xA8"), R"("\u2028")");
    EXPECT_EQ(text_of("a\u202Eb\u0085"), R"("a\u202eb\u0085")");
    EXPECT_EQ(text_of("é😀"), "\"é😀\"");
}

TEST(JsonWriter, bytes_that_are_not_utf8_become_the_replacement_character) {
    EXPECT_EQ(text_of("a\xff"), "\"a\xEF\xBF\xBD\"");
}

TEST(JsonWriter, a_number_that_is_not_finite_is_null_and_counted) {
    JsonWriter json;
    json.begin_array();
    json.value(std::numeric_limits<double>::infinity());
    json.value(std::optional(-std::numeric_limits<double>::infinity()));
    json.value(std::numeric_limits<double>::quiet_NaN());
    json.value(std::optional<double>());
    json.value(std::numeric_limits<double>::max());
    json.end_array();
    EXPECT_EQ(json.not_finite(), 3u);
    EXPECT_EQ(json.take(), "[null,null,null,null,1.7976931348623157e+308]");
}

TEST(Shortest, a_number_without_digits_has_a_name) {
    EXPECT_EQ(shortest(std::numeric_limits<double>::infinity()), "inf");
    EXPECT_EQ(shortest(-std::numeric_limits<double>::infinity()), "-inf");
    EXPECT_EQ(shortest(-std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(Shortest, digits_read_back_to_the_same_double) {
    EXPECT_EQ(shortest(0.1), "0.1");
    EXPECT_EQ(shortest(3.0), "3");
    std::mt19937_64 random{20230322};
    SCOPED_TRACE("seed 20230322");
    for (int i = 0; i < 2000; ++i) {
        const std::uint64_t bits = random();
        double number = 0;
        std::memcpy(&number, &bits, sizeof number);
        if (!(std::abs(number) <= std::numeric_limits<double>::max())) continue;
        EXPECT_EQ(std::strtod(shortest(number).c_str(), nullptr), number);
    }
}
