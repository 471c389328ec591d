/** The agent's files in its state directory, beside the journal and the instances. */
import { mkdirSync } from 'node:fs';
import { changeKeys } from './commands/rotateKeys.ts';
import { type AgentConfig } from './config.ts';
import { diskExpertStore, type ExpertStore } from './experts/expertStore.ts';
import { nextIdentityMadeAtMs, readIdentity } from './identity.ts';
import { type KeyStore } from './keyKeeper.ts';
import { takeRenewal, tellRenewal, type RenewProgress, type RenewRequest } from './renewFile.ts';
import { type StateDir } from './stateDir.ts';
import { writeStatus, type AgentStatus } from './statusFile.ts';
import { answerStopAll, readStopAll } from './stopAllFile.ts';
import { type HaltAnswer } from './supervisor/pool.ts';

export interface AgentFiles {
	/** Somebody asked on this machine to stop every EA; null when nobody did. */
	readStopAll(): Promise<string | null>;
	answerStopAll(requestId: string, accounts: HaltAnswer[]): Promise<void>;
	writeStatus(status: AgentStatus): Promise<void>;
	/** Somebody asked on this machine to renew terminals; left out in the simulation, where nobody does. */
	renewals?: {
		take(): Promise<RenewRequest | null>;
		tell(progress: RenewProgress): Promise<void>;
	};
	/** Left out in the simulation, where nobody uploads anything. */
	experts?: ExpertStore;
	/** Left out in the simulation, where keys do not change. */
	keys?: KeyStore;
}

export function diskAgentFiles(state: StateDir, config: AgentConfig): AgentFiles {
	mkdirSync(state.instances, { recursive: true });
	return {
		readStopAll: () => readStopAll(state.stopAll),
		answerStopAll: (requestId, accounts) => answerStopAll(state, requestId, accounts),
		renewals: {
			take: () => takeRenewal(state),
			tell: (progress) => tellRenewal(state, progress)
		},
		experts: diskExpertStore(state.uploads),
		keys: {
			read: () => readIdentity(state),
			change: () => changeKeys(config, state),
			unfinishedSinceMs: () => nextIdentityMadeAtMs(state)
		},
		writeStatus: (status) => writeStatus(state.status, status)
	};
}
