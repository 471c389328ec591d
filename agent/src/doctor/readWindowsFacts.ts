/** Asks Windows what the doctor wants to know. Changes nothing. */
import { SERVICE_NAME, userSidIn } from '../service/agentService.ts';
import { serviceCommandLine, serviceState } from '../service/scm.ts';
import { currentUserSid } from '../windows/acl.ts';
import { openLibrary } from '../windows/ffi.ts';
import { nameOfUser } from '../windows/users.ts';
import { machineNumber, machineText, machineValueNames } from '../windows/registry.ts';
import { windowsWriteGuard } from '../terminal/kinds.ts';
import { openLiveUpdateFolders } from '../terminal/provision/liveUpdate.ts';
import { type ServiceFacts, type WindowsFacts } from './windowsFacts.ts';

const WINLOGON = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon';
const TERMINAL_SERVER = 'SYSTEM\\CurrentControlSet\\Control\\Terminal Server';
const RDP_POLICY = 'SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services';
const SUBSYSTEMS = 'SYSTEM\\CurrentControlSet\\Control\\Session Manager\\SubSystems';
const EXCLUSIONS = 'SOFTWARE\\Microsoft\\Windows Defender\\Exclusions\\Paths';
const WTS_CONNECT_STATE = 8;

/** Null where anything goes wrong: the doctor says then that it could not look. */
function tried<T>(work: () => T): T | null {
	try {
		return work();
	} catch {
		return null;
	}
}

export async function readWindowsFacts(environment: NodeJS.ProcessEnv): Promise<WindowsFacts> {
	const appData = environment.APPDATA || null;
	const sessionId = tried(ownSession);
	const isOn = tried(() => machineText(WINLOGON, 'AutoAdminLogon'));
	const ownSid = tried(currentUserSid);
	return {
		ownSid,
		ownName: ownSid === null ? null : tried(() => nameOfUser(ownSid)),
		service: tried(serviceFacts),
		sessionId,
		sessionState: sessionId === null ? null : tried(() => stateOfSession(sessionId)),
		autoLogon:
			isOn === null
				? tried(() => machineText(WINLOGON, 'Shell')) === null
					? null
					: { isOn: false, user: '', hasPlainPassword: false }
				: {
						isOn: isOn.trim() === '1',
						user: tried(() => machineText(WINLOGON, 'DefaultUserName')) ?? '',
						hasPlainPassword: Boolean(tried(() => machineText(WINLOGON, 'DefaultPassword')))
					},
		isSingleSession: asFlag(tried(() => machineNumber(TERMINAL_SERVER, 'fSingleSessionPerUser'))),
		logsOffDisconnectedAfterMs: tried(
			() =>
				machineNumber(RDP_POLICY, 'MaxDisconnectionTime') ??
				machineNumber(`${TERMINAL_SERVER}\\WinStations\\RDP-Tcp`, 'MaxDisconnectionTime') ??
				0
		),
		subsystems: tried(() => machineText(SUBSYSTEMS, 'Windows')),
		openLiveUpdateFolders:
			appData === null
				? null
				: await Promise.resolve()
						.then(() => openLiveUpdateFolders(appData, windowsWriteGuard()))
						.catch(() => null),
		defenderExclusions: tried(() => machineValueNames(EXCLUSIONS)),
		appData
	};
}

function serviceFacts(): ServiceFacts | 'none' {
	const state = serviceState(SERVICE_NAME);
	if (state === null) return 'none';
	const userSid = userSidIn(serviceCommandLine(SERVICE_NAME) ?? '');
	return { state, userSid, userName: userSid === null ? null : tried(() => nameOfUser(userSid)) };
}

const asFlag = (value: number | null): boolean | null => (value === null ? null : value !== 0);

function ownSession(): number | null {
	const session = new Uint32Array(1);
	const ask = openLibrary('kernel32.dll').declare<(pid: number, session: Uint32Array) => number>(
		'ProcessIdToSessionId',
		'int',
		['uint32', 'void *']
	);
	return ask(process.pid, session) === 0 ? null : (session[0] ?? null);
}

function stateOfSession(sessionId: number): number | null {
	const { declare } = openLibrary('wtsapi32.dll');
	const ask = declare<
		(server: number, session: number, what: number, out: BigUint64Array, size: Uint32Array) => number
	>('WTSQuerySessionInformationW', 'int', ['intptr', 'uint32', 'int', 'void *', 'void *']);
	const free = declare<(memory: bigint) => unknown>('WTSFreeMemory', 'void', ['intptr']);
	const [out, size] = [new BigUint64Array(1), new Uint32Array(1)];
	if (ask(0, sessionId, WTS_CONNECT_STATE, out, size) === 0) return null;
	const address = out[0] ?? 0n;
	try {
		const copy = Buffer.alloc(4);
		openLibrary('kernel32.dll').declare<(to: Buffer, from: bigint, bytes: number) => unknown>(
			'RtlMoveMemory',
			'void',
			['void *', 'intptr', 'uintptr']
		)(copy, address, copy.length);
		return copy.readUInt32LE(0);
	} finally {
		free(address);
	}
}
