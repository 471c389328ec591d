/** Which kinds of terminal this build of the agent can drive, each put together from its parts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TerminalKindName } from '../config.ts';
import { type StateDir } from '../stateDir.ts';
import { currentUserSid, denyWrites, readAccess } from '../windows/acl.ts';
import { areWritesDenied } from '../windows/sddl.ts';
import { mt5Terminal } from './mt5.ts';
import { type TerminalKind } from './ports.ts';
import { readBuildFacts } from './provision/buildFacts.ts';
import { GoldenStore } from './provision/goldenStore.ts';
import { readInstallMark } from './provision/installMark.ts';
import { InstallRefused } from './provision/installRefused.ts';
import { containLiveUpdate, type WriteGuard } from './provision/liveUpdate.ts';
import { createProvisioner } from './provision/provisioner.ts';
import { createRenewal } from './provision/renewal.ts';
import { simulatedTerminal } from './simulated.ts';
import { endStuckUpdaters } from './windows/launcher.ts';

/** Whether `openTerminalKind` gives one; @returns false when this machine cannot drive that kind */
export const isTerminalKindHere = (name: TerminalKindName): boolean =>
	name === 'simulated' || process.platform === 'win32';

/** @returns null when it cannot drive that kind on this machine */
export function openTerminalKind(
	name: TerminalKindName,
	state: StateDir,
	{ capacity }: { capacity: number }
): TerminalKind | null {
	if (name === 'simulated') return simulatedTerminal();
	return isTerminalKindHere(name) ? realTerminal(state, capacity) : null;
}

/** The product's MQL5 files: beside the packaged agent, else in the repository; null when it has none. */
export const mql5Source = (): string | null =>
	[join(import.meta.dirname, 'mql5'), join(import.meta.dirname, '..', '..', 'mql5')].find((folder) =>
		existsSync(join(folder, 'Experts'))
	) ?? null;

function realTerminal(state: StateDir, capacity: number): TerminalKind {
	const source = mql5Source();
	const golden = new GoldenStore(state.golden);
	const { install } = createProvisioner({
		golden,
		mql5: source === null ? null : { source, cache: state.compiled },
		experts: state.experts,
		capacity,
		wallMs: Date.now
	});
	return mt5Terminal({
		install,
		renewal: createRenewal({ golden, mql5Source: source, experts: state.experts, wallMs: Date.now }),
		async beforeLaunch() {
			const appData = process.env.APPDATA;
			if (!appData) throw new InstallRefused('live_update_open', 'APPDATA is not set');
			endStuckUpdaters(appData, Date.now());
			await containLiveUpdate(appData, windowsWriteGuard());
		},
		factsOf: async (instanceDir) =>
			readBuildFacts(state.facts, (await readInstallMark(instanceDir))?.build ?? null)
	});
}

/** Denies writing to the user that this process, and so its terminals, run as. */
export function windowsWriteGuard(): WriteGuard {
	const sid = currentUserSid();
	return {
		denyWrite: async (path) => void denyWrites(path, sid),
		isWriteDenied: async (path) => areWritesDenied(readAccess(path), sid)
	};
}
