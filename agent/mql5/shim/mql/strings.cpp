#include "core/text.h"
#include "mql/api.h"
#include <cstdio>
#include <cstdlib>

namespace mql {
namespace {

std::string latinOf(const string &text) { return shim::toUtf8(text.text()); }
string asciiText(const std::string &bytes) { return string(shim::fromUtf8(bytes)); }

/** ANSI is whatever the machine's code page is: here Latin-1, so that a forgotten CP_UTF8 shows. */
std::string encoded(const string &text, uint codepage) {
	if(codepage == CP_UTF8) return shim::toUtf8(text.text());
	std::string bytes;
	for(char16_t c : text.text()) bytes += c < 256 ? static_cast<char>(c) : '?';
	return bytes;
}

} // namespace

double NormalizeDouble(double value, int digits) {
	double scale = std::pow(10.0, digits);
	return std::round(value * scale) / scale;
}

int StringLen(const string &text) { return static_cast<int>(text.text().size()); }

ushort StringGetCharacter(const string &text, int place) {
	return place < 0 || place >= StringLen(text) ? ushort(0) : ushort(text.text()[static_cast<std::size_t>(place)]);
}

string StringSubstr(const string &text, int start, int length) {
	if(start < 0 || start >= StringLen(text)) return string();
	// As documented: nothing given, or nothing asked for, means up to the end.
	if(length <= 0) return string(text.text().substr(static_cast<std::size_t>(start)));
	return string(text.text().substr(static_cast<std::size_t>(start), static_cast<std::size_t>(length)));
}

int StringFind(const string &text, const string &wanted, int start) {
	auto place = text.text().find(wanted.text(), static_cast<std::size_t>(start < 0 ? 0 : start));
	return place == std::u16string::npos ? -1 : static_cast<int>(place);
}

int StringReplace(string &text, const string &wanted, const string &replacement) {
	std::u16string result = text.text();
	int count = 0;
	for(auto at = result.find(wanted.text()); at != std::u16string::npos && !wanted.text().empty();
		 at = result.find(wanted.text(), at + replacement.text().size())) {
		result.replace(at, wanted.text().size(), replacement.text());
		count++;
	}
	text = string(result);
	return count;
}

int StringSplit(const string &text, ushort separator, array<string> &result) {
	result.items().clear();
	if(text.text().empty()) return 0;
	std::u16string part;
	for(char16_t c : text.text()) {
		if(c != separator) {
			part += c;
			continue;
		}
		result.items().emplace_back(part);
		part.clear();
	}
	result.items().emplace_back(part);
	return ArraySize(result);
}

mlong StringToInteger(const string &text) { return std::strtoll(latinOf(text).c_str(), nullptr, 10); }
double StringToDouble(const string &text) { return std::strtod(latinOf(text).c_str(), nullptr); }

string IntegerToString(mlong number, int length, ushort fill) {
	std::u16string digits = shim::fromUtf8(std::to_string(number));
	int missing = length - static_cast<int>(digits.size());
	return string(std::u16string(static_cast<std::size_t>(missing > 0 ? missing : 0), static_cast<char16_t>(fill)) + digits);
}

string DoubleToString(double value, int digits) {
	char text[64];
	std::snprintf(text, sizeof text, "%.*f", digits, NormalizeDouble(value, digits));
	return asciiText(text);
}

string ShortToString(ushort character) { return string(std::u16string(1, static_cast<char16_t>(character))); }

int StringToCharArray(const string &text, array<uchar> &bytes, int start, int count, uint codepage) {
	std::string encodedBytes = encoded(text, codepage);
	// Up to and with the zero at the end, unless fewer were asked for.
	encodedBytes += '\0';
	if(count >= 0 && static_cast<std::size_t>(count) < encodedBytes.size()) encodedBytes.resize(static_cast<std::size_t>(count));
	int copied = static_cast<int>(encodedBytes.size());
	if(ArraySize(bytes) < start + copied) ArrayResize(bytes, start + copied);
	for(int i = 0; i < copied; i++) bytes[start + i] = static_cast<uchar>(encodedBytes[static_cast<std::size_t>(i)]);
	return copied;
}

string CharArrayToString(const array<uchar> &bytes, int start, int count, uint codepage) {
	std::string part;
	for(int i = start; i < ArraySize(bytes) && (count < 0 || i < start + count) && bytes[i] != 0; i++)
		part += static_cast<char>(bytes[i]);
	if(codepage == CP_UTF8) return string(shim::fromUtf8(part));
	std::u16string text;
	for(char c : part) text += static_cast<char16_t>(static_cast<unsigned char>(c));
	return string(text);
}

} // namespace mql
