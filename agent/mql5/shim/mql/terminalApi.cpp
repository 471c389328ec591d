// Charts, terminal globals, timers and time, as a program on a chart sees them.
#include "core/platform.h"
#include "core/terminal.h"
#include "core/text.h"
#include "mql/api.h"
#include <algorithm>
#include <ctime>

namespace mql {
namespace {

std::string utf8(const string &text) { return shim::toUtf8(text.text()); }
string textOf(const std::string &utf8) { return string(shim::fromUtf8(utf8)); }
shim::Chart *chartOf(mlong id) { return id == 0 ? shim::terminal().current() : shim::terminal().findChart(id); }
constexpr std::size_t LONGEST_GLOBAL = 63;
/** ERR_CHART_CANNOT_OPEN */
constexpr int CANNOT_OPEN_CHART = 4105;

} // namespace

int TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER property) {
	switch(property) {
		case TERMINAL_BUILD: return shim::BUILD;
		case TERMINAL_CONNECTED: return shim::terminal().isConnected();
		case TERMINAL_TRADE_ALLOWED: return shim::terminal().isAlgoTradingOn();
		case TERMINAL_PING_LAST: return 23400;
	}
	return 0;
}

int MQLInfoInteger(ENUM_MQL_INFO_INTEGER) {
	shim::Chart *chart = shim::terminal().current();
	return chart && chart->expert && chart->expert->mayTrade && shim::terminal().isLiveTradingAllowed();
}

mlong ChartID() { return shim::terminal().current() ? shim::terminal().current()->id : 0; }

mlong ChartFirst() {
	auto &charts = shim::terminal().charts();
	return charts.empty() ? -1 : charts.front()->id;
}

mlong ChartNext(mlong chart) {
	auto &charts = shim::terminal().charts();
	for(std::size_t i = 0; i + 1 < charts.size(); i++)
		if(charts[i]->id == chart) return charts[i + 1]->id;
	return -1;
}

mlong ChartOpen(const string &symbol, ENUM_TIMEFRAMES period) {
	shim::BrokerAccount *account = shim::terminal().account();
	if(account && account->behaviour().refusesCharts) {
		shim::terminal().lastError = CANNOT_OPEN_CHART;
		return 0;
	}
	return shim::terminal().openChart(utf8(symbol), period);
}

bool ChartClose(mlong id) {
	shim::Chart *chart = chartOf(id);
	if(chart) shim::terminal().closeChart(chart->id);
	return chart != nullptr;
}

bool ChartApplyTemplate(mlong id, const string &file) {
	shim::Chart *chart = chartOf(id);
	std::string name = utf8(file);
	// Only the form that is relative to MQL5: `\Files\…`.
	if(!chart || name.empty() || name[0] != '\\') return false;
	std::replace(name.begin(), name.end(), '\\', '/');
	auto path = shim::terminal().instance() / "MQL5" / std::filesystem::u8path(name.substr(1));
	if(!std::filesystem::exists(path)) return false;
	shim::terminal().applyTemplate(chart->id, path);
	return true;
}

string ChartGetString(mlong id, ENUM_CHART_PROPERTY_STRING) {
	shim::Chart *chart = chartOf(id);
	return chart && chart->expert ? textOf(chart->expert->name()) : string();
}

string ChartSymbol(mlong id) {
	shim::Chart *chart = chartOf(id);
	return chart ? textOf(chart->symbol) : string();
}

ENUM_TIMEFRAMES ChartPeriod(mlong id) {
	shim::Chart *chart = chartOf(id);
	return chart ? static_cast<ENUM_TIMEFRAMES>(chart->period) : PERIOD_CURRENT;
}

string Symbol() { return ChartSymbol(0); }
string EnumToString(ENUM_TIMEFRAMES value) { return textOf("PERIOD_" + shim::timeframeName(value)); }

bool GlobalVariableCheck(const string &name) { return shim::terminal().globals().count(utf8(name)) > 0; }

bool GlobalVariableGet(const string &name, double &value) {
	auto found = shim::terminal().globals().find(utf8(name));
	if(found == shim::terminal().globals().end()) return false;
	value = found->second.value;
	return true;
}

datetime GlobalVariableSet(const string &name, double value) {
	std::string key = utf8(name);
	if(key.empty() || key.size() > LONGEST_GLOBAL) return 0;
	shim::terminal().globals()[key].value = value;
	return TimeGMT();
}

bool GlobalVariableTemp(const string &name) {
	return shim::terminal().globals().emplace(utf8(name), shim::GlobalVariable{0, true}).second;
}

bool GlobalVariableDel(const string &name) { return shim::terminal().globals().erase(utf8(name)) > 0; }

int GlobalVariablesDeleteAll(const string &prefix, datetime) {
	auto &globals = shim::terminal().globals();
	std::string head = utf8(prefix);
	int count = 0;
	for(auto each = globals.begin(); each != globals.end();) {
		if(each->first.compare(0, head.size(), head) != 0) {
			++each;
			continue;
		}
		each = globals.erase(each);
		count++;
	}
	return count;
}

bool EventSetTimer(int seconds) { return EventSetMillisecondTimer(seconds * 1000); }

bool EventSetMillisecondTimer(int milliseconds) {
	shim::Chart *chart = shim::terminal().current();
	if(!chart || !chart->expert || milliseconds <= 0) return false;
	chart->expert->timerMs = milliseconds;
	chart->expert->timerAtMs = GetTickCount64() + static_cast<mulong>(milliseconds);
	return true;
}

void EventKillTimer() {
	shim::Chart *chart = shim::terminal().current();
	if(chart && chart->expert) chart->expert->timerMs = 0;
}

datetime TimeGMT() { return shim::wallMs() / 1000; }
datetime TimeTradeServer() { return TimeGMT() + shim::GMT_OFFSET_MIN * 60; }

bool TimeToStruct(datetime time, MqlDateTime &parts) {
	auto seconds = static_cast<std::time_t>(time);
	const std::tm *tm = std::gmtime(&seconds);
	if(!tm) return false;
	parts = {tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, tm->tm_wday, tm->tm_yday};
	return true;
}

mulong GetTickCount64() { return shim::platform::monotonicMs(); }
void Sleep(int milliseconds) { shim::platform::sleepMs(milliseconds); }
int GetLastError() { return shim::terminal().lastError; }
void ResetLastError() { shim::terminal().lastError = 0; }

void Print(const string &text) {
	shim::Chart *chart = shim::terminal().current();
	std::string name = chart && chart->expert ? chart->expert->name() : "";
	std::string place = chart ? chart->symbol + "," + shim::timeframeName(chart->period) : "";
	shim::terminal().journal().program(name + " (" + place + ")", utf8(text));
}

} // namespace mql
