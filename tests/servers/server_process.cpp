#include "server_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stdexcept>

namespace tristrata::servers {

ServerProcess::ServerProcess(const std::string& program, const std::vector<std::string>& arguments) {
    int in[2]{}, out[2]{};
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    std::vector<std::string> words{TRISTRATA_PYTHON, TRISTRATA_SERVERS "/" + program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("no process");
    if (process_ == 0) {
        ::dup2(in[0], 0);
        ::dup2(out[1], 1);
        ::execv(pointers[0], pointers.data());
        ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    to_ = in[1];
    from_ = out[0];
    said_ = read_line();
}

ServerProcess::~ServerProcess() {
    ::close(to_);  // The end of its input.
    ::close(from_);
    int status = 0;
    ::waitpid(process_, &status, 0);
}

std::string ServerProcess::read_line() {
    while (true) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        char bytes[4096];
        const auto size = ::read(from_, bytes, sizeof bytes);
        if (size <= 0) throw std::runtime_error("the server did not come up; what it said is above");
        buffer_.append(bytes, static_cast<std::size_t>(size));
    }
}

std::string ServerProcess::ask(const std::string& word) {
    const std::string line = word + "\n";
    if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error("the server does not listen: " + word);
    return read_line();
}

void ServerProcess::command(const std::string& word) {
    if (ask(word) != word) throw std::runtime_error("the server did not obey: " + word);
}

}  // namespace tristrata::servers
