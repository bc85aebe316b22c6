#include "orchestrator/relay_agent/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

extern char** environ;

namespace mxswitch::orchestrator {
namespace {

constexpr std::size_t kOutputLimit = 64u << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read_end, write_end;
};

Result<Pipe> make_pipe(const std::string& name) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail(Fault::unavailable, "no pipe left", name);
  return Pipe{Descriptor(fds[0]), Descriptor(fds[1])};
}

Result<pid_t> spawn(const std::vector<std::string>& arguments, const Pipe& in, const Pipe& out) {
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), 1);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return fail(Fault::unavailable, "cannot be started", arguments[0],
                "install Postfix, or set its path in the agent's configuration");
  }
  return pid;
}

// Until end of file; false when the deadline passed or there is too much.
Result<std::string> read_all(int fd, const std::string& name,
                             std::chrono::steady_clock::time_point until) {
  std::string output;
  char chunk[65536];
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd waiting{fd, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return fail(Fault::timed_out, "took too long", name);
    }
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return output;
    output.append(chunk, static_cast<std::size_t>(got));
    if (output.size() > kOutputLimit) return fail(Fault::malformed, "prints too much", name);
  }
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& arguments, const std::string& input,
                                Duration deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  auto in = make_pipe(arguments[0]);
  auto out = make_pipe(arguments[0]);
  if (!in || !out) return fail(Fault::unavailable, "no pipe left", arguments[0]);
  const auto pid = spawn(arguments, *in, *out);
  if (!pid) return tl::unexpected(pid.error());
  in->read_end.close();
  out->write_end.close();
  // What we feed is far below a pipe's buffer, so this does not block.
  if (!input.empty() && ::write(in->write_end.get(), input.data(), input.size()) < 0) {
    in->write_end.close();
  }
  in->write_end.close();
  auto output = read_all(out->read_end.get(), arguments[0], until);
  if (!output) ::kill(*pid, SIGKILL);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (output && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
    return fail(Fault::unavailable, "ended with an error", arguments[0], "see the mail log");
  }
  return output;
}

}  // namespace mxswitch::orchestrator
