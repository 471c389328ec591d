/** What lies where in the agent's state directory; nothing else of ours is anywhere on the machine. */
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';

export interface StateDir {
	root: string;
	config: string;
	/** Ed25519: who the agent is. */
	privateKey: string;
	/** X25519: what is sealed to it. */
	sealKey: string;
	journal: string;
	lock: string;
	/** Starts without an orderly end. */
	starts: string;
	status: string;
	/** Somebody put it here: stop every EA now, server or not. */
	stopAll: string;
	stopAllAnswer: string;
	/** Somebody asked to renew terminals, and how far that is. */
	renew: string;
	renewProgress: string;
	/** One folder per account. */
	instances: string;
	/** One folder per broker: what the terminals are copies of. */
	golden: string;
	/** The traders' own EAs, by their path below `MQL5\\Experts`. */
	experts: string;
	/** What was fetched of the traders' uploads, by digest. */
	uploads: string;
	/** What is known of builds of MetaTrader 5, one file each. */
	facts: string;
	/** Our MQL5 programs, compiled, by build. */
	compiled: string;
}

/** From `--state-dir`, else QUINTET_AGENT_DIR, else ./.data/agent. */
export function stateDir(given: string | undefined, environment: NodeJS.ProcessEnv): StateDir {
	const text = given ?? environment.QUINTET_AGENT_DIR ?? join('.data', 'agent');
	const root = resolve(text.replace(/^~(?=\/|\\|$)/, homedir()));
	return {
		root,
		config: join(root, 'agent.json'),
		privateKey: join(root, 'agent-key.pem'),
		sealKey: join(root, 'agent-seal-key.pem'),
		journal: join(root, 'journal.db'),
		lock: join(root, 'lock.db'),
		starts: join(root, 'starts.json'),
		status: join(root, 'status.json'),
		stopAll: join(root, 'STOP_ALL'),
		stopAllAnswer: join(root, 'stop-all-answer.json'),
		renew: join(root, 'RENEW'),
		renewProgress: join(root, 'renew-progress.json'),
		instances: join(root, 'instances'),
		golden: join(root, 'golden'),
		experts: join(root, 'experts'),
		uploads: join(root, 'uploads'),
		facts: join(root, 'facts'),
		compiled: join(root, 'compiled')
	};
}

const accountIdSchema = z.uuid();

/**
 * The directory of one account's terminal. Made of the account's id alone, never of anything a user typed.
 * @throws Error when the id is no UUID, or the result lies outside
 */
export function instanceDirOf(instancesDir: string, accountId: string): string {
	const path = join(instancesDir, accountIdSchema.parse(accountId).toLowerCase());
	const inside = relative(instancesDir, path);
	if (inside.startsWith('..') || isAbsolute(inside)) throw new Error('instance directory outside its root');
	return path;
}
