#ifndef _WIN32
#include "core/platform.h"
#include "core/sha256.h"
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace shim::platform {

std::filesystem::path programPath() { return std::filesystem::read_symlink("/proc/self/exe"); }

// A socket in the abstract name space: it goes with its process, so no stale mark can remain. The name is
// the one of simulator/singleCopy.ts.
bool claimFolder(const std::filesystem::path &folder) {
	int handle = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	std::string name = "quintet-sim-" + sha256Hex(folder.u8string()).substr(0, 24);
	sockaddr_un address{};
	address.sun_family = AF_UNIX;
	std::memcpy(address.sun_path + 1, name.data(), name.size());
	auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
	return handle >= 0 && bind(handle, reinterpret_cast<sockaddr *>(&address), length) == 0 &&
			 listen(handle, 1) == 0;
}

bool replaceFile(const std::filesystem::path &from, const std::filesystem::path &to) {
	std::error_code error;
	std::filesystem::rename(from, to, error);
	return !error;
}

long long processId() { return getpid(); }

unsigned long long monotonicMs() {
	// Since the machine's start, as GetTickCount64: the same in every process.
	timespec now{};
	clock_gettime(CLOCK_MONOTONIC, &now);
	return static_cast<unsigned long long>(now.tv_sec) * 1000 + static_cast<unsigned long long>(now.tv_nsec) / 1000000;
}

void sleepMs(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

std::string environment(const char *name) {
	const char *value = std::getenv(name);
	return value ? value : "";
}

void endNow(int exitCode) { _exit(exitCode); }

} // namespace shim::platform
#endif
