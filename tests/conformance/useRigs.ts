/** The rigs of a suite: made on demand, ended after each test. */
import { afterEach } from 'vitest';
import { type ProcessIdentity } from '../../agent/src/terminal/ports.ts';
import { waitFor } from '../support/waitFor.ts';
import { type BridgeRig, type MakeRig, type RigSetup } from './rig.ts';

export interface Rigs {
	rigFor(setup?: RigSetup): Promise<BridgeRig>;
	/** A terminal that is logged in, and whose bridge answers. */
	running(setup?: RigSetup, isAlgoTradingOn?: boolean): Promise<{ rig: BridgeRig; process: ProcessIdentity }>;
	ended(rig: BridgeRig, process: ProcessIdentity): Promise<boolean>;
}

/** Call inside `describe`. */
export function useRigs(makeRig: MakeRig): Rigs {
	const rigs: BridgeRig[] = [];
	const rigFor = async (setup?: RigSetup): Promise<BridgeRig> => {
		const rig = await makeRig(setup);
		rigs.push(rig);
		return rig;
	};
	afterEach(async () => {
		await Promise.all(rigs.splice(0).map((rig) => rig.end()));
	});
	return {
		rigFor,
		async running(setup, isAlgoTradingOn = true) {
			const rig = await rigFor(setup);
			const process = await rig.start(undefined, isAlgoTradingOn);
			await rig.status('the login', (status) => status.isConnected);
			return { rig, process };
		},
		ended: (rig, process) =>
			waitFor('the end of the process', async () => !(await rig.kind.launcher.isAlive(process)))
	};
}
