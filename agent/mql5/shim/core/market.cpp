#include "core/market.h"
#include "core/journal.h"
#include <cmath>
#include <cstdint>

namespace shim {
namespace {

std::uint32_t seedOf(const std::string &name) {
	std::uint32_t hash = 0x811c9dc5;
	for(char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193u;
	return hash;
}

double lattice(std::uint32_t seed, std::uint32_t octave, long long index) {
	std::uint32_t x = seed ^ ((octave + 1) * 0x9e3779b1u) ^ (static_cast<std::uint32_t>(index) * 0x85ebca6bu);
	x = (x ^ (x >> 16)) * 0x7feb352du;
	x = (x ^ (x >> 15)) * 0x846ca68bu;
	return static_cast<double>(x ^ (x >> 16)) / 0x7fffffff - 1;
}

} // namespace

const std::vector<SymbolSpec> &symbolSpecs() {
	static const std::vector<SymbolSpec> specs{
		{"EURUSD", 5, 100000, 8, 108400, 1.5, false}, {"GBPUSD", 5, 100000, 11, 127300, 2, false},
		{"USDJPY", 3, 100000, 9, 151200, 2, true},    {"XAUUSD", 2, 100, 22, 265000, 8, false},
		{"US30", 1, 1, 20, 440000, 15, false},
	};
	return specs;
}

const SymbolSpec *findSpec(const std::string &brokerName) {
	for(const SymbolSpec &spec : symbolSpecs())
		if(brokerName.compare(0, spec.name.size(), spec.name) == 0) return &spec;
	return nullptr;
}

double pointOf(const SymbolSpec &spec) { return std::pow(10.0, -spec.digits); }

long long divideRounded(__int128 a, __int128 b) {
	__int128 doubled = 2 * a;
	return static_cast<long long>((doubled < 0 ? doubled - b : doubled + b) / (2 * b));
}

long long profitCents(const SymbolSpec &spec, bool isBuy, long long openPoints, long long closePoints, long long volume) {
	__int128 difference = isBuy ? closePoints - openPoints : openPoints - closePoints;
	__int128 value = difference * volume * spec.contractSize;
	__int128 divisor = closePoints;
	if(!spec.isAccountCurrencyBase) {
		divisor = 1;
		for(int i = 0; i < spec.digits; i++) divisor *= 10;
	}
	return divideRounded(value, divisor);
}

long long marginCents(const SymbolSpec &spec, long long points, long long volume) {
	__int128 base = static_cast<__int128>(spec.contractSize) * volume;
	__int128 leverage = 100;
	if(spec.isAccountCurrencyBase) return divideRounded(base, leverage);
	for(int i = 0; i < spec.digits; i++) leverage *= 10;
	return divideRounded(base * points, leverage);
}

long long midPoints(const SymbolSpec &spec, long long atMs) {
	std::uint32_t seed = seedOf(spec.name);
	double offset = 0;
	double periodS = 1;
	for(std::uint32_t octave = 0; octave < 8; octave++, periodS *= 4) {
		double place = static_cast<double>(atMs) / 1000 / periodS;
		double index = std::floor(place);
		double t = place - index;
		double smooth = t * t * (3 - 2 * t);
		double from = lattice(seed, octave, static_cast<long long>(index));
		double to = lattice(seed, octave, static_cast<long long>(index) + 1);
		offset += (from + (to - from) * smooth) * spec.stepPoints * std::sqrt(periodS);
	}
	return spec.basePoints + static_cast<long long>(std::floor(offset + 0.5));
}

void Market::tick(const SymbolSpec &spec) {
	long long now = wallMs();
	long long bid = midPoints(spec, now) - spec.spreadPoints / 2;
	quotes_[spec.name] = Quote{bid, bid + spec.spreadPoints, now};
}

const Quote &Market::quote(const SymbolSpec &spec) {
	if(quotes_.find(spec.name) == quotes_.end()) tick(spec);
	return quotes_[spec.name];
}

} // namespace shim
