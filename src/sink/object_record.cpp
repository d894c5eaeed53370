#include "tristrata/sink/object_record.hpp"

#include <algorithm>

namespace tristrata::sink {
namespace {

using core::ErrorKind;
using core::fail;

constexpr std::string_view beginning = "object 1 ";
constexpr std::string_view any_beginning = "object ";
constexpr std::size_t digits = 64;

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::string content_key(std::string_view sha256) {
    std::string key(content_prefix);
    key += '/';
    key += sha256.substr(0, 2);
    key += '/';
    return key += sha256;
}

Record encode(const ContentObject& object, bool crit) {
    Record record;
    record.record_class = RecordClass::object;
    record.bytes.reserve(beginning.size() + digits + 1 + object.bytes.size());
    record.bytes += beginning;
    record.bytes += object.sha256;
    record.bytes += '\n';
    record.bytes += object.bytes;
    record.crit = crit;
    return record;
}

core::Result<ContentObject> decode_object(const Record& record) {
    if (record.record_class != RecordClass::object)
        return fail(ErrorKind::invalid_input,
                    "not an object record: its class is " + std::string(name(record.record_class)));
    std::string_view bytes = record.bytes;
    if (!bytes.starts_with(beginning)) {
        if (bytes.starts_with(any_beginning))
            return fail(ErrorKind::conflict,
                        "the object record has a format that this program does not read; it reads 1");
        return fail(ErrorKind::invalid_input, "not an object record: it begins with something else");
    }
    bytes.remove_prefix(beginning.size());
    if (bytes.size() <= digits || bytes[digits] != '\n' ||
        !std::ranges::all_of(bytes.substr(0, digits), is_hexadecimal))
        return fail(ErrorKind::invalid_input, "not an object record: it names no SHA-256");
    ContentObject object{std::string(bytes.substr(0, digits)), std::string(bytes.substr(digits + 1))};
    if (const std::string found = core::sha256(object.bytes); found != object.sha256)
        return fail(ErrorKind::invalid_input, "the object record names the SHA-256 " + object.sha256 +
                                                  " and its bytes have " + found + ": it was damaged");
    return object;
}

}  // namespace tristrata::sink
