/** Lines in Windows' own event log, where an operator looks first when a service does not run. */
import { openKoffi, openLibrary, WindowsError } from '../windows/ffi.ts';
import { type ServiceEvent } from './keeper.ts';

export const EVENT_SOURCE = 'QuintetAgent';
const SOURCE_KEY = `SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\${EVENT_SOURCE}`;
/** A program of Windows that holds the message “%1” for every number up to 1000: without one the viewer complains. */
const MESSAGES = '%SystemRoot%\\System32\\EventCreate.exe';
const LOCAL_MACHINE = 0x8000_0002;
const EXPANDING_TEXT = 2;
const NUMBER = 4;
const NOT_FOUND = 2;

type Level = 'error' | 'warning' | 'information';
const LEVELS = { error: 1, warning: 2, information: 4 } as const;

/** Number, level and sentence of what the service has to say. The numbers are a contract: monitors look for them. */
export function eventLine(event: ServiceEvent): { id: number; level: Level; text: string } {
	switch (event.kind) {
		case 'started':
			return { id: 1, level: 'information', text: `The agent runs as process ${event.pid}.` };
		case 'stopped':
			return {
				id: 2,
				level: event.how === 'by force' ? 'warning' : 'information',
				text: `The service stops; the agent ended: ${event.how}. Its terminals go on.`
			};
		case 'ended':
			return {
				id: 3,
				level: event.code === 0 ? 'information' : 'error',
				text: `The agent ended with ${event.code}; it is started again in ${Math.round(event.againInMs / 1000)} s.`
			};
		case 'nobody_logged_on':
			return {
				id: 4,
				level: 'warning',
				text: 'The agent’s user is not logged on, so no terminal can run. Set up automatic logon, or log on and disconnect.'
			};
		case 'person_needed':
			return {
				id: 5,
				level: 'error',
				text: `The agent ended with ${event.code}, and a person must act: run “agent doctor”.`
			};
		case 'not_started':
			return {
				id: 6,
				level: 'error',
				text: `The agent could not be started: ${event.reason}. It is tried again in ${Math.round(event.againInMs / 1000)} s.`
			};
	}
}

function open() {
	const { declare } = openLibrary('advapi32.dll');
	return {
		setValue: declare<
			(root: number, key: string, name: string, kind: number, value: Buffer, size: number) => number
		>('RegSetKeyValueW', 'uint32', ['uintptr', 'str16', 'str16', 'uint32', 'void *', 'uint32']),
		deleteTree: declare<(root: number, key: string) => number>('RegDeleteTreeW', 'uint32', [
			'uintptr',
			'str16'
		]),
		deleteKey: declare<(root: number, key: string, view: number, reserved: number) => number>(
			'RegDeleteKeyExW',
			'uint32',
			['uintptr', 'str16', 'uint32', 'uint32']
		),
		register: declare<(server: null, source: string) => number>('RegisterEventSourceW', 'intptr', [
			'void *',
			'str16'
		]),
		deregister: declare<(log: number) => number>('DeregisterEventSource', 'int', ['intptr']),
		report: declare<
			(
				log: number,
				level: number,
				category: number,
				id: number,
				user: null,
				count: number,
				bytes: number,
				texts: Buffer,
				raw: null
			) => number
		>('ReportEventW', 'int', [
			'intptr',
			'uint16',
			'uint16',
			'uint32',
			'void *',
			'uint16',
			'uint32',
			'void *',
			'void *'
		])
	};
}
let opened: ReturnType<typeof open> | null = null;
const advapi32 = (): ReturnType<typeof open> => (opened ??= open());

export function registerEventSource(): void {
	const text = Buffer.from(`${MESSAGES}\0`, 'utf16le');
	const every = Buffer.from([7, 0, 0, 0]);
	for (const [name, kind, value] of [
		['EventMessageFile', EXPANDING_TEXT, text],
		['TypesSupported', NUMBER, every]
	] as const) {
		const refusal = advapi32().setValue(LOCAL_MACHINE, SOURCE_KEY, name, kind, value, value.length);
		if (refusal !== 0) throw new WindowsError('RegSetKeyValueW', refusal);
	}
}

/** Fine when there is none. */
export function unregisterEventSource(): void {
	const refusal = advapi32().deleteTree(LOCAL_MACHINE, SOURCE_KEY);
	if (refusal !== 0 && refusal !== NOT_FOUND) throw new WindowsError('RegDeleteTreeW', refusal);
	advapi32().deleteKey(LOCAL_MACHINE, SOURCE_KEY, 0, 0);
}

/** Never throws: a log that cannot be written must not end the service. */
export function writeEvent(event: ServiceEvent): void {
	const { id, level, text } = eventLine(event);
	const log = advapi32().register(null, EVENT_SOURCE);
	if (Number(log) === 0) return;
	const said = Buffer.from(`${text}\0`, 'utf16le');
	const texts = Buffer.alloc(8);
	texts.writeBigUInt64LE(openKoffi().address(said), 0);
	advapi32().report(log, LEVELS[level], 0, id, null, 1, 0, texts, null);
	advapi32().deregister(log);
}
