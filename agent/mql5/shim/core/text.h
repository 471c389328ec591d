// Text in its encodings, and whole files.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace shim {

std::string toUtf8(const std::u16string &text);
/** Half surrogates come out as they are, broken UTF-8 as U+FFFD. */
std::u16string fromUtf8(const std::string &bytes);

/** UTF-16LE with a byte order mark, or else UTF-8. */
std::u16string decodeText(const std::string &bytes);
std::string utf16Bytes(const std::u16string &text);
bool hasUtf16Mark(const std::string &bytes);

std::optional<std::string> readFile(const std::filesystem::path &path);
/** Writes `<path>.tmp` and renames it. */
bool replaceFile(const std::filesystem::path &path, const std::string &bytes);
bool appendFile(const std::filesystem::path &path, const std::string &bytes);
/** Changes with every write of the file; empty without file. */
std::string fileStamp(const std::filesystem::path &path);

/** Names in a folder, in their order; none when there is no folder. */
std::vector<std::string> namesIn(const std::filesystem::path &folder);

std::vector<std::string> split(const std::string &text, const std::string &separators);

} // namespace shim
