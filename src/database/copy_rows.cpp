#include "tristrata/database/copy_rows.hpp"

#include <bit>

namespace tristrata::database {
namespace {

using namespace std::string_view_literals;

// Signature, flags, no extension.
constexpr std::string_view header = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"sv;
/// PostgreSQL counts from 2000-01-01.
constexpr std::int64_t epoch_2000 = 946'684'800'000'000;

}  // namespace

template <class Number>
void CopyRows::big_endian(Number value) {
    for (std::size_t i = sizeof value; i-- > 0;)
        bytes_ += static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xffu);
}

CopyRows::CopyRows() : bytes_(header) {}

void CopyRows::row(std::int16_t fields) { big_endian(fields); }
void CopyRows::null() { big_endian(std::int32_t{-1}); }
void CopyRows::uuid(const core::Uuid& value) {
    big_endian(std::int32_t{16});
    bytes_.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}
void CopyRows::text(std::string_view value) {
    big_endian(static_cast<std::int32_t>(value.size()));
    bytes_ += value;
}
void CopyRows::json(std::string_view value) {
    big_endian(static_cast<std::int32_t>(value.size() + 1));
    bytes_ += '\1';
    bytes_ += value;
}
void CopyRows::time(core::Timestamp value) { integer(value.microseconds - epoch_2000); }
void CopyRows::real(double value) {
    big_endian(std::int32_t{8});
    big_endian(std::bit_cast<std::int64_t>(value));
}
void CopyRows::integer(std::int64_t value) {
    big_endian(std::int32_t{8});
    big_endian(value);
}
void CopyRows::small(std::int16_t value) {
    big_endian(std::int32_t{2});
    big_endian(value);
}
void CopyRows::boolean(bool value) {
    big_endian(std::int32_t{1});
    bytes_ += value ? '\1' : '\0';
}

std::string CopyRows::finish() {
    big_endian(std::int16_t{-1});
    std::string whole = std::move(bytes_);
    bytes_ = header;
    return whole;
}

}  // namespace tristrata::database
