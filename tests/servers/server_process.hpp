#pragma once

#include <string>
#include <vector>

namespace tristrata::servers {

/// One of the Python programs of this folder while it stands: it is started, says one line of JSON when it is
/// ready, obeys a word a line and answers each with the same, and ends at the end of its input. Throws
/// std::runtime_error where it does not.
class ServerProcess {
public:
    ServerProcess(const std::string& program, const std::vector<std::string>& arguments);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    /// The line of JSON.
    [[nodiscard]] const std::string& said() const { return said_; }
    void command(const std::string& word);
    /// The line that answers a word, where it is another.
    [[nodiscard]] std::string ask(const std::string& word);

private:
    [[nodiscard]] std::string read_line();

    int to_ = -1, from_ = -1, process_ = -1;
    std::string said_, buffer_;
};

}  // namespace tristrata::servers
