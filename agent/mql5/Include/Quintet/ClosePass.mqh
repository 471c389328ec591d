/**
 * One pass over a scope: pending orders first, so that none of them fills meanwhile; then the positions by
 * ticket, oldest first. What is left afterwards is looked at anew and told with the broker's last word, so
 * nothing is called closed because a request was sent. The agent repeats passes.
 */
#ifndef QUINTET_CLOSE_PASS_MQH
#define QUINTET_CLOSE_PASS_MQH

#include <Quintet/CloseRequest.mqh>
#include <Quintet/OpenItems.mqh>
#include <Quintet/Symbols.mqh>

struct CloseResult {
	int closedPositions;
	int deletedOrders;
	/** JSON list. */
	string residuals;
	/** Seconds until the first market opens in which something was refused as closed; -1: nobody knows, or none. */
	long marketOpensIn;
};

/** The code of `item` in this pass, from before. */
uint CodeOf(const OpenItem &before[], const ulong ticket) {
	for(int i = 0; i < ArraySize(before); i++) {
		if(before[i].ticket == ticket)
			return before[i].code;
	}
	return 0;
}

bool HasTicket(const OpenItem &items[], const ulong ticket) {
	for(int i = 0; i < ArraySize(items); i++) {
		if(items[i].ticket == ticket)
			return true;
	}
	return false;
}

/** How many of `before` that were tried are gone now; the others in `after` get their code. */
int CountGone(OpenItem &after[], const OpenItem &before[]) {
	int gone = 0;
	for(int i = 0; i < ArraySize(before); i++) {
		if(before[i].code != 0 && !HasTicket(after, before[i].ticket))
			gone++;
	}
	for(int i = 0; i < ArraySize(after); i++)
		after[i].code = CodeOf(before, after[i].ticket);
	return gone;
}

/** The sooner of `soonest` and what the calendar says of the items that a closed market refused. */
long OpensSooner(const OpenItem &items[], const long soonest) {
	long result = soonest;
	for(int i = 0; i < ArraySize(items); i++) {
		if(items[i].code != TRADE_RETCODE_MARKET_CLOSED)
			continue;
		long opensIn = SessionOpensIn(items[i].symbol);
		if(opensIn >= 0 && (result < 0 || opensIn < result))
			result = opensIn;
	}
	return result;
}

void RunClosePass(const Scope &scope, const ulong deviationPoints, CloseResult &result) {
	ulong startedMs = GetTickCount64();
	OpenItem orders[];
	OpenItem positions[];
	OrdersIn(scope, orders);
	for(int i = 0; i < ArraySize(orders) && IsTimeLeft(startedMs); i++) {
		orders[i].code = DeleteOrder(orders[i].ticket);
		KeepTellingStatus();
	}
	// Read after the orders are gone: one of them may have become a position.
	PositionsIn(scope, positions);
	for(int i = 0; i < ArraySize(positions) && IsTimeLeft(startedMs); i++) {
		positions[i].code = ClosePosition(positions[i], deviationPoints, startedMs);
		KeepTellingStatus();
	}
	OpenItem ordersLeft[];
	OpenItem positionsLeft[];
	OrdersIn(scope, ordersLeft);
	PositionsIn(scope, positionsLeft);
	result.deletedOrders = CountGone(ordersLeft, orders);
	result.closedPositions = CountGone(positionsLeft, positions);
	result.residuals = ItemsJson(ordersLeft, positionsLeft);
	result.marketOpensIn = OpensSooner(positionsLeft, OpensSooner(ordersLeft, -1));
}

#endif
