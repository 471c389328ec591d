#ifdef _WIN32
#include "core/platform.h"
#include "core/sha256.h"
#include "core/text.h"
#include <windows.h>

namespace shim::platform {

std::filesystem::path programPath() {
	wchar_t path[32768];
	DWORD length = GetModuleFileNameW(nullptr, path, 32768);
	return std::wstring(path, length);
}

bool claimFolder(const std::filesystem::path &folder) {
	std::string name = "Local\\quintet-sim-" + sha256Hex(folder.u8string()).substr(0, 24);
	CreateMutexW(nullptr, TRUE, std::wstring(name.begin(), name.end()).c_str());
	return GetLastError() != ERROR_ALREADY_EXISTS;
}

bool replaceFile(const std::filesystem::path &from, const std::filesystem::path &to) {
	return MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_REPLACE_EXISTING) != 0;
}

long long processId() { return GetCurrentProcessId(); }

unsigned long long monotonicMs() { return GetTickCount64(); }

void sleepMs(int ms) { Sleep(static_cast<DWORD>(ms)); }

std::string environment(const char *name) {
	std::wstring wide(name, name + std::char_traits<char>::length(name));
	wchar_t value[32768];
	DWORD length = GetEnvironmentVariableW(wide.c_str(), value, 32768);
	if(length == 0 || length >= 32768) return "";
	return toUtf8(std::u16string(value, value + length));
}

void endNow(int exitCode) {
	TerminateProcess(GetCurrentProcess(), static_cast<UINT>(exitCode));
	for(;;) Sleep(1000);
}

} // namespace shim::platform
#endif
