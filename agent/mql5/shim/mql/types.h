// The types of MQL5 as far as the programs here use them: sizes as in the MQL5 Reference, whatever the platform.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace mql {

using uchar = unsigned char;
using ushort = std::uint16_t;
using uint = std::uint32_t;
using mlong = long long;
using mulong = unsigned long long;
using datetime = mlong;

/** What the terminal does on it: the program is stopped. */
struct CriticalError : std::runtime_error {
	using std::runtime_error::runtime_error;
};

/** UTF-16 text; as in MQL5 it is a value, and counts UTF-16 units. */
class string {
public:
	string() = default;
	explicit string(std::u16string text) : text_(std::move(text)) {}
	const std::u16string &text() const { return text_; }
	string &operator+=(const string &other) {
		text_ += other.text_;
		return *this;
	}
	friend string operator+(string left, const string &right) { return left += right; }
	friend bool operator==(const string &left, const string &right) { return left.text_ == right.text_; }
	friend bool operator!=(const string &left, const string &right) { return left.text_ != right.text_; }
	friend bool operator<(const string &left, const string &right) { return left.text_ < right.text_; }

private:
	std::u16string text_;
};

inline string operator""_s(const char16_t *text, std::size_t length) {
	return string(std::u16string(text, length));
}

/** A dynamic array: an index outside of it is a critical error, as in the terminal. */
template <typename T> class array {
public:
	array() = default;
	explicit array(int size) : items_(static_cast<std::size_t>(size)) {}
	array(std::initializer_list<T> items) : items_(items) {}
	array(const array &) = delete;
	array &operator=(const array &) = delete;
	array(array &&) = default;
	T &operator[](mlong index) { return items_[place(index)]; }
	const T &operator[](mlong index) const { return items_[place(index)]; }
	std::vector<T> &items() { return items_; }
	const std::vector<T> &items() const { return items_; }

private:
	std::size_t place(mlong index) const {
		if(index < 0 || static_cast<std::size_t>(index) >= items_.size())
			throw CriticalError("array out of range");
		return static_cast<std::size_t>(index);
	}
	std::vector<T> items_;
};

} // namespace mql
