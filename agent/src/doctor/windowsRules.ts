/** What Windows must be like for fifty terminals to run in one session, unwatched. Pure. */
import { type DoctorFinding } from '#lib/protocol/doctorReport.ts';
import { fine, trouble } from './finding.ts';
import { type WindowsFacts } from './windowsFacts.ts';

const DISCONNECTED = 4;
const ACTIVE = 0;
/** Kilobytes of desktop heap that one terminal may need; 20 MB for 50 of them is known to be tight. */
const HEAP_PER_TERMINAL_KB = 800;
const USUAL_HEAP_KB = 20_480;

const SERVICE = { check: 'service', label: 'Service' };
const USER = { check: 'user', label: 'User' };
const SESSION = { check: 'session', label: 'Session' };
const RDP = { check: 'rdp', label: 'Remote desktop' };
const AUTO_LOGON = { check: 'auto_logon', label: 'Auto-logon' };
const HEAP = { check: 'desktop_heap', label: 'Desktop heap' };
const LIVE_UPDATE = { check: 'live_update', label: 'LiveUpdate' };
const ANTIVIRUS = { check: 'antivirus', label: 'Antivirus' };

export function judgeWindows(
	facts: WindowsFacts,
	{ capacity, stateDir }: { capacity: number; stateDir: string }
): DoctorFinding[] {
	return [
		service(facts),
		...user(facts),
		session(facts),
		autoLogon(facts),
		...remoteDesktop(facts),
		desktopHeap(facts, capacity),
		liveUpdate(facts),
		antivirus(facts, stateDir)
	];
}

function service({ service: found }: WindowsFacts): DoctorFinding {
	if (found === null)
		return trouble(SERVICE, 'unknown', 'it could not be read', 'Run “agent service status”.');
	if (found === 'none')
		return trouble(
			SERVICE,
			'warn',
			'not installed: nothing starts the agent with Windows, or again when it ended',
			'Run install.ps1 of the package as administrator, or “agent service install”.'
		);
	if (found.state === 'stopped')
		return trouble(
			SERVICE,
			'bad',
			'installed, but stopped',
			'Start “Quintet agent” in services.msc; the event log (Application, QuintetAgent) says why it ended.'
		);
	if (found.state === 'changing')
		return trouble(SERVICE, 'warn', 'starting or stopping', 'Look again in a minute.');
	const whose = found.userName ?? found.userSid;
	return fine(SERVICE, `runs${whose === null ? '' : `, and keeps the agent running for ${whose}`}`);
}

/** What stands below is of the session and the folders of whoever looks. */
function* user({ service: found, ownSid, ownName }: WindowsFacts): Iterable<DoctorFinding> {
	if (found === null || found === 'none' || found.userSid === null || ownSid === null) return;
	if (found.userSid === ownSid) return;
	yield trouble(
		USER,
		'warn',
		`you are ${ownName ?? ownSid}, and the agent runs as ${found.userName ?? found.userSid}`,
		'What is said here of session and LiveUpdate is about you: run “agent doctor” as the agent’s user, or ask for it on the Agents page.'
	);
}

/** Windows takes `user`, `DOMAIN\\user`, `.\\user` and `user@domain` for a name; the domain alone tells little. */
const plainName = (name: string): string => name.replace(/^.*\\/, '').replace(/@.*$/, '').toLowerCase();

function session({ sessionId }: WindowsFacts): DoctorFinding {
	if (sessionId === null)
		return trouble(
			SESSION,
			'unknown',
			'the session could not be read',
			'Run “agent doctor” as the agent’s user.'
		);
	if (sessionId > 0) return fine(SESSION, `session ${sessionId}, an interactive one`);
	return trouble(
		SESSION,
		'bad',
		'session 0, in which terminals have no windows',
		'Start the agent through its service, which puts it into the session of the auto-logon user; never as a plain service or a task of SYSTEM.'
	);
}

function autoLogon({ autoLogon: found, service: kept, ownName }: WindowsFacts): DoctorFinding {
	if (!found)
		return trouble(AUTO_LOGON, 'unknown', 'it could not be read', 'Run “agent doctor” as an administrator.');
	if (!found.isOn)
		return trouble(
			AUTO_LOGON,
			'bad',
			'off: after a restart of the machine nobody is logged on, and no terminal comes up',
			'Switch it on with Autologon of Sysinternals for the user that the terminals run as.'
		);
	const wanted = kept === null || kept === 'none' ? ownName : kept.userName;
	if (wanted !== null && plainName(found.user) !== plainName(wanted))
		return trouble(
			AUTO_LOGON,
			'bad',
			`on for ${found.user || 'nobody'}, but the agent runs as ${wanted}: after a restart no terminal comes up`,
			`Switch it on for ${wanted} with Autologon of Sysinternals, or install the service for the other user (--user).`
		);
	if (found.hasPlainPassword)
		return trouble(
			AUTO_LOGON,
			'warn',
			`on for ${found.user}, with the password readable in the registry`,
			'Set it with Autologon of Sysinternals, which keeps the password as a secret of the system, and delete DefaultPassword.'
		);
	return fine(AUTO_LOGON, `on for ${found.user}`);
}

function* remoteDesktop({
	sessionState,
	isSingleSession,
	logsOffDisconnectedAfterMs: limitMs
}: WindowsFacts): Iterable<DoctorFinding> {
	if (sessionState === null)
		yield trouble(RDP, 'unknown', 'its state could not be read', 'Run “agent doctor” as the agent’s user.');
	else if (sessionState === DISCONNECTED) yield fine(RDP, 'disconnected; terminals go on');
	else if (sessionState === ACTIVE)
		yield fine(RDP, 'somebody is connected; when done: disconnect, do not log off');
	else
		yield trouble(
			RDP,
			'warn',
			`the session is in state ${sessionState}, neither active nor disconnected`,
			'Log on once over RDP as the terminals’ user, then disconnect.'
		);
	const limit = { check: 'rdp_limit', label: 'Limit of disconnected sessions' };
	if (limitMs !== null && limitMs > 0)
		yield trouble(
			limit,
			'bad',
			`a disconnected session is logged off after ${Math.round(limitMs / 60_000)} minutes, with all terminals`,
			'Set “Set time limit for disconnected sessions” to Never in the policies of Remote Desktop Session Host.'
		);
	if (isSingleSession === false)
		yield trouble(
			{ check: 'rdp_single', label: 'One session per user' },
			'warn',
			'off: a logon over RDP may open a second session, in which the terminals are not',
			'Switch on “Restrict Remote Desktop Services users to a single session” (fSingleSessionPerUser=1).'
		);
}

/** Kilobytes of heap of an interactive desktop; null when the text has none. */
export function interactiveHeapKb(subsystems: string): number | null {
	const kb = /\bSharedSection=\d+,(\d+)(?:,\d+)?/i.exec(subsystems)?.[1];
	return kb === undefined ? null : Number(kb);
}

function desktopHeap({ subsystems }: WindowsFacts, capacity: number): DoctorFinding {
	const kb = subsystems === null ? null : interactiveHeapKb(subsystems);
	if (kb === null)
		return trouble(
			HEAP,
			'unknown',
			'SharedSection could not be read',
			'Look at HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\SubSystems, value Windows.'
		);
	const wanted = Math.max(USUAL_HEAP_KB, capacity * HEAP_PER_TERMINAL_KB);
	if (kb >= wanted) return fine(HEAP, `${kb} KB for each interactive desktop`);
	return trouble(
		HEAP,
		'warn',
		`${kb} KB for each interactive desktop; ${capacity} terminals may need ${wanted}`,
		`If windows fail to open: set the second number of SharedSection to ${wanted} in HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\SubSystems, and restart the machine.`
	);
}

function liveUpdate({ openLiveUpdateFolders: open, appData }: WindowsFacts): DoctorFinding {
	if (appData === null)
		return trouble(
			LIVE_UPDATE,
			'bad',
			'APPDATA is not set, so LiveUpdate’s folders are not known',
			'Start the agent in the session of the terminals’ user; without it no terminal is started.'
		);
	if (open === null)
		return trouble(
			LIVE_UPDATE,
			'unknown',
			'access could not be read',
			'Run “agent doctor” as the agent’s user.'
		);
	if (open.length === 0) return fine(LIVE_UPDATE, 'its folders are closed');
	return trouble(
		LIVE_UPDATE,
		'warn',
		`${open.length} folder(s) can be written to, e.g. ${open[0]}`,
		'Before the first launch that is normal: the agent closes them before every launch, and launches nothing if it cannot.'
	);
}

function antivirus({ defenderExclusions }: WindowsFacts, stateDir: string): DoctorFinding {
	const advice = `Let the antivirus leave ${stateDir} alone, and terminal64.exe in it: it may hold files open, or take terminals away.`;
	if (defenderExclusions === null)
		return trouble(ANTIVIRUS, 'unknown', 'Defender’s exclusions could not be read', advice);
	const below = stateDir.toLowerCase();
	const isLeftAlone = defenderExclusions.some((path) => {
		const excluded = path.toLowerCase().replace(/\\+$/, '');
		return below === excluded || below.startsWith(`${excluded}\\`);
	});
	return isLeftAlone
		? fine(ANTIVIRUS, 'Defender leaves the state directory alone')
		: trouble(ANTIVIRUS, 'warn', 'Defender looks into the state directory', advice);
}
