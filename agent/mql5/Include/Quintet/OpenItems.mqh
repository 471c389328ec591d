/** Positions and pending orders: which are in scope, and what is told of each. */
#ifndef QUINTET_OPEN_ITEMS_MQH
#define QUINTET_OPEN_ITEMS_MQH

#include <Quintet/Decimal.mqh>
#include <Quintet/JsonWriter.mqh>
#include <Quintet/ReturnCodes.mqh>

#define RESIDUALS_AT_MOST 500

struct Scope {
	/** False: the whole account. */
	bool hasMagic;
	long magic;
};

/** A position or an order as it is now. */
struct OpenItem {
	ulong ticket;
	bool isPosition;
	string symbol;
	bool isBuy;
	double lots;
	double profit;
	bool hasStopLoss;
	long magic;
	/** Milliseconds, server time: oldest first is the order that FIFO accounts ask for. */
	long openedMsc;
	/** Return code of the last attempt; 0 when none was made. */
	uint code;
};

bool IsPending(const long type) {
	return type == ORDER_TYPE_BUY_LIMIT || type == ORDER_TYPE_SELL_LIMIT || type == ORDER_TYPE_BUY_STOP ||
			 type == ORDER_TYPE_SELL_STOP || type == ORDER_TYPE_BUY_STOP_LIMIT || type == ORDER_TYPE_SELL_STOP_LIMIT;
}

bool IsBuyOrder(const long type) {
	return type == ORDER_TYPE_BUY_LIMIT || type == ORDER_TYPE_BUY_STOP || type == ORDER_TYPE_BUY_STOP_LIMIT;
}

bool IsInScope(const Scope &scope, const long magic) {
	return !scope.hasMagic || scope.magic == magic;
}

/** Puts the item where its time of opening belongs. */
void InsertByAge(OpenItem &items[], const OpenItem &item) {
	int place = ArraySize(items);
	ArrayResize(items, place + 1, 64);
	while(place > 0 && items[place - 1].openedMsc > item.openedMsc) {
		items[place] = items[place - 1];
		place--;
	}
	items[place] = item;
}

void PositionsIn(const Scope &scope, OpenItem &items[]) {
	ArrayResize(items, 0);
	for(int i = 0; i < PositionsTotal(); i++) {
		ulong ticket = PositionGetTicket(i);
		if(ticket == 0 || !IsInScope(scope, PositionGetInteger(POSITION_MAGIC)))
			continue;
		OpenItem item;
		item.ticket = ticket;
		item.isPosition = true;
		item.symbol = PositionGetString(POSITION_SYMBOL);
		item.isBuy = PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY;
		item.lots = PositionGetDouble(POSITION_VOLUME);
		item.profit = PositionGetDouble(POSITION_PROFIT) + PositionGetDouble(POSITION_SWAP);
		item.hasStopLoss = PositionGetDouble(POSITION_SL) > 0;
		item.magic = PositionGetInteger(POSITION_MAGIC);
		item.openedMsc = PositionGetInteger(POSITION_TIME_MSC);
		item.code = 0;
		InsertByAge(items, item);
	}
}

void OrdersIn(const Scope &scope, OpenItem &items[]) {
	ArrayResize(items, 0);
	for(int i = 0; i < OrdersTotal(); i++) {
		ulong ticket = OrderGetTicket(i);
		long type = OrderGetInteger(ORDER_TYPE);
		if(ticket == 0 || !IsPending(type) || !IsInScope(scope, OrderGetInteger(ORDER_MAGIC)))
			continue;
		OpenItem item;
		item.ticket = ticket;
		item.isPosition = false;
		item.symbol = OrderGetString(ORDER_SYMBOL);
		item.isBuy = IsBuyOrder(type);
		item.lots = OrderGetDouble(ORDER_VOLUME_CURRENT);
		item.profit = 0;
		item.hasStopLoss = false;
		item.magic = OrderGetInteger(ORDER_MAGIC);
		item.openedMsc = OrderGetInteger(ORDER_TIME_SETUP_MSC);
		item.code = 0;
		InsertByAge(items, item);
	}
}

string ItemJson(const OpenItem &item) {
	string json = JsonBegin();
	JsonAddTicket(json, "ticket", item.ticket);
	JsonAddText(json, "type", item.isPosition ? "position" : "order");
	JsonAddText(json, "symbol", Bounded(item.symbol, 32));
	JsonAddText(json, "side", item.isBuy ? "buy" : "sell");
	JsonAddText(json, "lots", LotsText(item.lots));
	JsonAddRaw(json, "profit", item.isPosition ? JsonQuote(MoneyText(item.profit)) : "null");
	JsonAddFlag(json, "hasStopLoss", item.hasStopLoss);
	JsonAddRaw(json, "brokerCode", item.code == 0 ? "null" : IntegerToString(item.code));
	JsonAddRaw(json, "brokerText", item.code == 0 ? "null" : JsonQuote(ReturnText(item.code)));
	return JsonEnd(json);
}

/** Orders and then positions as a JSON list, as many as an answer may hold. */
string ItemsJson(const OpenItem &orders[], const OpenItem &positions[]) {
	string elements = "";
	int told = 0;
	for(int i = 0; i < ArraySize(orders) && told < RESIDUALS_AT_MOST; i++) {
		JsonAddElement(elements, ItemJson(orders[i]));
		told++;
	}
	for(int i = 0; i < ArraySize(positions) && told < RESIDUALS_AT_MOST; i++) {
		JsonAddElement(elements, ItemJson(positions[i]));
		told++;
	}
	return "[" + elements + "]";
}

#endif
