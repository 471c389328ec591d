/** Real agents in this process on a real server, each on a state directory of its own. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fingerprintOf } from '#lib/protocol/fingerprint.ts';
import { WINDOW_FOLDER } from '../../agent/simulator/windowVerbs.ts';
import { createAgent, type Agent } from '../../agent/src/agent.ts';
import { BRIDGE_FOLDER } from '../../agent/src/bridge/folder.ts';
import { systemClock } from '../../agent/src/clock.ts';
import { enrol } from '../../agent/src/commands/enrol.ts';
import { readConfig } from '../../agent/src/config.ts';
import { EXIT } from '../../agent/src/exitCodes.ts';
import { readIdentity } from '../../agent/src/identity.ts';
import { createLogger } from '../../agent/src/logger.ts';
import { describeMachine } from '../../agent/src/machine.ts';
import { type Timings } from '../../agent/src/supervisor/timings.ts';
import { stateDir, type StateDir } from '../../agent/src/stateDir.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { QUICK } from '../support/agentRig.ts';
import { ApiClient } from '../support/client.ts';
import { query } from '../support/database.ts';
import type { WebServer } from '../support/webServer.ts';

export interface AgentRow {
	standing: string;
	publicKey: string;
	lockReason: string | null;
	keysSince: Date;
	newKeysOrderedAt: Date | null;
}

export class RealAgents {
	readonly web: WebServer;
	readonly operator: ApiClient;
	readonly #running: { end: AbortController; done: Promise<void> }[] = [];
	readonly #dirs: string[] = [];

	private constructor(web: WebServer, operator: ApiClient) {
		this.web = web;
		this.operator = operator;
	}

	static async on(web: WebServer): Promise<RealAgents> {
		const operator = new ApiClient(web.origin);
		await operator.register('operator@example.test');
		await operator.confirm();
		await query(web.databaseUrl, `UPDATE "User" SET role = 'OPERATOR'`);
		return new RealAgents(web, operator);
	}

	/** Ends all agents and removes their files. */
	async end(): Promise<void> {
		for (const { end } of this.#running) end.abort(new Error('the test is over'));
		for (const { done } of this.#running.splice(0)) await done;
		for (const dir of this.#dirs.splice(0)) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
	}

	async row(agentId: string): Promise<AgentRow> {
		const [row] = await query<AgentRow>(
			this.web.databaseUrl,
			`SELECT CASE WHEN "lockedAt" IS NOT NULL THEN 'locked' WHEN "approvedAt" IS NULL THEN 'pending' ELSE 'approved' END
			   AS standing, "publicKey", "lockReason", "keysSince", "newKeysOrderedAt" FROM "Agent" WHERE id = $1`,
			[agentId]
		);
		if (!row) throw new Error('no such agent');
		return row;
	}

	async approve(agentId: string, state: StateDir) {
		const fingerprint = fingerprintOf(await readIdentity(state));
		return this.operator.send('POST', `/api/agents/${agentId}/approve`, { fingerprint });
	}

	async start(state: StateDir, timings: Partial<Timings> = {}): Promise<{ agent: Agent; log: string[] }> {
		const end = new AbortController();
		const log: string[] = [];
		const agent = createAgent({
			config: await readConfig(state.config),
			state,
			identity: await readIdentity(state),
			machine: describeMachine(),
			terminal: simulatedTerminal({ brokerDir: join(state.root, 'brokers'), statusMs: 150, pollMs: 30 }),
			clock: systemClock,
			random: Math.random,
			logger: createLogger('info', { write: (line: string) => void log.push(line) }),
			timings: { ...QUICK, ...timings },
			pace: { retryBaseMs: 100, retryCapMs: 300, unauthorisedMs: 500 },
			closesTerminals: true
		});
		this.#running.push({ end, done: agent.run(end.signal) });
		return { agent, log };
	}

	/** Enrols and approves an agent. */
	async enrol(name: string): Promise<{ agentId: string; state: StateDir; copyOf: () => Promise<StateDir> }> {
		const root = await this.#newDir();
		const state = stateDir(root, {});
		const { code } = (await this.operator.send<{ code: string }>('POST', '/api/agents/join-codes')).body;
		const options = { server: this.web.origin, code, name, capacity: 5, terminal: 'simulated' as const };
		expect(await enrol(state, { ...options, allowsPlainText: false, isForced: false }, () => {})).toBe(
			EXIT.ok
		);
		const { agentId } = await readConfig(state.config);
		expect((await this.approve(agentId, state)).status).toBe(200);
		return {
			agentId,
			state,
			copyOf: async () => {
				const to = await this.#newDir();
				// What agent, bridge and window say to each other, and files that are being replaced, come and go meanwhile.
				const passing = [join(...BRIDGE_FOLDER), WINDOW_FOLDER, '.tmp'];
				const isPassing = (path: string): boolean => passing.some((end) => path.endsWith(end));
				await cp(root, to, { recursive: true, filter: (path) => !isPassing(path) });
				return stateDir(to, {});
			}
		};
	}

	async #newDir(): Promise<string> {
		const dir = await mkdtemp(join(tmpdir(), 'quintet-copy-'));
		this.#dirs.push(dir);
		return dir;
	}
}
