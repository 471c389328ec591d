/** What the bridge says of its terminal every second: nothing but what it reads at that moment. */
#ifndef QUINTET_STATUS_MQH
#define QUINTET_STATUS_MQH

#include <Quintet/Deals.mqh>
#include <Quintet/ExpertStatus.mqh>
#include <Quintet/OpenBook.mqh>
#include <Quintet/OpenItems.mqh>

#define BRIDGE_VERSION "mql-1"

/** ISO 4217 for "no currency": before the first login, or when the broker names one with other than three letters. */
#define NO_CURRENCY "XXX"

BridgeState g_state;
int g_statusMs = 1000;
ulong g_statusAtMs = 0;
double g_seq = 0;
/** What the last status said of button, login and EA. */
string g_told = "";

string CurrencyCode() {
	string currency = AccountInfoString(ACCOUNT_CURRENCY);
	if(StringLen(currency) != 3)
		return NO_CURRENCY;
	for(int i = 0; i < 3; i++) {
		ushort character = StringGetCharacter(currency, i);
		if(character < 'A' || character > 'Z')
			return NO_CURRENCY;
	}
	return currency;
}

/** What the terminal, the account and the broker allow. */
void AddPermissions(string &json) {
	JsonAddText(json, "login", IntegerToString(AccountInfoInteger(ACCOUNT_LOGIN)));
	JsonAddText(json, "server", Bounded(AccountInfoString(ACCOUNT_SERVER), 64));
	JsonAddFlag(json, "isConnected", (bool)TerminalInfoInteger(TERMINAL_CONNECTED));
	JsonAddFlag(json, "isTerminalTradeAllowed", (bool)TerminalInfoInteger(TERMINAL_TRADE_ALLOWED));
	JsonAddFlag(json, "isMqlTradeAllowed", (bool)MQLInfoInteger(MQL_TRADE_ALLOWED));
	JsonAddFlag(json, "isAccountTradeAllowed", (bool)AccountInfoInteger(ACCOUNT_TRADE_ALLOWED));
	JsonAddFlag(json, "isAccountExpertAllowed", (bool)AccountInfoInteger(ACCOUNT_TRADE_EXPERT));
	JsonAddFlag(json, "isHedging", AccountInfoInteger(ACCOUNT_MARGIN_MODE) == ACCOUNT_MARGIN_MODE_RETAIL_HEDGING);
}

void AddMoney(string &json) {
	double balance = AccountInfoDouble(ACCOUNT_BALANCE);
	double equity = AccountInfoDouble(ACCOUNT_EQUITY);
	double margin = AccountInfoDouble(ACCOUNT_MARGIN);
	JsonAddText(json, "currency", CurrencyCode());
	JsonAddWhole(json, "currencyDigits", AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS));
	JsonAddText(json, "balance", MoneyText(balance));
	JsonAddText(json, "equity", MoneyText(equity));
	JsonAddText(json, "margin", MoneyText(margin));
	JsonAddText(json, "freeMargin", MoneyText(AccountInfoDouble(ACCOUNT_MARGIN_FREE)));
	JsonAddRaw(json, "marginLevel", margin > 0 ? JsonQuote(DecimalText(AccountInfoDouble(ACCOUNT_MARGIN_LEVEL), 2)) : "null");
	// With swap: ACCOUNT_PROFIT alone is not sure to hold it.
	JsonAddText(json, "floatingProfit", MoneyText(equity - balance - AccountInfoDouble(ACCOUNT_CREDIT)));
	JsonAddText(json, "dayClosedProfit", MoneyText(DayClosedProfit()));
}

void AddCounts(string &json) {
	Scope everything;
	everything.hasMagic = false;
	everything.magic = 0;
	OpenItem positions[];
	OpenItem orders[];
	PositionsIn(everything, positions);
	OrdersIn(everything, orders);
	double lots = 0;
	int unprotected = 0;
	int mine = 0;
	int ordersOfMine = 0;
	for(int i = 0; i < ArraySize(positions); i++) {
		lots += positions[i].lots;
		if(!positions[i].hasStopLoss)
			unprotected++;
		if(g_state.hasMagic && positions[i].magic == g_state.magic)
			mine++;
	}
	for(int i = 0; i < ArraySize(orders); i++) {
		if(g_state.hasMagic && orders[i].magic == g_state.magic)
			ordersOfMine++;
	}
	JsonAddWhole(json, "openPositions", ArraySize(positions));
	JsonAddText(json, "openLots", LotsText(lots));
	JsonAddWhole(json, "unprotectedPositions", unprotected);
	JsonAddWhole(json, "pendingOrders", ArraySize(orders));
	JsonAddWhole(json, "eaPositions", mine);
	JsonAddWhole(json, "eaOrders", ordersOfMine);
}

/** Of the terminal to the broker's server, in ms; `null` while there is none. */
string PingJson() {
	int microseconds = TerminalInfoInteger(TERMINAL_PING_LAST);
	if(microseconds <= 0 || !(bool)TerminalInfoInteger(TERMINAL_CONNECTED))
		return "null";
	return DecimalText(microseconds / 1000.0, 1);
}

void AddMarket(string &json) {
	bool hasExpert = TradingChart(g_state) != 0;
	string symbol = hasExpert && g_state.symbol != "" ? g_state.symbol : Symbol();
	JsonAddRaw(json, "pingMs", PingJson());
	JsonAddRaw(json, "tickAgeMs", hasExpert ? AgeJson(TickAgeMs(symbol)) : "null");
	JsonAddFlag(json, "isMarketOpen", AccountInfoInteger(ACCOUNT_LOGIN) != 0 && IsMarketOpen(symbol));
	JsonAddWhole(json, "serverTime", (long)TimeTradeServer());
	JsonAddWhole(json, "gmtOffsetMin", GmtOffsetMin());
}

/** What somebody may wait for: the Algo Trading button, the login, the EA on its chart, and that it is ready. */
string Signs() {
	long chart = TradingChart(g_state);
	string signs = IntegerToString(TerminalInfoInteger(TERMINAL_TRADE_ALLOWED)) + " " +
						IntegerToString(TerminalInfoInteger(TERMINAL_CONNECTED)) + " " +
						IntegerToString(AccountInfoInteger(ACCOUNT_LOGIN)) + " " + IntegerToString(chart);
	if(chart == 0)
		return signs;
	return signs + " " + ExpertOn(chart) + " " + IntegerToString(g_state.generation) + " " +
			 (GlobalVariableCheck(ChartGlobal(EA_READY_GLOBAL, chart)) ? "ready" : "");
}

void WriteStatus() {
	g_told = Signs();
	g_seq += 1;
	g_statusAtMs = GetTickCount64();
	GlobalVariableSet(SEQ_GLOBAL, g_seq);
	string json = JsonBegin();
	JsonAddWhole(json, "seq", (long)g_seq);
	JsonAddWhole(json, "build", TerminalInfoInteger(TERMINAL_BUILD));
	JsonAddText(json, "bridgeVersion", BRIDGE_VERSION);
	AddPermissions(json);
	AddMoney(json);
	AddCounts(json);
	AddOpenBook(json);
	JsonAddRaw(json, "ea", ExpertJson(g_state));
	AddMarket(json);
	MessageWrite(STATUS_FILE, "s" + IntegerToString((long)g_seq), JsonEnd(json));
}

/** Called in the middle of long work, so that a bridge at work does not look like a silent one. */
void KeepTellingStatus() {
	if(GetTickCount64() - g_statusAtMs >= (ulong)g_statusMs || Signs() != g_told)
		WriteStatus();
}

#endif
