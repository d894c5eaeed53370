#pragma once

#include "tristrata/core/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tristrata::objects {

/// Closes its descriptor.
class Descriptor {
public:
    explicit Descriptor(int number = -1) noexcept : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept;
    [[nodiscard]] int number() const noexcept { return number_; }
    [[nodiscard]] bool valid() const noexcept { return number_ >= 0; }

private:
    int number_;
};

/// An error of kind storage (or not_found) with errno, and what to do about those that tell.
[[nodiscard]] tl::unexpected<core::Error> refused_by_system(std::string_view what, const std::string& path,
                                                            int code);

[[nodiscard]] core::Status write_all(int descriptor, std::string_view bytes, const std::string& path);
/// Up to so many bytes from where the descriptor stands; fewer only at the end.
[[nodiscard]] core::Result<std::string> read_some(int descriptor, std::size_t bytes_max,
                                                  const std::string& path);

inline constexpr std::size_t chunk_bytes = 4U << 20U;

/// What a put is made of, from its beginning at each call of rewind().
class Content {
public:
    virtual ~Content() = default;
    [[nodiscard]] virtual std::uint64_t bytes() const noexcept = 0;
    [[nodiscard]] virtual core::Status rewind() = 0;
    /// The next chunk_bytes, fewer at the end, none after it.
    [[nodiscard]] virtual core::Result<std::string_view> next() = 0;
};

class ContentOfBytes final : public Content {
public:
    explicit ContentOfBytes(std::string_view bytes) noexcept : all_(bytes), left_(bytes) {}
    [[nodiscard]] std::uint64_t bytes() const noexcept override { return all_.size(); }
    [[nodiscard]] core::Status rewind() override;
    [[nodiscard]] core::Result<std::string_view> next() override;

private:
    std::string_view all_;
    std::string_view left_;
};

class ContentOfFile final : public Content {
public:
    [[nodiscard]] static core::Result<ContentOfFile> open(const std::string& path);
    [[nodiscard]] std::uint64_t bytes() const noexcept override { return bytes_; }
    [[nodiscard]] core::Status rewind() override;
    [[nodiscard]] core::Result<std::string_view> next() override;

private:
    Descriptor file_;
    std::string path_;
    std::uint64_t bytes_ = 0;
    std::string chunk_;
};

/// A file that gets its name when all of it is written and durable; without keep() it is gone again.
class IncomingFile {
public:
    [[nodiscard]] static core::Result<IncomingFile> create(const std::string& path);
    ~IncomingFile();
    IncomingFile(IncomingFile&&) noexcept = default;
    IncomingFile& operator=(IncomingFile&&) = delete;
    [[nodiscard]] core::Status write(std::string_view bytes);
    [[nodiscard]] core::Status keep();

private:
    IncomingFile(Descriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
    Descriptor file_;
    std::string path_;
};

}  // namespace tristrata::objects
