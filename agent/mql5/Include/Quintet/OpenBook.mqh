/** What is open, as the terminal's Trade tab has it: a row for each position and each pending order. */
#ifndef QUINTET_OPEN_BOOK_MQH
#define QUINTET_OPEN_BOOK_MQH

#include <Quintet/Decimal.mqh>
#include <Quintet/JsonWriter.mqh>
#include <Quintet/OpenItems.mqh>

/** Of positions and orders together; MOST_OPEN_ITEMS in src/lib/protocol/openItems.ts. */
#define BOOK_ROWS_AT_MOST 100

string PriceText(const string symbol, const double price) {
	int digits = (int)SymbolInfoInteger(symbol, SYMBOL_DIGITS);
	return DecimalText(price, digits > 8 ? 8 : digits);
}

/** `null` for a level that is not set. */
string LevelJson(const string symbol, const double price) {
	return price > 0 ? JsonQuote(PriceText(symbol, price)) : "null";
}

string OrderTypeText(const long type) {
	if(type == ORDER_TYPE_BUY_LIMIT)
		return "buy limit";
	if(type == ORDER_TYPE_SELL_LIMIT)
		return "sell limit";
	if(type == ORDER_TYPE_BUY_STOP)
		return "buy stop";
	if(type == ORDER_TYPE_SELL_STOP)
		return "sell stop";
	return type == ORDER_TYPE_BUY_STOP_LIMIT ? "buy stop limit" : "sell stop limit";
}

string OrderStateText(const long state) {
	switch((int)state) {
		case ORDER_STATE_STARTED: return "started";
		case ORDER_STATE_PLACED: return "placed";
		case ORDER_STATE_CANCELED: return "canceled";
		case ORDER_STATE_PARTIAL: return "partial";
		case ORDER_STATE_FILLED: return "filled";
		case ORDER_STATE_REJECTED: return "rejected";
		case ORDER_STATE_EXPIRED: return "expired";
		case ORDER_STATE_REQUEST_ADD: return "request add";
		case ORDER_STATE_REQUEST_MODIFY: return "request modify";
	}
	return "request cancel";
}

/** The position that is selected. */
string PositionRow(const ulong ticket) {
	string symbol = PositionGetString(POSITION_SYMBOL);
	string json = JsonBegin();
	JsonAddTicket(json, "ticket", ticket);
	JsonAddWhole(json, "timeMs", PositionGetInteger(POSITION_TIME_MSC));
	JsonAddText(json, "symbol", Bounded(symbol, 32));
	JsonAddText(json, "type", PositionGetInteger(POSITION_TYPE) == POSITION_TYPE_BUY ? "buy" : "sell");
	JsonAddText(json, "lots", LotsText(PositionGetDouble(POSITION_VOLUME)));
	JsonAddText(json, "price", PriceText(symbol, PositionGetDouble(POSITION_PRICE_OPEN)));
	JsonAddRaw(json, "sl", LevelJson(symbol, PositionGetDouble(POSITION_SL)));
	JsonAddRaw(json, "tp", LevelJson(symbol, PositionGetDouble(POSITION_TP)));
	JsonAddText(json, "priceCurrent", PriceText(symbol, PositionGetDouble(POSITION_PRICE_CURRENT)));
	JsonAddText(json, "swap", MoneyText(PositionGetDouble(POSITION_SWAP)));
	JsonAddText(json, "profit", MoneyText(PositionGetDouble(POSITION_PROFIT)));
	JsonAddText(json, "magic", IntegerToString(PositionGetInteger(POSITION_MAGIC)));
	JsonAddText(json, "comment", Bounded(PositionGetString(POSITION_COMMENT), 64));
	return JsonEnd(json);
}

/** The order that is selected. */
string OrderRow(const ulong ticket) {
	string symbol = OrderGetString(ORDER_SYMBOL);
	string json = JsonBegin();
	JsonAddTicket(json, "ticket", ticket);
	JsonAddWhole(json, "timeMs", OrderGetInteger(ORDER_TIME_SETUP_MSC));
	JsonAddText(json, "symbol", Bounded(symbol, 32));
	JsonAddText(json, "type", OrderTypeText(OrderGetInteger(ORDER_TYPE)));
	JsonAddText(json, "lots", LotsText(OrderGetDouble(ORDER_VOLUME_CURRENT)));
	JsonAddText(json, "price", PriceText(symbol, OrderGetDouble(ORDER_PRICE_OPEN)));
	JsonAddRaw(json, "stopLimit", LevelJson(symbol, OrderGetDouble(ORDER_PRICE_STOPLIMIT)));
	JsonAddRaw(json, "sl", LevelJson(symbol, OrderGetDouble(ORDER_SL)));
	JsonAddRaw(json, "tp", LevelJson(symbol, OrderGetDouble(ORDER_TP)));
	JsonAddText(json, "priceCurrent", PriceText(symbol, OrderGetDouble(ORDER_PRICE_CURRENT)));
	JsonAddText(json, "state", OrderStateText(OrderGetInteger(ORDER_STATE)));
	JsonAddText(json, "magic", IntegerToString(OrderGetInteger(ORDER_MAGIC)));
	JsonAddText(json, "comment", Bounded(OrderGetString(ORDER_COMMENT), 64));
	return JsonEnd(json);
}

void AddOpenBook(string &json) {
	int told = 0;
	string positions = "";
	for(int i = 0; i < PositionsTotal() && told < BOOK_ROWS_AT_MOST; i++) {
		ulong ticket = PositionGetTicket(i);
		if(ticket == 0)
			continue;
		JsonAddElement(positions, PositionRow(ticket));
		told++;
	}
	string orders = "";
	for(int i = 0; i < OrdersTotal() && told < BOOK_ROWS_AT_MOST; i++) {
		ulong ticket = OrderGetTicket(i);
		if(ticket == 0 || !IsPending(OrderGetInteger(ORDER_TYPE)))
			continue;
		JsonAddElement(orders, OrderRow(ticket));
		told++;
	}
	JsonAddRaw(json, "positions", "[" + positions + "]");
	JsonAddRaw(json, "orders", "[" + orders + "]");
}

#endif
