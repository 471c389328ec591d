/** The broker's time: it has no zone, so it travels raw, with its distance from GMT. */
#ifndef QUINTET_SERVER_TIME_MQH
#define QUINTET_SERVER_TIME_MQH

#define SECONDS_A_DAY 86400

/** Minutes that the server's clock is ahead of GMT, to the quarter of an hour: the rest is the clocks' error. */
long GmtOffsetMin() {
	double seconds = (double)((long)TimeTradeServer() - (long)TimeGMT());
	return (long)MathRound(seconds / 900.0) * 15;
}

/** The broker's last midnight. */
datetime ServerMidnight() {
	long now = (long)TimeTradeServer();
	return (datetime)(now - now % SECONDS_A_DAY);
}

/** After everything that history can hold now, whatever the clocks say. */
datetime HistoryEnd() {
	return (datetime)((long)TimeTradeServer() + SECONDS_A_DAY);
}

#endif
