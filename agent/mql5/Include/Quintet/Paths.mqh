/** Where the bridge's files lie, below MQL5\Files, and the names of the terminal's global variables. */
#ifndef QUINTET_PATHS_MQH
#define QUINTET_PATHS_MQH

#define QUINTET_FOLDER "quintet\\"
#define STATUS_FILE "quintet\\status.msg"
#define STATE_FILE "quintet\\bridge-state.msg"
#define REQUEST_FOLDER "quintet\\req\\"
#define RESPONSE_FOLDER "quintet\\res\\"
#define TEMPLATE_FOLDER "quintet\\tpl\\"
/** For people to look at: the agent goes by the status. */
#define HEARTBEAT_FILE "quintet\\ea-heartbeat.txt"
/** The EA's last errors, one a line. */
#define ERRORS_FILE "quintet\\ea-errors.txt"

/** Followed by the id of the EA's chart. Times in them are GetTickCount64 of this machine. */
#define EA_READY_GLOBAL "EA_READY_"
#define EA_HEARTBEAT_GLOBAL "EA_HEARTBEAT_"
#define EA_GENERATION_GLOBAL "EA_GENERATION_"
/** 1: the EA may trade (MQL_TRADE_ALLOWED); 0: it may not. */
#define EA_MAY_TRADE_GLOBAL "EA_MAY_TRADE_"
/** Anything but 0: the EA opens nothing. With a chart's id for that chart, without for the whole terminal. */
#define PAUSE_GLOBAL "QUINTET_PAUSE"
/** Temporary ones: they end with the terminal, and so tell a re-initialised bridge from a new terminal. */
#define SESSION_GLOBAL "QUINTET_SESSION"
#define SEQ_GLOBAL "QUINTET_SEQ"

string ChartGlobal(const string prefix, const long chart) {
	return prefix + IntegerToString(chart);
}

string PauseGlobal(const long chart) {
	return PAUSE_GLOBAL + "_" + IntegerToString(chart);
}

#endif
