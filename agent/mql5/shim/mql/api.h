// The functions of MQL5 that the programs here use, with the signatures of the MQL5 Reference. Adding one: here, in
// the .cpp of its subject, and in mqlFunctions.ts (CONTRIBUTING.md).
#pragma once
#include "mql/enums.h"
#include "mql/program.h"
#include "mql/types.h"
#include <cmath>
#include <type_traits>

namespace mql {

struct MqlTick {
	datetime time = 0;
	double bid = 0;
	double ask = 0;
	double last = 0;
	mulong volume = 0;
	mlong time_msc = 0;
	uint flags = 0;
	double volume_real = 0;
};
struct MqlDateTime {
	int year = 0;
	int mon = 0;
	int day = 0;
	int hour = 0;
	int min = 0;
	int sec = 0;
	int day_of_week = 0;
	int day_of_year = 0;
};
struct MqlTradeRequest {
	ENUM_TRADE_REQUEST_ACTIONS action = TRADE_ACTION_DEAL;
	mulong magic = 0;
	mulong order = 0;
	string symbol;
	double volume = 0;
	double price = 0;
	double stoplimit = 0;
	double sl = 0;
	double tp = 0;
	mulong deviation = 0;
	ENUM_ORDER_TYPE type = ORDER_TYPE_BUY;
	ENUM_ORDER_TYPE_FILLING type_filling = ORDER_FILLING_FOK;
	datetime expiration = 0;
	string comment;
	mulong position = 0;
	mulong position_by = 0;
};
struct MqlTradeResult {
	uint retcode = 0;
	mulong deal = 0;
	mulong order = 0;
	double volume = 0;
	double price = 0;
	double bid = 0;
	double ask = 0;
	string comment;
	uint request_id = 0;
	int retcode_external = 0;
};

// Numbers
template <typename T> T MathAbs(T value) { return value < 0 ? -value : value; }
template <typename A, typename B> std::common_type_t<A, B> MathMin(A a, B b) {
	using T = std::common_type_t<A, B>;
	return static_cast<T>(a) < static_cast<T>(b) ? static_cast<T>(a) : static_cast<T>(b);
}
template <typename A, typename B> std::common_type_t<A, B> MathMax(A a, B b) {
	using T = std::common_type_t<A, B>;
	return static_cast<T>(a) > static_cast<T>(b) ? static_cast<T>(a) : static_cast<T>(b);
}
inline double MathFloor(double value) { return std::floor(value); }
inline double MathRound(double value) { return std::round(value); }
inline bool MathIsValidNumber(double value) { return std::isfinite(value); }
double NormalizeDouble(double value, int digits);

// Strings
int StringLen(const string &text);
ushort StringGetCharacter(const string &text, int place);
string StringSubstr(const string &text, int start, int length = -1);
int StringFind(const string &text, const string &wanted, int start = 0);
int StringReplace(string &text, const string &wanted, const string &replacement);
int StringSplit(const string &text, ushort separator, array<string> &result);
mlong StringToInteger(const string &text);
double StringToDouble(const string &text);
string IntegerToString(mlong number, int length = 0, ushort fill = u' ');
string DoubleToString(double value, int digits = 8);
string ShortToString(ushort character);
int StringToCharArray(const string &text, array<uchar> &bytes, int start = 0, int count = -1, uint codepage = CP_ACP);
string CharArrayToString(const array<uchar> &bytes, int start = 0, int count = -1, uint codepage = CP_ACP);
string EnumToString(ENUM_TIMEFRAMES value);

// Arrays and memory
template <typename T> int ArraySize(const array<T> &items) { return static_cast<int>(items.items().size()); }
template <typename T> int ArrayResize(array<T> &items, int size, int reserve = 0) {
	(void)reserve;
	if(size < 0) throw CriticalError("invalid array size");
	items.items().resize(static_cast<std::size_t>(size));
	return size;
}
template <typename T>
int ArrayCopy(array<T> &to, const array<T> &from, int toStart = 0, int fromStart = 0, int count = WHOLE_ARRAY) {
	int left = ArraySize(from) - fromStart;
	int copied = count == WHOLE_ARRAY || count > left ? left : count;
	if(copied <= 0) return 0;
	if(ArraySize(to) < toStart + copied) ArrayResize(to, toStart + copied);
	for(int i = 0; i < copied; i++) to[toStart + i] = from[fromStart + i];
	return copied;
}
template <typename T> void ZeroMemory(T &variable) { variable = T(); }

// Files, below MQL5/Files
int FileOpen(const string &name, int flags, short delimiter = '\t', uint codepage = CP_ACP);
void FileClose(int handle);
mulong FileSize(int handle);
bool FileIsEnding(int handle);
string FileReadString(int handle, int length = -1);
uint FileReadArray(int handle, array<uchar> &bytes, int start = 0, int count = WHOLE_ARRAY);
uint FileWriteArray(int handle, const array<uchar> &bytes, int start = 0, int count = WHOLE_ARRAY);
bool FileIsExist(const string &name, int commonFlag = 0);
bool FileDelete(const string &name, int commonFlag = 0);
bool FileMove(const string &from, int commonFlag, const string &to, int modeFlags);
bool FolderCreate(const string &name, int commonFlag = 0);
mlong FileFindFirst(const string &filter, string &name, int commonFlag = 0);
bool FileFindNext(mlong search, string &name);
void FileFindClose(mlong search);

// Terminal, charts, globals, time
int TerminalInfoInteger(ENUM_TERMINAL_INFO_INTEGER property);
int MQLInfoInteger(ENUM_MQL_INFO_INTEGER property);
mlong ChartID();
mlong ChartFirst();
mlong ChartNext(mlong chart);
mlong ChartOpen(const string &symbol, ENUM_TIMEFRAMES period);
bool ChartClose(mlong chart = 0);
bool ChartApplyTemplate(mlong chart, const string &file);
string ChartGetString(mlong chart, ENUM_CHART_PROPERTY_STRING property);
string ChartSymbol(mlong chart = 0);
ENUM_TIMEFRAMES ChartPeriod(mlong chart = 0);
string Symbol();
bool GlobalVariableCheck(const string &name);
bool GlobalVariableGet(const string &name, double &value);
datetime GlobalVariableSet(const string &name, double value);
bool GlobalVariableTemp(const string &name);
bool GlobalVariableDel(const string &name);
int GlobalVariablesDeleteAll(const string &prefix = string(), datetime limit = 0);
bool EventSetTimer(int seconds);
bool EventSetMillisecondTimer(int milliseconds);
void EventKillTimer();
datetime TimeTradeServer();
datetime TimeGMT();
bool TimeToStruct(datetime time, MqlDateTime &parts);
mulong GetTickCount64();
void Sleep(int milliseconds);
int GetLastError();
void ResetLastError();
void Print(const string &text);

// Symbols
bool SymbolExist(const string &name, bool &isCustom);
int SymbolsTotal(bool isSelected);
string SymbolName(int place, bool isSelected);
bool SymbolSelect(const string &name, bool isSelected);
mlong SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER property);
double SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE property);
bool SymbolInfoTick(const string &name, MqlTick &tick);
bool SymbolInfoSessionTrade(const string &name, ENUM_DAY_OF_WEEK day, uint session, datetime &from, datetime &to);

// Account, positions, orders, history, trade
mlong AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER property);
double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE property);
string AccountInfoString(ENUM_ACCOUNT_INFO_STRING property);
int PositionsTotal();
mulong PositionGetTicket(int place);
bool PositionSelectByTicket(mulong ticket);
mlong PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER property);
double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE property);
string PositionGetString(ENUM_POSITION_PROPERTY_STRING property);
int OrdersTotal();
mulong OrderGetTicket(int place);
mlong OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER property);
double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE property);
string OrderGetString(ENUM_ORDER_PROPERTY_STRING property);
bool HistorySelect(datetime from, datetime to);
bool HistorySelectByPosition(mlong position);
int HistoryDealsTotal();
mulong HistoryDealGetTicket(int place);
mlong HistoryDealGetInteger(mulong ticket, ENUM_DEAL_PROPERTY_INTEGER property);
double HistoryDealGetDouble(mulong ticket, ENUM_DEAL_PROPERTY_DOUBLE property);
string HistoryDealGetString(mulong ticket, ENUM_DEAL_PROPERTY_STRING property);
bool OrderSend(const MqlTradeRequest &request, MqlTradeResult &result);

} // namespace mql
