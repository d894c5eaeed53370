#pragma once

#include "kept_file.hpp"
#include "tristrata/dataset/source.hpp"

#include <memory>
#include <string>

namespace tristrata::sources {

/// A source over files of `path` that go with `kept`, under the name `name`; in messages `place` stands for
/// the path.
[[nodiscard]] std::unique_ptr<dataset::Source> renamed_source(std::shared_ptr<const void> kept,
                                                              std::unique_ptr<dataset::Source> inner,
                                                              std::string path, std::string place,
                                                              std::string name);

/// A source over kept bytes, under the name of where they came from: in messages too.
[[nodiscard]] std::unique_ptr<dataset::Source> kept_source(KeptFile file,
                                                           std::unique_ptr<dataset::Source> inner,
                                                           std::string name);

/// The same error, with the name in place of the file's path.
[[nodiscard]] core::Error renamed(core::Error error, const std::string& path, const std::string& name);

}  // namespace tristrata::sources
