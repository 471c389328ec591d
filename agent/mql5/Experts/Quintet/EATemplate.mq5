/**
 * An EA that Quintet can start, watch and stop, to begin one's own from. It opens nothing: put the strategy
 * where OnTick says so. docs/ea-template.md shows the same for an EA that exists already.
 */
#property copyright "Quintet"
#property version "1.00"
#property description "Template of an EA that Quintet can start, watch and stop. It opens nothing."

#include <Quintet/QuintetEa.mqh>

int OnInit() {
	// Indicators and whatever else the strategy needs come here. Then, as the last thing:
	return QuintetInit() ? INIT_SUCCEEDED : INIT_PARAMETERS_INCORRECT;
}

void OnDeinit(const int reason) {
	QuintetDeinit();
}

void OnTimer() {
	QuintetBeat();
}

void OnTick() {
	QuintetBeat();
	if(!QuintetMayOpen())
		return;
	// The strategy comes here. Its orders use `request.volume = QuintetLots(wished)`,
	// `request.magic = QuintetMagic`, and QuintetReport(text) for what people should see.
}
