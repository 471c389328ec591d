/** The agent's files in its state directory, beside the journal and the instances. */
import { mkdirSync } from 'node:fs';
import { readIdentity, type Identity } from './identity.ts';
import { type StateDir } from './stateDir.ts';
import { writeStatus, type AgentStatus } from './statusFile.ts';
import { answerStopAll, readStopAll } from './stopAllFile.ts';
import { type HaltAnswer } from './supervisor/pool.ts';

export interface AgentFiles {
	/** Somebody asked on this machine to stop every EA; null when nobody did. */
	readStopAll(): Promise<string | null>;
	answerStopAll(requestId: string, accounts: HaltAnswer[]): Promise<void>;
	writeStatus(status: AgentStatus): Promise<void>;
	/** The keys as they are on the disk now: `rotate-keys` may have changed them while the agent runs. */
	readIdentity?(): Promise<Identity>;
}

export function diskAgentFiles(state: StateDir): AgentFiles {
	mkdirSync(state.instances, { recursive: true });
	return {
		readStopAll: () => readStopAll(state.stopAll),
		answerStopAll: (requestId, accounts) => answerStopAll(state, requestId, accounts),
		readIdentity: () => readIdentity(state),
		writeStatus: (status) => writeStatus(state.status, status)
	};
}
