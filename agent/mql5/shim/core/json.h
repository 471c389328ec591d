// JSON as the simulator's files use it. Whole numbers are kept exactly.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace shim {

struct Json {
	enum class Kind { null, flag, number, text, list, object } kind = Kind::null;
	bool flag = false;
	double number = 0;
	long long whole = 0;
	std::string text;
	std::vector<Json> items;
	std::vector<std::pair<std::string, Json>> members;

	static Json of(const std::string &text);
	static Json of(const char *text) { return of(std::string(text)); }
	static Json of(long long whole);
	static Json of(bool flag);
	static Json object() { return of(Kind::object); }
	static Json list() { return of(Kind::list); }
	static Json null() { return {}; }

	bool is(Kind wanted) const { return kind == wanted; }
	/** Null when there is no such member. */
	const Json *find(const std::string &name) const;
	Json &set(const std::string &name, Json value);
	std::string write() const;
	/** @throws std::runtime_error when it is not JSON */
	static Json read(const std::string &bytes);

private:
	static Json of(Kind kind);
};

} // namespace shim
