/**
 * One position or pending order, by its ticket. An order that is filled while it is being deleted becomes a
 * position with the same ticket, so both are looked for, and what is left is looked at anew.
 */
#ifndef QUINTET_CLOSE_ONE_MQH
#define QUINTET_CLOSE_ONE_MQH

#include <Quintet/CloseRequest.mqh>
#include <Quintet/OpenItems.mqh>

struct CloseOneResult {
	/** One of the words of `close_one` in agent/src/bridge/contract.ts. */
	string done;
	/** JSON object or null. */
	string residual;
};

bool PickTicket(const OpenItem &items[], const ulong ticket, OpenItem &item) {
	for(int i = 0; i < ArraySize(items); i++) {
		if(items[i].ticket != ticket)
			continue;
		item = items[i];
		return true;
	}
	return false;
}

bool FindOrder(const ulong ticket, OpenItem &item) {
	Scope all;
	OpenItem orders[];
	all.hasMagic = false;
	all.magic = 0;
	OrdersIn(all, orders);
	return PickTicket(orders, ticket, item);
}

bool FindPosition(const ulong ticket, OpenItem &item) {
	Scope all;
	OpenItem positions[];
	all.hasMagic = false;
	all.magic = 0;
	PositionsIn(all, positions);
	return PickTicket(positions, ticket, item);
}

void RunCloseOne(const ulong ticket, const ulong deviationPoints, CloseOneResult &result) {
	ulong startedMs = GetTickCount64();
	OpenItem order;
	OpenItem position;
	uint orderCode = 0;
	uint positionCode = 0;
	result.done = "unknown_ticket";
	result.residual = "null";
	bool wasOrder = FindOrder(ticket, order);
	if(wasOrder) {
		orderCode = DeleteOrder(ticket);
		result.done = "nothing";
	}
	bool wasPosition = FindPosition(ticket, position);
	if(wasPosition) {
		double lots = position.lots;
		positionCode = ClosePosition(position, deviationPoints, startedMs);
		double lotsLeft = LotsOf(ticket);
		result.done = "nothing";
		if(lotsLeft <= NO_LOTS)
			result.done = "position_closed";
		else if(lotsLeft < lots - NO_LOTS)
			result.done = "position_reduced";
	}
	if(FindOrder(ticket, order)) {
		order.code = orderCode;
		result.residual = ItemJson(order);
	} else if(FindPosition(ticket, position)) {
		position.code = positionCode;
		result.residual = ItemJson(position);
	} else if(!wasPosition && wasOrder && orderCode == TRADE_RETCODE_DONE) {
		// With any other code it went by itself: on a netting account, into a position with another ticket.
		result.done = "order_deleted";
	}
}

#endif
