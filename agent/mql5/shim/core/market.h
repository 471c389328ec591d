// The simulated broker's symbols and prices: those of agent/simulator/symbols.ts and market.ts, number for number.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace shim {

struct SymbolSpec {
	std::string name;
	int digits;
	long long contractSize;
	long long spreadPoints;
	long long basePoints;
	double stepPoints;
	/** The account's currency is the base of the pair (USDJPY), not its quote. */
	bool isAccountCurrencyBase;
};

const std::vector<SymbolSpec> &symbolSpecs();
/** The symbol whose broker's name this is, whatever its suffix. */
const SymbolSpec *findSpec(const std::string &brokerName);
double pointOf(const SymbolSpec &spec);

/** a / b, rounded half away from zero. */
long long divideRounded(__int128 a, __int128 b);
long long profitCents(const SymbolSpec &spec, bool isBuy, long long openPoints, long long closePoints, long long volume);
long long marginCents(const SymbolSpec &spec, long long points, long long volume);
long long midPoints(const SymbolSpec &spec, long long atMs);

struct Quote {
	long long bidPoints;
	long long askPoints;
	long long atMs;
};

class Market {
public:
	void tick(const SymbolSpec &spec);
	const Quote &quote(const SymbolSpec &spec);

private:
	std::map<std::string, Quote> quotes_;
};

} // namespace shim
