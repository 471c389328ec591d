/** The two trade requests the bridge ever makes: deleting a pending order and closing a position. */
#ifndef QUINTET_CLOSE_REQUEST_MQH
#define QUINTET_CLOSE_REQUEST_MQH

#include <Quintet/OpenItems.mqh>

/** The agent waits ten seconds for an answer; what one request does not reach in this time, the next one does. */
#define PASS_LONGEST_MS 6000
/** More parts than this of one position wait for the next pass. */
#define PARTS_AT_MOST 200
/** How long an order that was only placed (10008) is waited for. */
#define PLACED_WAIT_MS 1000
#define PLACED_POLL_MS 20
/** Below this a volume is nothing: no broker's step is smaller. */
#define NO_LOTS 0.00000001

/** Why a request that never left the terminal did not. */
uint LocalCode() {
	if(!TerminalInfoInteger(TERMINAL_TRADE_ALLOWED) || !MQLInfoInteger(MQL_TRADE_ALLOWED))
		return TRADE_RETCODE_CLIENT_DISABLES_AT;
	if(!TerminalInfoInteger(TERMINAL_CONNECTED))
		return TRADE_RETCODE_CONNECTION;
	if(!AccountInfoInteger(ACCOUNT_TRADE_ALLOWED))
		return TRADE_RETCODE_TRADE_DISABLED;
	return TRADE_RETCODE_ERROR;
}

/** Sends it and answers with the return code, whatever the kind of failure. */
uint Send(MqlTradeRequest &request, MqlTradeResult &result) {
	ResetLastError();
	bool isSent = OrderSend(request, result);
	if(!isSent && result.retcode == 0)
		return LocalCode();
	return result.retcode;
}

uint DeleteOrder(const ulong ticket) {
	MqlTradeRequest request;
	MqlTradeResult result;
	ZeroMemory(request);
	ZeroMemory(result);
	request.action = TRADE_ACTION_REMOVE;
	request.order = ticket;
	return Send(request, result);
}

/**
 * How orders of this symbol may be filled. Market execution takes only what its flags say, and never RETURN;
 * exchange execution takes its flags or RETURN; instant and request execution take everything.
 */
ENUM_ORDER_TYPE_FILLING FillingOf(const string symbol) {
	long flags = SymbolInfoInteger(symbol, SYMBOL_FILLING_MODE);
	long execution = SymbolInfoInteger(symbol, SYMBOL_TRADE_EXEMODE);
	if((flags & SYMBOL_FILLING_IOC) != 0)
		return ORDER_FILLING_IOC;
	if((flags & SYMBOL_FILLING_FOK) != 0)
		return ORDER_FILLING_FOK;
	if(execution == SYMBOL_TRADE_EXECUTION_MARKET)
		return ORDER_FILLING_FOK;
	return ORDER_FILLING_RETURN;
}

/** The largest part of `lots` that one order may have. */
double PartOf(const string symbol, const double lots) {
	double largest = SymbolInfoDouble(symbol, SYMBOL_VOLUME_MAX);
	double step = SymbolInfoDouble(symbol, SYMBOL_VOLUME_STEP);
	if(largest <= 0 || lots <= largest + NO_LOTS)
		return lots;
	if(step > 0)
		largest = MathFloor(largest / step + 0.000001) * step;
	// What stays behind must not be less than the smallest order, or it could never be closed.
	double smallest = SymbolInfoDouble(symbol, SYMBOL_VOLUME_MIN);
	double rest = lots - largest;
	if(rest > NO_LOTS && rest < smallest - NO_LOTS && largest - smallest > NO_LOTS)
		return NormalizeDouble(largest - smallest, 8);
	return NormalizeDouble(largest, 8);
}

/** Volume of the position now; 0 when it is gone. */
double LotsOf(const ulong ticket) {
	return PositionSelectByTicket(ticket) ? PositionGetDouble(POSITION_VOLUME) : 0;
}

/** Waits for a placed order to take effect. @returns the volume then */
double AwaitPlaced(const ulong ticket, const double lots) {
	ulong startedMs = GetTickCount64();
	double now = LotsOf(ticket);
	while(now >= lots - NO_LOTS && GetTickCount64() - startedMs < PLACED_WAIT_MS) {
		Sleep(PLACED_POLL_MS);
		now = LotsOf(ticket);
	}
	return now;
}

bool IsTimeLeft(const ulong startedMs) {
	return GetTickCount64() - startedMs < PASS_LONGEST_MS;
}

/**
 * Closes as much of the position as the broker takes, part by part while there is time left of the request that
 * began at `startedMs`; the first part is always tried. @returns the last return code
 */
uint ClosePosition(const OpenItem &position, const ulong deviationPoints, const ulong startedMs) {
	uint code = TRADE_RETCODE_POSITION_CLOSED;
	// Without being in the Market Watch a symbol has no prices.
	SymbolSelect(position.symbol, true);
	for(int part = 0; part < PARTS_AT_MOST && (part == 0 || IsTimeLeft(startedMs)); part++) {
		double lots = LotsOf(position.ticket);
		if(lots <= NO_LOTS)
			return code;
		MqlTradeRequest request;
		MqlTradeResult result;
		MqlTick tick;
		ZeroMemory(request);
		ZeroMemory(result);
		if(!SymbolInfoTick(position.symbol, tick))
			return TRADE_RETCODE_PRICE_OFF;
		request.action = TRADE_ACTION_DEAL;
		request.position = position.ticket;
		request.symbol = position.symbol;
		request.volume = PartOf(position.symbol, lots);
		request.type = position.isBuy ? ORDER_TYPE_SELL : ORDER_TYPE_BUY;
		request.price = position.isBuy ? tick.bid : tick.ask;
		request.deviation = deviationPoints;
		request.type_filling = FillingOf(position.symbol);
		// The closing deal belongs to the EA whose position it was, not to the bridge.
		request.magic = (ulong)position.magic;
		request.comment = "quintet";
		code = Send(request, result);
		if(code != TRADE_RETCODE_DONE && code != TRADE_RETCODE_DONE_PARTIAL && code != TRADE_RETCODE_PLACED)
			return code;
		// The account may show the deal a moment later than the answer.
		if(AwaitPlaced(position.ticket, lots) >= lots - NO_LOTS)
			return code;
		KeepTellingStatus();
	}
	return code;
}

#endif
