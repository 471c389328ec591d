/** Why something did not work: a closed list, each with the sentence for the trader and what to do. */
import { type SeenState } from '#lib/protocol/seen.ts';

export const FAILURES = {
	login_refused: {
		message: 'The broker refused the login.',
		remedy: 'Check account number, password and server in Settings; nothing is tried again until they change.'
	},
	wrong_account: {
		message: 'The terminal came up on another account than the one assigned.',
		remedy:
			'Check account number and server in Settings; the terminal was closed and stays so until they change.'
	},
	terminal_start: {
		message: 'The terminal did not start.',
		remedy: 'Try again; if it goes on, ask the operator to run the agent’s doctor on the VPS.'
	},
	login_timeout: {
		message: 'The terminal started, but its login was not answered in time.',
		remedy:
			'The broker’s server may be slow or unknown to the terminal; check the server name, then try again.'
	},
	login_not_saved: {
		message: 'The terminal logged in, but did not save the login.',
		remedy: 'Try again; if it goes on, ask the operator to run “agent acceptance” on the VPS.'
	},
	terminal_preparing: {
		message: 'The terminal of this account is still being set up.',
		remedy: 'That goes on by itself; press Start Algo again when it is done.'
	},
	no_golden: {
		message: 'The machine has no MetaTrader 5 install for this broker.',
		remedy: 'Ask the operator to add one there: agent golden add <folder> --broker <name>.'
	},
	golden_damaged: {
		message: 'The broker’s install on the machine is not what it was when it was added.',
		remedy: 'Ask the operator to run “agent golden verify” there, and to add it anew.'
	},
	disk_full: {
		message: 'The machine’s disk has no room for another terminal.',
		remedy: 'Ask the operator to free disk space there; it is tried again by itself.'
	},
	no_slot: {
		message: 'The machine holds as many terminals as it may.',
		remedy: 'Ask the operator to enrol another agent, or to give this one more capacity.'
	},
	path_unfit: {
		message: 'A MetaTrader 5 terminal cannot live in the agent’s directory.',
		remedy: 'Ask the operator to put the agent’s state into a short path without blanks, such as C:\\quintet.'
	},
	instance_foreign: {
		message: 'The account’s directory holds a terminal that the agent did not put there.',
		remedy: 'Ask the operator to look at it and to move it away; the agent does not remove it.'
	},
	bridge_not_compiled: {
		message: 'Our bridge could not be compiled for this terminal.',
		remedy: 'Ask the operator to look at the agent’s log, and whether metaeditor64.exe is in the install.'
	},
	live_update_open: {
		message: 'The terminal’s own updates could not be kept out, so it was not started.',
		remedy: 'Ask the operator to run “agent doctor” on the VPS as the user the terminals run as.'
	},
	crash_loop: {
		message: 'The terminal ended again and again, so it is not restarted any more.',
		remedy:
			'Press Start Algo, or switch the watchdog on again, to try once more; if it goes on, ask the operator to look at this terminal.'
	},
	ea_stuck: {
		message: 'The EA’s heartbeat stopped again and again, so it is not loaded anew any more.',
		remedy: 'Look at the EA’s own log in the terminal, then press Start Algo to try again.'
	},
	watchdog_off: {
		message: 'The terminal is not running, and the watchdog is off for this account, so it is not restarted.',
		remedy: 'Switch the watchdog on, or press Start Algo.'
	},
	bridge_silent: {
		message: 'The bridge in the terminal does not answer, so its state is unknown.',
		remedy: 'The agent restarts the terminal if it stays silent; if it happens often, ask the operator.'
	},
	terminal_hung: {
		message: 'The terminal’s window does not respond, so its state is unknown.',
		remedy: 'The agent restarts the terminal if it stays so; check open positions at the broker meanwhile.'
	},
	broker_unreachable: {
		message: 'The terminal has no connection to the broker’s server.',
		remedy: 'The terminal reconnects by itself; try again then, or ask the broker whether the server is up.'
	},
	trading_forbidden: {
		message: 'The broker does not let this login trade with an EA.',
		remedy: 'Use the main password, not the investor one, and ask the broker whether EAs are allowed.'
	},
	chart_stage: {
		message: 'The EA did not come up on its chart.',
		remedy: 'Check that the EA’s file is on the VPS and that the broker has the symbol.'
	},
	expert_file: {
		message: 'The EA that you uploaded could not be brought to the terminal.',
		remedy: 'Look at your EAs whether the account is to run that version, then press Start Algo again.'
	},
	expert_differs: {
		message: 'In the terminal’s directory lies another file than the EA that you uploaded.',
		remedy: 'Press Start Algo: the right one is put there first. Ask the operator who changed it.'
	},
	ready_stage: {
		message: 'The EA was loaded, but did not report ready.',
		remedy: 'Its OnInit did not finish: look at the EA’s own log in the terminal.'
	},
	heartbeat_stage: {
		message: 'The EA reported ready, but its heartbeat did not come.',
		remedy: 'Check that the EA is built on the Quintet template, whose timer writes the heartbeat.'
	},
	algo_trading_refused: {
		message: 'Algo Trading could not be switched as wanted.',
		remedy: 'Look at the terminal’s window on the VPS: a dialog may be in the way.'
	},
	password_needed: {
		message: 'The agent has no password for this account that it can open.',
		remedy: 'Enter the password of the account again in Settings.'
	},
	too_many_starts: {
		message: 'The agent was asked for more Starts within a minute than it takes.',
		remedy: 'Nobody presses so often by hand: ask the operator who sends them, then try again in a minute.'
	},
	deployment_timeout: {
		message: 'The start took longer than its limit.',
		remedy: 'Try again; if it goes on, the VPS may be overloaded.'
	},
	resume_failed: {
		message: 'The EA could not be brought back after a restart.',
		remedy: 'Press Start Algo to try again.'
	},
	resume_asks: {
		message:
			'The EA is not there any more after a restart, and by your setting it is not brought back by itself.',
		remedy: 'Press Start Algo when you want it to run again.'
	},
	paused_without_server: {
		message: 'The agent lost the server for as long as your setting allows, so it switched Algo Trading off.',
		remedy: 'Look at the open positions, then press Start Algo when you want it to trade again.'
	},
	server_unheard: {
		message:
			'The agent began anew and has not heard the server since, so it does not know whether this account is still its own, and brings nothing up.',
		remedy:
			'That goes on by itself as soon as the server answers; Stop and Pause of what runs work meanwhile.'
	},
	journal: {
		message: 'The agent cannot write its journal, so it starts nothing.',
		remedy: 'Ask the operator to free disk space on the VPS; Stop and Pause work all the same.'
	},
	journal_lost: {
		message: 'The agent’s journal was damaged, so it does not know what became of this start.',
		remedy: 'Look at the account’s state and its positions, then press the button you want.'
	},
	safe_mode: {
		message: 'The agent ended unexpectedly again and again, so it starts nothing for ten minutes.',
		remedy: 'Ask the operator to look at the agent’s log on the VPS; Stop and Pause work all the same.'
	},
	interrupted: {
		message: 'The agent was interrupted while it started the EA; it may have run for a while.',
		remedy: 'Look at the account’s positions, then press Start Algo again if you want it to run.'
	},
	undo_unproven: {
		message: 'The start failed, and it is not proven yet that nothing of it runs.',
		remedy: 'The agent keeps stopping the EA; look at the account’s state before you start again.'
	},
	superseded: {
		message: 'A newer command took its place.',
		remedy: 'Nothing needs to be done.'
	},
	expired: {
		message: 'The command came too late and was not started.',
		remedy: 'Press Start Algo again.'
	},
	unknown_account: {
		message: 'This account is not assigned to the agent that got the command.',
		remedy: 'Try again in a moment; if it goes on, ask the operator to look at the assignment.'
	},
	not_owner: {
		message: 'The account was assigned anew while the command was on its way.',
		remedy: 'Press the button again.'
	},
	internal: {
		message: 'The agent hit a fault of its own.',
		remedy: 'Try again, and send the agent’s log to the operator.'
	}
} as const satisfies Record<string, { message: string; remedy: string }>;
export type FailureCode = keyof typeof FAILURES;

/** Ends the step that throws it. `detail` is for the trader too: a symbol, the broker's words. */
export class StepFailure extends Error {
	readonly code: FailureCode;
	readonly detail: string | null;
	constructor(code: FailureCode, detail: string | null = null) {
		super(failureText(code, detail));
		this.code = code;
		this.detail = detail;
	}
}

const withDetail = (message: string, detail: string | null): string =>
	detail === null ? message : `${message} (${detail.slice(0, 120)})`;

/** What went wrong and what to do, in one text. */
export function failureText(code: FailureCode, detail: string | null = null): string {
	return `${withDetail(FAILURES[code].message, detail)} ${FAILURES[code].remedy}`.slice(0, 500);
}

export function faultOf(code: FailureCode, detail: string | null = null): NonNullable<SeenState['fault']> {
	return { code, message: withDetail(FAILURES[code].message, detail), remedy: FAILURES[code].remedy };
}

export const isFailureCode = (code: string): code is FailureCode => Object.hasOwn(FAILURES, code);
