import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '#lib/domain/accountPolicy.ts';
import { type AssignedAccount, type WebFrames } from '#lib/protocol/frames.ts';
import { type Clock } from '../clock.ts';
import { COMMAND_RULES } from '../link/commandRules.ts';
import { Journal } from '../link/journal.ts';
import { ServerTime } from '../link/serverTime.ts';
import { createLogger } from '../logger.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import { ExpertPost } from '../experts/expertPost.ts';
import { noExpertStore } from '../experts/expertStore.ts';
import { DealPost } from '../deals/dealPost.ts';
import { Pool } from './pool.ts';
import { Slots } from './slots.ts';
import { DEFAULT_TIMINGS } from './timings.ts';

const ACCOUNT = randomUUID();

/** What happens to the directory of one account, while whoever looks for its terminal waits for `found`. */
function scene(folder: string) {
	const found = Promise.withResolvers<null>();
	const removed: string[] = [];
	const clock: Clock = {
		monotonicMs: () => 1_000,
		wallMs: () => 1_700_000_000_000,
		// Time stands still; who waits is let go when the pool is closed.
		sleep: (_, signal) =>
			new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
	};
	const terminal = {
		launcher: { find: () => found.promise, isUpdating: async () => false },
		files: {
			list: async () => [ACCOUNT],
			wipeStartIni: async () => false,
			remove: async (dir: string) => void removed.push(dir)
		},
		openChannel: () => ({ newest: null, onStatus: () => () => {}, reset: async () => {}, close: () => {} }),
		install: () => Promise.reject(new Error('nothing is put in place here'))
	} as unknown as TerminalKind;
	const journal = new Journal(join(folder, 'journal.db'), clock.wallMs);
	const pool = new Pool({
		instancesDir: folder,
		terminal,
		journal,
		rules: COMMAND_RULES,
		isSafeMode: () => false,
		reporter: { progress: () => {}, finish: () => {}, event: () => {}, incident: () => {} },
		deals: new DealPost({ isOpen: () => false, send: () => false, clock, timings: DEFAULT_TIMINGS }),
		experts: new ExpertPost({
			...{ store: noExpertStore, isOpen: () => false, send: () => false },
			...{ clock, timings: DEFAULT_TIMINGS }
		}),
		mark: () => 'mark',
		openPassword: (sealed) => sealed,
		slots: new Slots(1),
		clock,
		serverTime: new ServerTime(clock),
		controlLostForMs: () => 0,
		random: () => 0.5,
		logger: createLogger('silent'),
		timings: DEFAULT_TIMINGS
	});
	return { pool, journal, removed, letGo: () => found.resolve(null) };
}

const assigned = (epoch: number): AssignedAccount => ({
	accountId: ACCOUNT,
	epoch,
	userId: randomUUID(),
	accountNumber: '500001',
	serverName: 'Quintet-Demo',
	broker: 'Quintet Simulated Broker',
	sealedPassword: null,
	wanted: 'STOPPED',
	generation: 0,
	settings: {
		maxLotSize: '0.10',
		maxLoss: '500',
		safetyMode: 'GREEN',
		closePositionsOnStop: false,
		expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'H1', magic: 7 }
	},
	policy: DEFAULT_POLICY,
	watchdogAskedAtMs: 0,
	isConnectionWanted: true,
	reconnectAskedAtMs: 0
});

const sync = (isFull: boolean, accounts: AssignedAccount[]) =>
	({ isFull, isLast: true, accounts, removed: [] }) as unknown as WebFrames['sync'];

describe('an account that comes back while what is left of it is being stopped', () => {
	let folder: string;
	beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'quintet-pool-'))));
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	it.each(['a release of its earlier time here', 'a full sync of before'])(
		'O4: keeps its directory from %s, which waits for the same',
		async (what) => {
			const { pool, journal, removed, letGo } = scene(folder);
			const halted = pool.haltAll();
			await Promise.resolve();
			await Promise.resolve();
			let released: Promise<boolean> | null = null;
			if (what.startsWith('a release')) released = pool.release({ accountId: ACCOUNT, epoch: 1 });
			else pool.applySync(sync(true, []));
			await new Promise(setImmediate);
			pool.applySync(sync(false, [assigned(2)]));
			expect(pool.accountOf(ACCOUNT)).toBeNull();
			letGo();
			expect(await halted).toEqual([{ accountId: ACCOUNT, isProven: true, isKept: true }]);
			if (released) expect(await released).toBe(false);
			await new Promise(setImmediate);
			expect(pool.accountOf(ACCOUNT)?.epoch).toBe(2);
			expect(removed).toEqual([]);
			await pool.close({ closeTerminals: false });
			journal.close();
		}
	);
});
