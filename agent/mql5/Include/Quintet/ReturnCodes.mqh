/** The trade server's return codes in words (ENUM_TRADE_RETURN_CODES of the MQL5 Reference). */
#ifndef QUINTET_RETURN_CODES_MQH
#define QUINTET_RETURN_CODES_MQH

string ReturnText(const uint code) {
	switch(code) {
		case TRADE_RETCODE_REQUOTE: return "Requote";
		case TRADE_RETCODE_REJECT: return "Request rejected";
		case TRADE_RETCODE_CANCEL: return "Request cancelled";
		case TRADE_RETCODE_PLACED: return "Order placed";
		case TRADE_RETCODE_DONE: return "Request completed";
		case TRADE_RETCODE_DONE_PARTIAL: return "Only part of the request was completed";
		case TRADE_RETCODE_ERROR: return "Request processing error";
		case TRADE_RETCODE_TIMEOUT: return "Request cancelled by timeout";
		case TRADE_RETCODE_INVALID: return "Invalid request";
		case TRADE_RETCODE_INVALID_VOLUME: return "Invalid volume";
		case TRADE_RETCODE_INVALID_PRICE: return "Invalid price";
		case TRADE_RETCODE_INVALID_STOPS: return "Invalid stops";
		case TRADE_RETCODE_TRADE_DISABLED: return "Trade is disabled";
		case TRADE_RETCODE_MARKET_CLOSED: return "Market is closed";
		case TRADE_RETCODE_NO_MONEY: return "Not enough money";
		case TRADE_RETCODE_PRICE_CHANGED: return "Prices changed";
		case TRADE_RETCODE_PRICE_OFF: return "No quotes";
		case TRADE_RETCODE_TOO_MANY_REQUESTS: return "Too many requests";
		case TRADE_RETCODE_SERVER_DISABLES_AT: return "Autotrading disabled by server";
		case TRADE_RETCODE_CLIENT_DISABLES_AT: return "Autotrading disabled by client terminal";
		case TRADE_RETCODE_LOCKED: return "Request locked for processing";
		case TRADE_RETCODE_FROZEN: return "Order or position frozen";
		case TRADE_RETCODE_INVALID_FILL: return "Invalid order filling type";
		case TRADE_RETCODE_CONNECTION: return "No connection with the trade server";
		case TRADE_RETCODE_POSITION_CLOSED: return "Position already closed";
		case TRADE_RETCODE_INVALID_CLOSE_VOLUME: return "Volume to close exceeds the position's";
		case TRADE_RETCODE_CLOSE_ORDER_EXIST: return "A close order already exists";
		case TRADE_RETCODE_LONG_ONLY: return "Only long positions are allowed";
		case TRADE_RETCODE_SHORT_ONLY: return "Only short positions are allowed";
		case TRADE_RETCODE_CLOSE_ONLY: return "Only closing is allowed";
		case TRADE_RETCODE_FIFO_CLOSE: return "Positions must be closed oldest first";
	}
	return "Return code " + IntegerToString(code);
}

#endif
