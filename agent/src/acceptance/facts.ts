/**
 * What the agent takes MetaTrader 5 to do, as far as nobody of us has seen it on a real terminal. `agent acceptance`
 * looks at each on the machine at hand. The ids are stable: reports of several builds are compared by them.
 */
export const CERTAINTIES = ['documented', 'reported', 'unknown'] as const;

export interface Fact {
	says: string;
	certainty: (typeof CERTAINTIES)[number];
	/** The agent works either way: good to know, and no reason to stop. */
	isHarmless: boolean;
}

const documented = (says: string): Fact => ({ says, certainty: 'documented', isHarmless: false });
const reported = (says: string): Fact => ({ says, certainty: 'reported', isHarmless: false });
const unknown = (says: string): Fact => ({ says, certainty: 'unknown', isHarmless: false });
const harmless = (fact: Fact): Fact => ({ ...fact, isHarmless: true });

export const FACTS = {
	clone: documented('A copy of an installed folder starts with /portable.'),
	launch_pid: harmless(
		reported('The process that was started is the terminal itself, and hands over to no other one.')
	),
	start_time: reported('A copy that was run in once is up within 60 s (5 to 7 s were seen).'),
	log_started: reported('The journal says “MetaTrader 5 x64 build N started for …”.'),
	log_authorized: documented("The journal says “'<login>': authorized on <server> …” after a login."),
	log_refused: documented(
		"The journal says “'<login>': authorization on <server> failed (<reason>)” for a wrong password."
	),
	log_synchronized: documented('The journal says “terminal synchronized with …” after a login.'),
	log_trading_enabled: documented(
		'The journal says “trading has been enabled - …” for a login that may trade.'
	),
	ini_utf16: reported('/config takes an INI in UTF-16LE with byte order mark.'),
	ini_ascii: harmless(reported('/config takes an INI in plain ASCII.')),
	password_beyond_ascii: unknown('A password with letters beyond ASCII is taken from an INI in UTF-16LE.'),
	config_unchanged: documented('The terminal never writes to the INI of /config.'),
	saved_before_end: harmless(reported('accounts.dat is there before the terminal closes.')),
	saved_login: documented('With KeepPrivate=1, the next start needs no password.'),
	common_ini_utf16: documented('The terminal writes common.ini in UTF-16LE with byte order mark.'),
	startup_first_chart: documented(
		'[StartUp] Expert without Symbol is put on the first chart of the profile.'
	),
	startup_unknown_symbol: harmless(
		reported('With a Symbol that the broker lacks, the EA never comes, and nothing says why.')
	),
	first_login_ea: harmless(
		reported('An EA that is attached during the first login is loaded and never begins.')
	),
	bridge_may_trade: unknown('The bridge that [StartUp] attaches may trade once Algo Trading is on.'),
	server_by_address: harmless(documented('Server=<ip>:<port> works in place of the server’s name.')),
	account_less_dialog: reported(
		'A terminal without account shows a dialog at every start; WM_CLOSE ends it.'
	),
	enabled_at_start: documented(
		'Enabled=0 in the INI of /config brings the terminal up with Algo Trading off, Enabled=1 with it on.'
	),
	stays_off: documented('With Account=0 Profile=0 Chart=0, a login does not switch Algo Trading off.'),
	toggle_command: documented('WM_COMMAND 32851 presses the Algo Trading button; it is a toggle.'),
	toggle_time: reported('A press shows in TERMINAL_TRADE_ALLOWED within 5 s.'),
	expert_mode: unknown('expertmode=5 or 33 in a template lets the EA trade, and 0 does not.'),
	template_needs_bom: harmless(reported('A template without byte order mark is not applied, silently.')),
	ea_survives_pause: documented('Switching Algo Trading off does not unload the EA.'),
	closing_while_off: documented('With Algo Trading off, closing a position is refused with 10027.'),
	file_replace: unknown('FileMove with FILE_REWRITE never shows a reader half a file.'),
	ipc_time: reported('A request through files is answered within 50 to 500 ms.'),
	history_at_once: harmless(
		reported('The history is whole as soon as the bridge speaks (others saw it empty or in part).')
	),
	second_copy: documented('A second start from the same folder ends by itself and changes nothing.'),
	clean_close: documented('WM_CLOSE ends the terminal within 30 s, with “exit with code 0” in the journal.'),
	disk: reported('A terminal takes 290 MB to 1 GB of disk.'),
	memory: reported('An idle terminal takes 80 to 250 MB of working set.'),
	handles: unknown(
		'A terminal takes less than 1300 GDI and 1300 USER handles, so that 50 fit into a session.'
	),
	live_update_kept_out: reported('With LiveUpdate’s folders closed, the terminal stays on its build.'),
	mcp_listener: harmless(reported('Builds from 6036 on listen on 127.0.0.1:22346 (“MCP started on …”).')),
	slots: unknown('50 terminals run in one session.')
} as const satisfies Record<string, Fact>;
export type FactId = keyof typeof FACTS;

export const VERDICTS = ['confirmed', 'contradicted', 'not_observed'] as const;
export interface Observation {
	fact: FactId;
	verdict: (typeof VERDICTS)[number];
	/** What was seen, with numbers; for `not_observed`: why not. */
	observed: string;
}
