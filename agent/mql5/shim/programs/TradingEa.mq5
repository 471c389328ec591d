/** For the tests of the EA template: opens a position of one lot, if it may, until it has three. */
#include <Quintet/QuintetEa.mqh>

int OnInit() {
	return QuintetInit() ? INIT_SUCCEEDED : INIT_PARAMETERS_INCORRECT;
}

void OnDeinit(const int reason) {
	QuintetDeinit();
}

void OnTimer() {
	QuintetBeat();
}

int CountOfMine() {
	int count = 0;
	for(int i = 0; i < PositionsTotal(); i++) {
		if(PositionGetTicket(i) != 0 && PositionGetInteger(POSITION_MAGIC) == QuintetMagic)
			count++;
	}
	return count;
}

void OnTick() {
	QuintetBeat();
	double lots = QuintetLots(1.00);
	if(lots == 0 || CountOfMine() >= 3 || !QuintetMayOpen())
		return;
	MqlTradeRequest request;
	MqlTradeResult result;
	ZeroMemory(request);
	ZeroMemory(result);
	request.action = TRADE_ACTION_DEAL;
	request.symbol = Symbol();
	request.volume = lots;
	request.type = ORDER_TYPE_BUY;
	request.type_filling = ORDER_FILLING_IOC;
	request.magic = (ulong)QuintetMagic;
	if(!OrderSend(request, result))
		QuintetReport("buy " + DoubleToString(lots, 2) + ": " + IntegerToString(result.retcode));
}
