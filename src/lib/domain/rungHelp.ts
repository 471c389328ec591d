/** Each rung of the ladder in words: what it asks, and what to do when it is not climbed. Apart, since most pages need none. */
import type { Rung } from './ladder.ts';

export const RUNG_HELP: Record<Rung, { label: string; remedy: string }> = {
	process: {
		label: 'Terminal process',
		remedy: 'The agent restarts it by itself; if it keeps ending, look at the agent’s log on the VPS.'
	},
	bridge: {
		label: 'Bridge answers',
		remedy: 'Wait a minute; if it stays silent, ask the operator to restart this terminal.'
	},
	login: {
		label: 'Logged in',
		remedy: 'Check account number, password and server in Settings.'
	},
	broker: {
		label: 'Connected to the broker',
		remedy: 'The terminal reconnects by itself; if it lasts, ask the broker whether the server is up.'
	},
	algo_trading: {
		label: 'Algo Trading on',
		remedy: 'Press Start Algo to switch it on.'
	},
	ea_attached: {
		label: 'EA attached',
		remedy: 'Press Start Algo to load it.'
	},
	settings: {
		label: 'Settings as wanted',
		remedy: 'Press Start Algo to load it with the present ones.'
	},
	ea_ready: {
		label: 'EA ready',
		remedy: 'Look at the EA’s own log: its OnInit did not finish.'
	},
	heartbeat: {
		label: 'Heartbeat fresh',
		remedy: 'The EA may be busy or stuck; if it lasts, press Stop Algo and Start Algo.'
	},
	ticks: {
		label: 'Ticks fresh',
		remedy: 'Check that the symbol exists at this broker and its market is open.'
	}
};
