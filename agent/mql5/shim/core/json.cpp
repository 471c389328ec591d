#include "core/json.h"
#include "core/text.h"
#include <cstdlib>
#include <stdexcept>

namespace shim {
namespace {

class Reader {
public:
	explicit Reader(const std::string &bytes) : bytes_(bytes) {}

	Json whole() {
		Json value = read();
		skipBlanks();
		if(at_ != bytes_.size()) fail();
		return value;
	}

private:
	[[noreturn]] void fail() const { throw std::runtime_error("no JSON at byte " + std::to_string(at_)); }
	void skipBlanks() {
		while(at_ < bytes_.size() && std::string(" \t\r\n").find(bytes_[at_]) != std::string::npos) at_++;
	}
	bool take(char c) {
		skipBlanks();
		if(at_ >= bytes_.size() || bytes_[at_] != c) return false;
		at_++;
		return true;
	}
	void word(const std::string &word) {
		if(bytes_.compare(at_, word.size(), word) != 0) fail();
		at_ += word.size();
	}

	Json read() {
		skipBlanks();
		if(at_ >= bytes_.size()) fail();
		switch(bytes_[at_]) {
			case '{': return object();
			case '[': return list();
			case '"': return Json::of(text());
			case 't': word("true"); return Json::of(true);
			case 'f': word("false"); return Json::of(false);
			case 'n': word("null"); return Json::null();
			default: return number();
		}
	}

	Json object() {
		Json value = Json::object();
		take('{');
		if(take('}')) return value;
		do {
			skipBlanks();
			std::string name = text();
			if(!take(':')) fail();
			value.set(name, read());
		} while(take(','));
		if(!take('}')) fail();
		return value;
	}

	Json list() {
		Json value = Json::list();
		take('[');
		if(take(']')) return value;
		do value.items.push_back(read());
		while(take(','));
		if(!take(']')) fail();
		return value;
	}

	Json number() {
		const char *from = bytes_.c_str() + at_;
		char *end = nullptr;
		double number = std::strtod(from, &end);
		if(end == from) fail();
		Json value = Json::of(std::strtoll(from, nullptr, 10));
		value.number = number;
		at_ += static_cast<std::size_t>(end - from);
		return value;
	}

	std::string text() {
		if(!take('"')) fail();
		std::u16string text;
		std::string plain;
		for(;;) {
			if(at_ >= bytes_.size()) fail();
			char c = bytes_[at_++];
			if(c == '"') break;
			if(c != '\\') {
				plain += c;
				continue;
			}
			text += fromUtf8(plain);
			plain.clear();
			text += escape();
		}
		return toUtf8(text + fromUtf8(plain));
	}

	char16_t escape() {
		if(at_ >= bytes_.size()) fail();
		char c = bytes_[at_++];
		if(c == 'u') {
			if(at_ + 4 > bytes_.size()) fail();
			auto code = std::stoul(bytes_.substr(at_, 4), nullptr, 16);
			at_ += 4;
			return static_cast<char16_t>(code);
		}
		auto place = std::string("\"\\/bfnrt").find(c);
		if(place == std::string::npos) fail();
		return static_cast<char16_t>("\"\\/\b\f\n\r\t"[place]);
	}

	const std::string &bytes_;
	std::size_t at_ = 0;
};

std::string quote(const std::string &text) {
	std::string result = "\"";
	for(char c : text) {
		if(c == '"' || c == '\\') result += '\\';
		if(static_cast<unsigned char>(c) < 32) {
			const char *hex = "0123456789abcdef";
			result += "\\u00";
			result += hex[c >> 4];
			result += hex[c & 15];
		} else {
			result += c;
		}
	}
	return result + '"';
}

} // namespace

Json Json::of(Kind kind) {
	Json value;
	value.kind = kind;
	return value;
}
Json Json::of(const std::string &text) {
	Json value = of(Kind::text);
	value.text = text;
	return value;
}
Json Json::of(long long whole) {
	Json value = of(Kind::number);
	value.whole = whole;
	value.number = static_cast<double>(whole);
	return value;
}
Json Json::of(bool flag) {
	Json value = of(Kind::flag);
	value.flag = flag;
	return value;
}

const Json *Json::find(const std::string &name) const {
	for(const auto &[each, value] : members)
		if(each == name) return &value;
	return nullptr;
}

Json &Json::set(const std::string &name, Json value) {
	for(auto &[each, old] : members) {
		if(each != name) continue;
		old = std::move(value);
		return *this;
	}
	members.emplace_back(name, std::move(value));
	return *this;
}

std::string Json::write() const {
	std::string inside;
	switch(kind) {
		case Kind::null: return "null";
		case Kind::flag: return flag ? "true" : "false";
		case Kind::number: return std::to_string(whole);
		case Kind::text: return quote(text);
		case Kind::list:
			for(const Json &item : items) inside += (inside.empty() ? "" : ",") + item.write();
			return "[" + inside + "]";
		case Kind::object:
			for(const auto &[name, value] : members)
				inside += (inside.empty() ? "" : ",") + quote(name) + ":" + value.write();
			return "{" + inside + "}";
	}
	return "null";
}

Json Json::read(const std::string &bytes) { return Reader(bytes).whole(); }

} // namespace shim
