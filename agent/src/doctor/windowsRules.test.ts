import { describe, expect, it } from 'vitest';
import { doctorFindingSchema } from '#lib/protocol/doctorReport.ts';
import { type WindowsFacts } from './windowsFacts.ts';
import { interactiveHeapKb, judgeWindows } from './windowsRules.ts';

const SID = 'S-1-5-21-1-2-3-1001';
const KEPT = { state: 'running', userSid: SID, userName: 'VPS\\trader' } as const;
const GOOD: WindowsFacts = {
	ownSid: SID,
	ownName: 'VPS\\trader',
	service: KEPT,
	sessionId: 2,
	sessionState: 4,
	autoLogon: { isOn: true, user: 'trader', hasPlainPassword: false },
	isSingleSession: true,
	logsOffDisconnectedAfterMs: 0,
	subsystems: 'x SharedSection=1024,40960,768 Windows=On',
	openLiveUpdateFolders: [],
	defenderExclusions: ['C:\\Quintet\\'],
	appData: 'C:\\Users\\trader\\AppData\\Roaming'
};
const judge = (changes: Partial<WindowsFacts> = {}, capacity = 50) =>
	judgeWindows({ ...GOOD, ...changes }, { capacity, stateDir: 'C:\\quintet\\state' });
const of = (check: string, changes: Partial<WindowsFacts>, capacity?: number) =>
	judge(changes, capacity).find((finding) => finding.check === check);

describe('the doctor on Windows', () => {
	it('has nothing to say against a machine that is set up as it should be', () => {
		expect(judge().map(({ verdict }) => verdict)).toEqual(Array(7).fill('ok'));
	});

	it.each([
		['service', { service: 'none' }, 'warn'],
		['service', { service: { ...KEPT, state: 'stopped' } }, 'bad'],
		['service', { service: { ...KEPT, state: 'changing' } }, 'warn'],
		['user', { ownSid: 'S-1-5-21-1-2-3-500', ownName: 'VPS\\Administrator' }, 'warn'],
		['session', { sessionId: 0 }, 'bad'],
		['auto_logon', { autoLogon: { isOn: true, user: 'Administrator', hasPlainPassword: false } }, 'bad'],
		['auto_logon', { autoLogon: { isOn: true, user: 'trader@vps', hasPlainPassword: false } }, 'ok'],
		['auto_logon', { autoLogon: { isOn: true, user: '.\\Trader', hasPlainPassword: false } }, 'ok'],
		['auto_logon', { service: 'none', ownName: 'VPS\\other' }, 'bad'],
		['auto_logon', { autoLogon: { isOn: false, user: '', hasPlainPassword: false } }, 'bad'],
		['auto_logon', { autoLogon: { isOn: true, user: 'trader', hasPlainPassword: true } }, 'warn'],
		['rdp', { sessionState: 0 }, 'ok'],
		['rdp', { sessionState: 8 }, 'warn'],
		['rdp_limit', { logsOffDisconnectedAfterMs: 600_000 }, 'bad'],
		['rdp_single', { isSingleSession: false }, 'warn'],
		['desktop_heap', { subsystems: 'SharedSection=1024,20480,768' }, 'warn'],
		['live_update', { openLiveUpdateFolders: ['C:\\x'] }, 'warn'],
		['live_update', { appData: null }, 'bad'],
		['antivirus', { defenderExclusions: ['C:\\quint'] }, 'warn'],
		['antivirus', { defenderExclusions: ['c:\\QUINTET\\State'] }, 'ok']
	] as const)('%s: %o is %s', (check, changes, verdict) => {
		expect(of(check, changes as Partial<WindowsFacts>)?.verdict).toBe(verdict);
	});

	it('calls nothing fine that it could not read', () => {
		const blind: WindowsFacts = {
			ownSid: null,
			ownName: null,
			service: null,
			sessionId: null,
			sessionState: null,
			autoLogon: null,
			isSingleSession: null,
			logsOffDisconnectedAfterMs: null,
			subsystems: null,
			openLiveUpdateFolders: null,
			defenderExclusions: null,
			appData: 'C:\\x'
		};
		expect(judge(blind).map(({ verdict }) => verdict)).toEqual(Array(7).fill('unknown'));
	});

	it('finds the usual heap enough for a few terminals', () => {
		expect(of('desktop_heap', { subsystems: 'SharedSection=1024,20480,768' }, 20)?.verdict).toBe('ok');
		expect(interactiveHeapKb('nothing of the kind')).toBeNull();
	});

	it('gives a remedy with everything that is not fine, within the report’s limits', () => {
		const all = [
			judge({ sessionId: 0, appData: null, autoLogon: null, service: 'none' }),
			judge({ subsystems: null, ownSid: 'S-1-5-21-1-2-3-500', service: { ...KEPT, state: 'stopped' } }),
			judge({ autoLogon: { isOn: true, user: '', hasPlainPassword: false } })
		].flat();
		for (const finding of all) {
			expect(() => doctorFindingSchema.parse(finding)).not.toThrow();
			expect(finding.remedy === null).toBe(finding.verdict === 'ok');
		}
	});
});
