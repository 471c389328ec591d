// A double of terminal64.exe as the agent sees it from outside: a main window of MetaTrader's class, its Algo
// Trading command, closing, dialogs, hanging, and LiveUpdate's way of running a copy of itself in its own place.
// Inside it runs the product's own MQL5 bridge (agent/mql5/shim). It proves what the agent and the bridge do; it
// proves nothing about MetaTrader. Under the name metaeditor64.exe it compiles nothing, and says that it did.
//
// Told by files in `double\` beside it, looked at ten times a second:
//   hang       the window takes no message any more, for ever
//   dialog     a modal dialog is shown; the file is taken away (without an account one is shown at the start)
//   stubborn   WM_CLOSE is ignored
//   update     (at the start) the program runs a copy of itself from %APPDATA%\…\liveupdate\ and ends
// It writes `double\state.json`: {"pid", "algo", "toggles", "closes", "args"}.
#include "core/platform.h"
#include "core/terminal.h"
#include <windows.h>
#include <shellapi.h>
#include <cstdio>
#include <memory>
#include <string>

namespace {

constexpr wchar_t MAIN_CLASS[] = L"MetaQuotes::MetaTrader::5.00";
constexpr UINT TOGGLE_ALGO_TRADING = 32851;
constexpr UINT_PTR LOOK_TIMER = 1;
constexpr UINT LOOK_MS = 100;
constexpr UINT_PTR TICK_TIMER = 2;
constexpr UINT TICK_MS = 15;
constexpr UINT SHOW_DIALOG = WM_APP + 1;

std::wstring folder;
std::wstring arguments;
std::unique_ptr<shim::Terminal> terminal;
int toggles = 0;
int closes = 0;

std::wstring order(const wchar_t *name) { return folder + L"\\double\\" + name; }

bool isThere(const wchar_t *name) { return GetFileAttributesW(order(name).c_str()) != INVALID_FILE_ATTRIBUTES; }

std::string utf8(const std::wstring &text) {
	int size = WideCharToMultiByte(CP_UTF8, 0, text.c_str(), -1, nullptr, 0, nullptr, nullptr);
	std::string out(size > 0 ? size - 1 : 0, '\0');
	WideCharToMultiByte(CP_UTF8, 0, text.c_str(), -1, out.data(), size, nullptr, nullptr);
	return out;
}

std::string inQuotes(const std::wstring &text) {
	std::string out = "\"";
	for (char sign : utf8(text)) {
		if (sign == '"' || sign == '\\') out += '\\';
		out += sign;
	}
	return out + "\"";
}

void writeFile(const std::wstring &path, const std::string &text) {
	HANDLE file = CreateFileW(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
	DWORD written = 0;
	WriteFile(file, text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
	CloseHandle(file);
}

// The rename is refused for as long as a reader has the old file open.
void writeState() {
	char numbers[128];
	snprintf(numbers, sizeof numbers, "{\"pid\":%lu,\"algo\":%s,\"toggles\":%d,\"closes\":%d,\"args\":", GetCurrentProcessId(),
			 terminal->isAlgoTradingOn() ? "true" : "false", toggles, closes);
	writeFile(order(L"state.tmp"), numbers + inQuotes(arguments) + "}");
	for (int tries = 0; tries < 500; ++tries) {
		if (MoveFileExW(order(L"state.tmp").c_str(), order(L"state.json").c_str(), MOVEFILE_REPLACE_EXISTING)) return;
		Sleep(10);
	}
}

void look(HWND window) {
	if (isThere(L"hang")) Sleep(INFINITE);
	if (isThere(L"dialog")) {
		DeleteFileW(order(L"dialog").c_str());
		PostMessageW(window, SHOW_DIALOG, 0, 0);
	}
}

void tick(HWND window) {
	try {
		terminal->tick();
	} catch (const std::exception &error) {
		terminal->journal().terminal("Terminal", std::string("failed: ") + error.what(), 2);
		shim::platform::endNow(1);
	}
	if (terminal->hasEnded()) DestroyWindow(window);
}

LRESULT CALLBACK onMessage(HWND window, UINT message, WPARAM wide, LPARAM low) {
	switch (message) {
	case WM_COMMAND:
		if (LOWORD(wide) != TOGGLE_ALGO_TRADING) break;
		terminal->toggleAlgoTrading();
		++toggles;
		writeState();
		return 0;
	case WM_TIMER:
		if (wide == TICK_TIMER) tick(window);
		else look(window);
		return 0;
	case SHOW_DIALOG:
		MessageBoxW(window, L"Pick a company", L"Open an Account", MB_OKCANCEL);
		return 0;
	case WM_CLOSE:
		++closes;
		writeState();
		if (isThere(L"stubborn")) return 0;
		terminal->requestClose();
		break;
	case WM_DESTROY:
		PostQuitMessage(0);
		return 0;
	}
	return DefWindowProcW(window, message, wide, low);
}

std::vector<std::string> switches() {
	int count = 0;
	wchar_t **values = CommandLineToArgvW(GetCommandLineW(), &count);
	std::vector<std::string> out;
	for (int i = 1; i < count; ++i) out.push_back(utf8(values[i]));
	LocalFree(values);
	return out;
}

// metaeditor64.exe /portable /compile:"path.mq5" /log: a program beside the source, a log, and exit code 1 for success.
int compileNothing() {
	for (const std::string &given : switches()) {
		if (given.rfind("/compile:", 0) != 0) continue;
		const std::wstring source = std::filesystem::u8path(given.substr(9)).wstring();
		const std::wstring stem = source.substr(0, source.find_last_of(L'.'));
		writeFile(stem + L".ex5", "compiled");
		writeFile(stem + L".log", "Result: 0 errors, 0 warnings, 1 ms elapsed\r\n");
		return 1;
	}
	return 0;
}

void becomeUpdater(const std::wstring &self) {
	wchar_t roaming[MAX_PATH] = {};
	GetEnvironmentVariableW(L"APPDATA", roaming, MAX_PATH);
	std::wstring at = roaming;
	for (const wchar_t *part : {L"\\MetaQuotes", L"\\Terminal", L"\\D0E8209F77C8CF37AD8BF550E51FF075", L"\\liveupdate"})
		CreateDirectoryW((at += part).c_str(), nullptr);
	at += L"\\terminal64.exe";
	CopyFileW(self.c_str(), at.c_str(), FALSE);
	STARTUPINFOW startup = {};
	startup.cb = sizeof startup;
	PROCESS_INFORMATION process = {};
	std::wstring commandLine = L"\"" + at + L"\" /update /path:\"" + folder + L"\" /portable";
	CreateProcessW(nullptr, commandLine.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &process);
}

} // namespace

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE, PWSTR commandLine, int) {
	const std::filesystem::path program = shim::platform::programPath();
	if (program.filename() == L"metaeditor64.exe") return compileNothing();
	const std::wstring self = program.wstring();
	folder = program.parent_path().wstring();
	arguments = commandLine;
	// The real one hands over to the running copy.
	if (!shim::platform::claimFolder(folder)) return 0;
	CreateDirectoryW((folder + L"\\double").c_str(), nullptr);
	if (isThere(L"update")) {
		becomeUpdater(self);
		return 0;
	}
	WNDCLASSW kind = {};
	kind.lpfnWndProc = onMessage;
	kind.hInstance = instance;
	kind.lpszClassName = MAIN_CLASS;
	RegisterClassW(&kind);
	HWND window = CreateWindowW(MAIN_CLASS, L"84076984 - Quintet-Demo - Hedge", WS_OVERLAPPEDWINDOW | WS_VISIBLE, 0, 0, 640,
								480, nullptr, nullptr, instance, nullptr);
	if (!window) return 1;
	terminal = std::make_unique<shim::Terminal>(folder, program.parent_path().parent_path() / ".sim-brokers", switches());
	SetTimer(window, LOOK_TIMER, LOOK_MS, nullptr);
	SetTimer(window, TICK_TIMER, TICK_MS, nullptr);
	writeState();
	if (!terminal->knowsAccount()) PostMessageW(window, SHOW_DIALOG, 0, 0);
	MSG message;
	while (GetMessageW(&message, nullptr, 0, 0) > 0) {
		TranslateMessage(&message);
		DispatchMessageW(&message);
	}
	return 0;
}
