#include "core/text.h"
#include "core/platform.h"
#include <algorithm>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace shim {

std::string toUtf8(const std::u16string &text) {
	std::string bytes;
	for(std::size_t i = 0; i < text.size(); i++) {
		char32_t c = text[i];
		bool isPair = c >= 0xd800 && c < 0xdc00 && i + 1 < text.size() && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000;
		if(isPair) c = 0x10000 + ((c - 0xd800) << 10) + (text[++i] - 0xdc00u);
		else if(c >= 0xd800 && c < 0xe000) c = 0xfffd;
		if(c < 0x80) {
			bytes += static_cast<char>(c);
			continue;
		}
		int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
		bytes += static_cast<char>(((0xff00 >> (more + 1)) & 0xff) | c >> (6 * more));
		for(int shift = 6 * (more - 1); shift >= 0; shift -= 6)
			bytes += static_cast<char>(0x80 | (c >> shift & 0x3f));
	}
	return bytes;
}

std::u16string fromUtf8(const std::string &bytes) {
	std::u16string text;
	for(std::size_t i = 0; i < bytes.size();) {
		auto first = static_cast<unsigned char>(bytes[i++]);
		if(first < 0x80) {
			text += static_cast<char16_t>(first);
			continue;
		}
		int more = first >= 0xf0 && first < 0xf8 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
		char32_t c = more ? first & (0x3fu >> more) : 0xfffd;
		for(int n = 0; n < more; n++) {
			if(i >= bytes.size() || (static_cast<unsigned char>(bytes[i]) & 0xc0) != 0x80) {
				c = 0xfffd;
				break;
			}
			c = c << 6 | (static_cast<unsigned char>(bytes[i++]) & 0x3f);
		}
		if(c < 0x10000) {
			text += static_cast<char16_t>(c);
		} else {
			text += static_cast<char16_t>(0xd800 + ((c - 0x10000) >> 10));
			text += static_cast<char16_t>(0xdc00 + ((c - 0x10000) & 0x3ff));
		}
	}
	return text;
}

bool hasUtf16Mark(const std::string &bytes) { return bytes.compare(0, 2, "\xff\xfe") == 0; }

std::u16string decodeText(const std::string &bytes) {
	if(!hasUtf16Mark(bytes)) return fromUtf8(bytes);
	std::u16string text;
	for(std::size_t i = 2; i + 1 < bytes.size(); i += 2)
		text += static_cast<char16_t>(static_cast<unsigned char>(bytes[i]) | static_cast<unsigned char>(bytes[i + 1]) << 8);
	return text;
}

std::string utf16Bytes(const std::u16string &text) {
	std::string bytes;
	for(char16_t c : text) {
		bytes += static_cast<char>(c & 0xff);
		bytes += static_cast<char>(c >> 8);
	}
	return bytes;
}

std::optional<std::string> readFile(const fs::path &path) {
	std::ifstream file(path, std::ios::binary);
	if(!file) return std::nullopt;
	std::ostringstream bytes;
	bytes << file.rdbuf();
	return bytes.str();
}

bool replaceFile(const fs::path &path, const std::string &bytes) {
	fs::path temporary = path;
	temporary += ".tmp";
	{
		std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
		file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
		if(!file) return false;
	}
	return platform::replaceFile(temporary, path);
}

bool appendFile(const fs::path &path, const std::string &bytes) {
	std::ofstream file(path, std::ios::binary | std::ios::app);
	file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
	return static_cast<bool>(file);
}

std::string fileStamp(const fs::path &path) {
	std::error_code error;
	auto time = fs::last_write_time(path, error);
	if(error) return "";
	auto size = fs::file_size(path, error);
	return std::to_string(time.time_since_epoch().count()) + " " + std::to_string(error ? 0 : size);
}

std::vector<std::string> namesIn(const fs::path &folder) {
	std::vector<std::string> names;
	std::error_code error;
	for(fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
		names.push_back(each->path().filename().u8string());
	std::sort(names.begin(), names.end());
	return names;
}

std::vector<std::string> split(const std::string &text, const std::string &separators) {
	std::vector<std::string> parts{""};
	for(char c : text) {
		if(separators.find(c) != std::string::npos) parts.emplace_back();
		else parts.back() += c;
	}
	return parts;
}

} // namespace shim
