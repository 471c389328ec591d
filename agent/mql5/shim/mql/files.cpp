// File functions inside the instance's MQL5/Files; nothing reaches out of it.
#include "core/platform.h"
#include "core/terminal.h"
#include "core/text.h"
#include "mql/api.h"
#include <algorithm>
#include <map>

namespace fs = std::filesystem;

namespace mql {
namespace {

constexpr int ERR_WRONG_FILENAME = 5002, ERR_CANNOT_OPEN_FILE = 5004, ERR_FILE_NOT_EXIST = 5019, ERR_TOO_MANY_FILES = 5001;
constexpr std::size_t OPEN_AT_MOST = 64;

struct OpenFile {
	fs::path path;
	int flags;
	std::string bytes;
	std::u16string text;
	std::size_t place = 0;
};
struct Search {
	std::vector<std::string> names;
	std::size_t place = 0;
};

std::map<int, OpenFile> openFiles;
std::map<mlong, Search> searches;
int nextHandle = 1;
mlong nextSearch = 1;

/** Empty when the name would leave the sandbox. */
fs::path pathOf(const string &name) {
	std::string text = shim::toUtf8(name.text());
	std::replace(text.begin(), text.end(), '\\', '/');
	bool isOutside = text.empty() || text[0] == '/' || text.find(':') != std::string::npos ||
						  ("/" + text + "/").find("/../") != std::string::npos;
	if(isOutside) {
		shim::terminal().lastError = ERR_WRONG_FILENAME;
		return {};
	}
	return shim::terminal().instance() / "MQL5" / "Files" / fs::u8path(text);
}

int failed(int error) {
	shim::terminal().lastError = error;
	return INVALID_HANDLE;
}

bool isMatching(const std::string &name, const std::string &filter) {
	auto star = filter.find('*');
	if(star == std::string::npos) return name == filter;
	std::string head = filter.substr(0, star);
	std::string tail = filter.substr(star + 1);
	return name.size() >= head.size() + tail.size() && name.compare(0, head.size(), head) == 0 &&
			 name.compare(name.size() - tail.size(), tail.size(), tail) == 0;
}

} // namespace

int FileOpen(const string &name, int flags, short, uint codepage) {
	fs::path path = pathOf(name);
	if(path.empty()) return INVALID_HANDLE;
	if(openFiles.size() >= OPEN_AT_MOST) return failed(ERR_TOO_MANY_FILES);
	OpenFile file{path, flags, {}, {}};
	auto bytes = shim::readFile(path);
	if((flags & FILE_WRITE) == 0 && (!bytes || fs::is_directory(path))) return failed(ERR_FILE_NOT_EXIST);
	if((flags & FILE_READ) != 0) file.bytes = bytes.value_or("");
	if((flags & FILE_WRITE) != 0) {
		std::error_code error;
		fs::create_directories(path.parent_path(), error);
		if((flags & FILE_READ) == 0 && !shim::appendFile(path, "")) return failed(ERR_CANNOT_OPEN_FILE);
	}
	if((flags & FILE_TXT) != 0) {
		if((flags & FILE_ANSI) == 0) file.text = shim::hasUtf16Mark(file.bytes) ? shim::decodeText(file.bytes) : std::u16string();
		else if(codepage == CP_UTF8) file.text = shim::fromUtf8(file.bytes);
		else for(char c : file.bytes) file.text += static_cast<char16_t>(static_cast<unsigned char>(c));
	}
	openFiles.emplace(nextHandle, file);
	return nextHandle++;
}

void FileClose(int handle) {
	auto found = openFiles.find(handle);
	if(found == openFiles.end()) return;
	// Written when it is closed: the terminal buffers too.
	OpenFile &file = found->second;
	if((file.flags & FILE_WRITE) != 0) {
		std::error_code error;
		fs::resize_file(file.path, 0, error);
		shim::appendFile(file.path, file.bytes);
	}
	openFiles.erase(found);
}

mulong FileSize(int handle) {
	auto found = openFiles.find(handle);
	return found == openFiles.end() ? 0 : found->second.bytes.size();
}

bool FileIsEnding(int handle) {
	auto found = openFiles.find(handle);
	return found == openFiles.end() || found->second.place >= found->second.text.size();
}

string FileReadString(int handle, int) {
	auto found = openFiles.find(handle);
	if(found == openFiles.end()) return string();
	OpenFile &file = found->second;
	auto end = file.text.find(u'\n', file.place);
	if(end == std::u16string::npos) end = file.text.size();
	std::u16string line = file.text.substr(file.place, end - file.place);
	file.place = end + 1;
	if(!line.empty() && line.back() == u'\r') line.pop_back();
	return string(line);
}

uint FileReadArray(int handle, array<uchar> &bytes, int start, int count) {
	auto found = openFiles.find(handle);
	if(found == openFiles.end()) return 0;
	OpenFile &file = found->second;
	std::size_t left = file.bytes.size() - std::min(file.place, file.bytes.size());
	std::size_t read = count == WHOLE_ARRAY ? left : std::min(left, static_cast<std::size_t>(count));
	if(ArraySize(bytes) < start + static_cast<int>(read)) ArrayResize(bytes, start + static_cast<int>(read));
	for(std::size_t i = 0; i < read; i++)
		bytes[start + static_cast<int>(i)] = static_cast<uchar>(file.bytes[file.place + i]);
	file.place += read;
	return static_cast<uint>(read);
}

uint FileWriteArray(int handle, const array<uchar> &bytes, int start, int count) {
	auto found = openFiles.find(handle);
	if(found == openFiles.end() || (found->second.flags & FILE_WRITE) == 0) return 0;
	int end = count == WHOLE_ARRAY ? ArraySize(bytes) : start + count;
	for(int i = start; i < end; i++) found->second.bytes += static_cast<char>(bytes[i]);
	return static_cast<uint>(end - start);
}

bool FileIsExist(const string &name, int) {
	fs::path path = pathOf(name);
	return !path.empty() && fs::is_regular_file(path);
}

bool FileDelete(const string &name, int) {
	fs::path path = pathOf(name);
	std::error_code error;
	return !path.empty() && fs::is_regular_file(path, error) && fs::remove(path, error);
}

bool FileMove(const string &from, int, const string &to, int modeFlags) {
	fs::path source = pathOf(from);
	fs::path target = pathOf(to);
	if(source.empty() || target.empty() || !fs::exists(source)) return false;
	if((modeFlags & FILE_REWRITE) == 0 && fs::exists(target)) return false;
	return shim::platform::replaceFile(source, target);
}

bool FolderCreate(const string &name, int) {
	fs::path path = pathOf(name);
	std::error_code error;
	if(!path.empty()) fs::create_directories(path, error);
	return !path.empty() && fs::is_directory(path, error);
}

mlong FileFindFirst(const string &filter, string &name, int) {
	fs::path path = pathOf(filter);
	if(path.empty()) return INVALID_HANDLE;
	Search search;
	for(const std::string &each : shim::namesIn(path.parent_path()))
		if(isMatching(each, path.filename().u8string())) search.names.push_back(each);
	if(search.names.empty()) return failed(ERR_FILE_NOT_EXIST);
	name = string(shim::fromUtf8(search.names[search.place++]));
	searches.emplace(nextSearch, search);
	return nextSearch++;
}

bool FileFindNext(mlong handle, string &name) {
	auto found = searches.find(handle);
	if(found == searches.end() || found->second.place >= found->second.names.size()) return false;
	name = string(shim::fromUtf8(found->second.names[found->second.place++]));
	return true;
}

void FileFindClose(mlong handle) { searches.erase(handle); }

} // namespace mql
