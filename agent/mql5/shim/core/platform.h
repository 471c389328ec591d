// The few things that Linux and Windows do differently. Everything else in this folder is plain C++17.
#pragma once
#include <filesystem>
#include <string>

namespace shim::platform {

/** Path of the running program. */
std::filesystem::path programPath();
/** True when this process is now the one terminal of the folder, until it ends in whatever way. */
bool claimFolder(const std::filesystem::path &folder);
/** Renames over an existing file. */
bool replaceFile(const std::filesystem::path &from, const std::filesystem::path &to);
long long processId();
/** Milliseconds since some start, never going back. */
unsigned long long monotonicMs();
void sleepMs(int ms);
/** The environment's value as UTF-8; empty when there is none. */
std::string environment(const char *name);
/** Ends at once, with nothing saved. */
[[noreturn]] void endNow(int exitCode);

} // namespace shim::platform
