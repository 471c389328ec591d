// A double of terminal64.exe as the agent sees it from outside: a main window of MetaTrader's class, its Algo
// Trading command, closing, dialogs, hanging, and LiveUpdate's way of running a copy of itself in its own place.
// It proves what the agent does; it proves nothing about MetaTrader.
//
// Told by files in `double\` beside it, looked at ten times a second:
//   hang       the window takes no message any more, for ever
//   dialog     a modal dialog is shown; the file is taken away
//   stubborn   WM_CLOSE is ignored
//   update     (at the start) the program runs a copy of itself from %APPDATA%\…\liveupdate\ and ends
//   host       (at the start) command line of a program that plays bridge and broker; it ends with the double
// It writes `double\state.json`: {"pid", "algo", "toggles", "closes", "args"}.
#include <windows.h>
#include <cstdio>
#include <string>

namespace {

constexpr wchar_t MAIN_CLASS[] = L"MetaQuotes::MetaTrader::5.00";
constexpr UINT TOGGLE_ALGO_TRADING = 32851;
constexpr UINT_PTR LOOK_TIMER = 1;
constexpr UINT LOOK_MS = 100;
constexpr UINT SHOW_DIALOG = WM_APP + 1;

std::wstring folder;
std::wstring arguments;
bool isAlgoOn = false;
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

std::string quoted(const std::wstring &text) {
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
			 isAlgoOn ? "true" : "false", toggles, closes);
	writeFile(order(L"state.tmp"), numbers + quoted(arguments) + "}");
	for (int tries = 0; tries < 500; ++tries) {
		if (MoveFileExW(order(L"state.tmp").c_str(), order(L"state.json").c_str(), MOVEFILE_REPLACE_EXISTING)) return;
		Sleep(10);
	}
}

// The program that plays bridge and broker follows the window through a folder: agent/simulator/windowVerbs.ts.
void tellHost(const char *verb) {
	static int posted = 0;
	const std::wstring verbs = folder + L"\\sim-window";
	if (GetFileAttributesW(verbs.c_str()) == INVALID_FILE_ATTRIBUTES) return;
	wchar_t name[64];
	swprintf(name, 64, L"\\%08d-%lu", ++posted, GetCurrentProcessId());
	writeFile(verbs + name + L".tmp", std::string("{\"verb\":\"") + verb + "\"}");
	MoveFileExW((verbs + name + L".tmp").c_str(), (verbs + name + L".json").c_str(), MOVEFILE_REPLACE_EXISTING);
}

void look(HWND window) {
	if (isThere(L"hang")) Sleep(INFINITE);
	if (isThere(L"dialog")) {
		DeleteFileW(order(L"dialog").c_str());
		PostMessageW(window, SHOW_DIALOG, 0, 0);
	}
}

LRESULT CALLBACK onMessage(HWND window, UINT message, WPARAM wide, LPARAM low) {
	switch (message) {
	case WM_COMMAND:
		if (LOWORD(wide) != TOGGLE_ALGO_TRADING) break;
		isAlgoOn = !isAlgoOn;
		++toggles;
		tellHost("toggle_algo");
		writeState();
		return 0;
	case WM_TIMER:
		look(window);
		return 0;
	case SHOW_DIALOG:
		MessageBoxW(window, L"Pick a company", L"Open an Account", MB_OKCANCEL);
		return 0;
	case WM_CLOSE:
		++closes;
		writeState();
		if (isThere(L"stubborn")) return 0;
		tellHost("close");
		break;
	case WM_DESTROY:
		PostQuitMessage(0);
		return 0;
	}
	return DefWindowProcW(window, message, wide, low);
}

HANDLE run(std::wstring commandLine) {
	STARTUPINFOW startup = {sizeof startup};
	PROCESS_INFORMATION process = {};
	if (!CreateProcessW(nullptr, commandLine.data(), nullptr, nullptr, FALSE, CREATE_SUSPENDED, nullptr, folder.c_str(),
						&startup, &process))
		return nullptr;
	// Ends with this program, however that ends.
	HANDLE job = CreateJobObjectW(nullptr, nullptr);
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {};
	limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof limit);
	AssignProcessToJobObject(job, process.hProcess);
	ResumeThread(process.hThread);
	CloseHandle(process.hThread);
	return process.hProcess;
}

std::wstring hostCommand() {
	FILE *file = _wfopen(order(L"host").c_str(), L"rb");
	if (!file) return L"";
	char bytes[2048] = {};
	size_t size = fread(bytes, 1, sizeof bytes - 1, file);
	fclose(file);
	return std::wstring(bytes, bytes + size) + L" " + arguments;
}

void becomeUpdater(const std::wstring &self) {
	wchar_t roaming[MAX_PATH] = {};
	GetEnvironmentVariableW(L"APPDATA", roaming, MAX_PATH);
	std::wstring at = roaming;
	for (const wchar_t *part : {L"\\MetaQuotes", L"\\Terminal", L"\\D0E8209F77C8CF37AD8BF550E51FF075", L"\\liveupdate"})
		CreateDirectoryW((at += part).c_str(), nullptr);
	at += L"\\terminal64.exe";
	CopyFileW(self.c_str(), at.c_str(), FALSE);
	STARTUPINFOW startup = {sizeof startup};
	PROCESS_INFORMATION process = {};
	std::wstring commandLine = L"\"" + at + L"\" /update /path:\"" + folder + L"\" /portable";
	CreateProcessW(nullptr, commandLine.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &process);
}

} // namespace

int WINAPI wWinMain(HINSTANCE instance, HINSTANCE, PWSTR commandLine, int) {
	wchar_t self[MAX_PATH] = {};
	GetModuleFileNameW(nullptr, self, MAX_PATH);
	folder = self;
	folder.resize(folder.find_last_of(L'\\'));
	arguments = commandLine;
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
	SetTimer(window, LOOK_TIMER, LOOK_MS, nullptr);
	HANDLE host = nullptr;
	if (isThere(L"host")) host = run(hostCommand());
	writeState();
	MSG message;
	while (GetMessageW(&message, nullptr, 0, 0) > 0) {
		TranslateMessage(&message);
		DispatchMessageW(&message);
	}
	// The broker's books and the journal are written out by the one who keeps them.
	if (host) WaitForSingleObject(host, 10'000);
	return 0;
}
