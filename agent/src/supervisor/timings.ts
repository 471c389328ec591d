/** Every limit and rhythm of a supervisor, in milliseconds unless named otherwise; tests make them short. */
import { DEPLOYMENT_MS } from '#lib/domain/limits.ts';

export interface Timings {
	/** Between two looks at process and bridge. */
	observeMs: number;
	/** From launching to the bridge's first status: start of the terminal, login, bridge. */
	loginMs: number;
	/** All stages of a Start together, from its acceptance. */
	deploymentMs: number;
	brokerMs: number;
	chartMs: number;
	readyMs: number;
	heartbeatMs: number;
	/** Answer to one request to the bridge. */
	requestMs: number;
	/** Read-back of the Algo Trading button after a press. */
	algoTradingMs: number;
	/** A Stop or Pause ends a terminal whose bridge was silent for so long: what cannot be asked cannot be left. */
	silentMs: number;
	/** Silent for so long: the channel is opened anew, before anything harder. */
	reinitialiseMs: number;
	/** Silent for so long, and its window hangs: the watchdog restarts the terminal. */
	hungMs: number;
	/** Silent for so long, and its journal does not grow either: it is restarted. */
	unresponsiveMs: number;
	/** Silent for so long, though window and journal live: only then it is restarted. OrderSend may block a bridge. */
	silentAloneMs: number;
	/** In an open market the EA did not beat for so long: it is loaded anew. */
	eaStaleMs: number;
	/** Logged out for so long: the watchdog restarts the terminal. */
	loggedOutMs: number;
	/** A terminal that ended by itself may come back by itself within so long. */
	selfRestartMs: number;
	/** An update that takes longer proves nothing any more: what it leaves is judged by the terminal itself. */
	updateMs: number;
	/** From asking a terminal to close to ending it. */
	closeMs: number;
	/** Undoing a failed Start. */
	undoMs: number;
	/** Full-jitter back-off between attempts of whatever failed. */
	retryBaseMs: number;
	retryCapMs: number;
	/** A Stop that waits for a closed market to open tries again so often all the same: calendars are not always kept. */
	marketWaitMs: number;
	/** Between two tries to bring a drifted account back to STOPPED or PAUSED. */
	convergeMs: number;
	/** Restarts of a terminal, and reloads of its EA, within the window before the circuit opens. */
	restartBudget: number;
	restartWindowMs: number;
	/** Tries to bring a confirmed EA back. */
	resumeTries: number;
	/** Between two readings of the deals while nothing is traded. */
	dealsMs: number;
	/** After a deal was seen to be made: more may come with it. */
	dealsSoonMs: number;
	/** Until a batch that the server did not acknowledge is sent again on the same line. */
	dealsStoredMs: number;
	/** Until a part of a file that the server did not send is asked for again. */
	filePartMs: number;
	/** Fetching an uploaded EA: a stage of a Start. */
	expertMs: number;
	/** Between two tries to fetch one that no Start waits for. */
	expertAgainMs: number;
	/** How long a minute of the dead-man policy lasts. */
	controlLossMinuteMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
	observeMs: 1_000,
	loginMs: 60_000,
	deploymentMs: DEPLOYMENT_MS,
	brokerMs: 15_000,
	chartMs: 15_000,
	readyMs: 20_000,
	heartbeatMs: 15_000,
	requestMs: 10_000,
	algoTradingMs: 5_000,
	silentMs: 20_000,
	reinitialiseMs: 20_000,
	hungMs: 30_000,
	unresponsiveMs: 60_000,
	silentAloneMs: 300_000,
	eaStaleMs: 60_000,
	loggedOutMs: 15_000,
	selfRestartMs: 10_000,
	updateMs: 60_000,
	closeMs: 15_000,
	undoMs: 20_000,
	retryBaseMs: 1_000,
	retryCapMs: 60_000,
	marketWaitMs: 300_000,
	convergeMs: 10_000,
	restartBudget: 3,
	restartWindowMs: 600_000,
	resumeTries: 3,
	dealsMs: 30_000,
	dealsSoonMs: 1_000,
	dealsStoredMs: 15_000,
	filePartMs: 3_000,
	expertMs: 20_000,
	expertAgainMs: 15_000,
	controlLossMinuteMs: 60_000
};
