#include "core/terminal.h"
#include "core/text.h"
#include "mql/api.h"

namespace mql {
namespace {

/** Null when the broker has no such symbol. */
const shim::SymbolSpec *specOf(const string &name) {
	std::string key = shim::toUtf8(name.text());
	shim::BrokerAccount *account = shim::terminal().account();
	return account && account->hasSymbol(key) ? shim::findSpec(key) : nullptr;
}

shim::Behaviour behaviour() {
	shim::BrokerAccount *account = shim::terminal().account();
	return account ? account->behaviour() : shim::Behaviour{};
}

} // namespace

bool SymbolExist(const string &name, bool &isCustom) {
	isCustom = false;
	return specOf(name) != nullptr;
}

int SymbolsTotal(bool) {
	shim::BrokerAccount *account = shim::terminal().account();
	return account ? static_cast<int>(account->symbols().size()) : 0;
}

string SymbolName(int place, bool) {
	shim::BrokerAccount *account = shim::terminal().account();
	if(!account || place < 0 || place >= SymbolsTotal(false)) return string();
	return string(shim::fromUtf8(account->symbols()[static_cast<std::size_t>(place)]));
}

bool SymbolSelect(const string &name, bool) { return specOf(name) != nullptr; }

mlong SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER property) {
	const shim::SymbolSpec *spec = specOf(name);
	if(!spec) return 0;
	std::string execution = behaviour().execution;
	switch(property) {
		case SYMBOL_TRADE_MODE: return SYMBOL_TRADE_MODE_FULL;
		case SYMBOL_TRADE_EXEMODE:
			return execution == "exchange" ? SYMBOL_TRADE_EXECUTION_EXCHANGE
					 : execution == "instant" ? SYMBOL_TRADE_EXECUTION_INSTANT : SYMBOL_TRADE_EXECUTION_MARKET;
		case SYMBOL_FILLING_MODE: return behaviour().fillingFlags;
		case SYMBOL_DIGITS: return spec->digits;
	}
	return 0;
}

double SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE property) {
	if(!specOf(name)) return 0;
	auto largest = behaviour().volumeMax;
	switch(property) {
		case SYMBOL_VOLUME_MIN: return 0.01;
		case SYMBOL_VOLUME_STEP: return 0.01;
		case SYMBOL_VOLUME_MAX: return largest ? static_cast<double>(*largest) / 100 : 500;
	}
	return 0;
}

bool SymbolInfoTick(const string &name, MqlTick &tick) {
	const shim::SymbolSpec *spec = specOf(name);
	if(!spec) return false;
	const shim::Quote &quote = shim::terminal().market().quote(*spec);
	mlong serverMs = quote.atMs + shim::GMT_OFFSET_MIN * 60000LL;
	tick = MqlTick();
	tick.time = serverMs / 1000;
	tick.time_msc = serverMs;
	tick.bid = static_cast<double>(quote.bidPoints) * shim::pointOf(*spec);
	tick.ask = static_cast<double>(quote.askPoints) * shim::pointOf(*spec);
	return true;
}

bool SymbolInfoSessionTrade(const string &name, ENUM_DAY_OF_WEEK day, uint session, datetime &from, datetime &to) {
	if(!specOf(name) || session > 0) return false;
	from = 0;
	to = 86400;
	if(!behaviour().isMarketClosed) return true;
	auto opensInMs = behaviour().marketOpensInMs;
	if(!opensInMs) return false;
	MqlDateTime parts;
	mlong opensAt = static_cast<mlong>(TimeTradeServer()) + *opensInMs / 1000;
	TimeToStruct(opensAt, parts);
	if(parts.day_of_week != static_cast<int>(day)) return false;
	from = opensAt % 86400;
	return true;
}

} // namespace mql
