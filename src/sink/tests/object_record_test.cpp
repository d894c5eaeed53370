#include "tristrata/sink/object_record.hpp"

#include <gtest/gtest.h>

using namespace tristrata;
using namespace tristrata::sink;

namespace {

ContentObject object_of(std::string bytes) {
    std::string sha256 = core::sha256(bytes);
    return {std::move(sha256), std::move(bytes)};
}

}  // namespace

TEST(ObjectRecord, is_a_line_and_the_bytes) {
    const auto record = encode(object_of("abc"), true);
    EXPECT_EQ(record.bytes, "object 1 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nabc");
    EXPECT_EQ(record.record_class, RecordClass::object);
    EXPECT_EQ(record.rows, 1u);
    EXPECT_TRUE(record.crit);
}

TEST(ObjectRecord, any_bytes_come_back) {
    for (const std::string& bytes :
         {std::string(), std::string("a\0\n\xff", 4), std::string(1'000'000, 'x')}) {
        const auto object = decode_object(encode(object_of(bytes), false));
        ASSERT_TRUE(object) << object.error().message;
        EXPECT_EQ(object->bytes, bytes);
    }
}

TEST(ObjectRecord, lies_below_the_first_two_digits_of_its_hash) {
    EXPECT_EQ(content_key(core::sha256("abc")),
              "payload/sha256/ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ObjectRecord, bytes_that_are_not_what_it_names_are_refused) {
    auto record = encode(object_of("abc"), false);
    record.bytes.back() = 'd';
    const auto object = decode_object(record);
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().kind, core::ErrorKind::invalid_input);
}

TEST(ObjectRecord, what_is_no_record_of_this_format_is_told_apart) {
    const std::string zeros(64, '0');
    const auto kind_of = [](std::string bytes) {
        return decode_object({RecordClass::object, std::move(bytes)}).error().kind;
    };
    EXPECT_EQ(kind_of("object 2 " + zeros + "\n"), core::ErrorKind::conflict);
    for (const auto& bytes :
         {std::string(), std::string("{}"), "object 1 " + zeros, "object 1 " + zeros.substr(1) + "\n",
          "object 1 " + std::string(64, 'A') + "\n", "object 1 " + std::string(64, 'g') + "\n"})
        EXPECT_EQ(kind_of(bytes), core::ErrorKind::invalid_input) << bytes;
    EXPECT_EQ(decode_object({RecordClass::drift, "object 1 "}).error().kind, core::ErrorKind::invalid_input);
}
