import { describe, expect, it } from 'vitest';
import { type BridgeStatus } from '../bridge/contract.ts';
import { createLogger } from '../logger.ts';
import { type Outgoing } from '../link/connection.ts';
import { type PoolAccount } from '../supervisor/account.ts';
import { DEFAULT_TIMINGS } from '../supervisor/timings.ts';
import { DealFeed, type DealFeedDependencies } from './dealFeed.ts';
import { DealPost } from './dealPost.ts';
import { VirtualClock } from '../../../tests/support/virtualClock.ts';

const ACCOUNT = 'b9f7a8a0-0000-4000-8000-000000000001';
const NOON_MS = Date.UTC(2026, 10, 20, 12);

function scene() {
	const clock = new VirtualClock(NOON_MS);
	const tell: { status: (status: BridgeStatus) => void } = { status: () => {} };
	const asked: { args: object; signal: AbortSignal | undefined }[] = [];
	const history: { ticket: string; timeMs: number }[] = [];
	const sent: Outgoing[] = [];
	const noted: string[] = [];
	const state = {
		isBusy: false,
		isLineUp: true,
		isStored: true,
		hangs: false,
		/** The terminal shows another login by the time it answers. */
		turnsAway: false,
		gmtOffsetMin: 120,
		status: { login: '1', isConnected: true, balance: '1.00' } as BridgeStatus
	};
	const account = { accountId: ACCOUNT, epoch: 1, accountNumber: '1', serverName: 'S' } as PoolAccount;
	const post: DealPost = new DealPost({
		isOpen: () => state.isLineUp,
		clock,
		timings: DEFAULT_TIMINGS,
		send(frame) {
			sent.push(frame);
			if (state.isStored && frame.type === 'deals')
				queueMicrotask(() => post.onStored({ ...frame, type: 'deals_stored', v: 1, id: '', signature: '' }));
			return true;
		}
	});
	const channel = {
		onStatus(callback: (status: BridgeStatus) => void) {
			tell.status = callback;
			return () => {};
		},
		request(_verb: string, args: { sinceMs: number }, { signal }: { signal?: AbortSignal }) {
			asked.push({ args, signal });
			if (state.hangs)
				return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
			if (state.turnsAway) state.status = { ...state.status, login: '2' };
			const operations = history
				.filter(({ timeMs }) => timeMs >= args.sinceMs)
				.map((each) => ({ ...each, type: 2, amount: '1.00', comment: 'a\u0000b' }));
			return Promise.resolve({
				deals: [],
				operations,
				next: null,
				historyDeals: operations.length,
				serverTime: Math.floor((clock.wallMs() + 2 * 3_600_000) / 1_000),
				gmtOffsetMin: state.gmtOffsetMin
			});
		}
	};
	const instance = {
		channel,
		process: { pid: 1 },
		get fresh() {
			return state.status;
		}
	} as unknown as DealFeedDependencies['instance'];
	const feed = new DealFeed({
		instance,
		isRight: ({ login }) => login === '1',
		account: () => account,
		isBusy: () => state.isBusy,
		journal: { dealsNoted: () => noted.at(-1) ?? null, noteDeals: (_, text) => void noted.push(text) },
		post,
		clock,
		random: () => 0.5,
		logger: createLogger('silent'),
		timings: DEFAULT_TIMINGS
	});
	const end = new AbortController();
	const running = feed.run(end.signal).catch(() => {});
	return {
		...{ clock, asked, history, sent, noted, state, feed },
		/** The bridge says this. */
		show(status: Partial<BridgeStatus>) {
			state.status = { ...state.status, ...status };
			tell.status(state.status);
		},
		/** The line is there again. */
		openLine() {
			state.isLineUp = true;
			post.opened();
		},
		async end() {
			end.abort(new Error('the test ends'));
			await running;
		}
	};
}

describe('the feed of deals', () => {
	it('reads a second after something was traded, and while nothing is, twice a minute and with one question', async () => {
		const { clock, asked, show, end } = scene();
		show({ balance: '2.00' });
		await clock.pass(999);
		expect(asked).toHaveLength(0);
		await clock.pass(1);
		// The reading, and the count after a login.
		expect(asked).toHaveLength(2);
		await clock.pass(59_000);
		const before = asked.length;
		// Counted once more a minute after the login.
		expect(before).toBeLessThanOrEqual(4);
		await clock.pass(300_000);
		expect(asked.length - before).toBeLessThanOrEqual(12);
		await end();
	});

	it('asks nothing while a command is at work, and takes its question back when one comes', async () => {
		const { clock, asked, state, feed, show, history, sent, end } = scene();
		history.push({ ticket: '1', timeMs: NOON_MS });
		state.isBusy = true;
		show({ balance: '2.00' });
		await clock.pass(120_000);
		expect(asked).toHaveLength(0);
		state.isBusy = false;
		state.hangs = true;
		await clock.pass(5_000);
		expect(asked).toHaveLength(1);
		state.hangs = false;
		state.isBusy = true;
		feed.interrupt();
		await clock.pass(5_000);
		expect(asked[0]?.signal?.aborted).toBe(true);
		expect(asked).toHaveLength(1);
		state.isBusy = false;
		await clock.pass(5_000);
		expect(sent).toHaveLength(1);
		await end();
	});

	it('notes nothing before it is stored, and tells it again until then', async () => {
		const { clock, state, show, history, sent, noted, end } = scene();
		history.push({ ticket: '1', timeMs: NOON_MS });
		state.isStored = false;
		show({ balance: '2.00' });
		await clock.pass(60_000);
		expect(sent.length).toBeGreaterThan(2);
		expect(noted).toEqual([]);
		state.isStored = true;
		await clock.pass(60_000);
		expect(JSON.parse(noted.at(-1) ?? '{}')).toMatchObject({ newestMs: NOON_MS, known: 1 });
		// What the wire does not take of the broker's words is left out.
		expect(sent.at(-1)).toMatchObject({ operations: [{ ticket: '1', comment: 'ab', gmtOffsetMin: 120 }] });
		await end();
	});

	it('reads at the moment in which the line opens when something was traded meanwhile', async () => {
		const { clock, state, show, history, sent, openLine, end } = scene();
		history.push({ ticket: '1', timeMs: NOON_MS });
		state.isLineUp = false;
		show({ balance: '2.00' });
		await clock.pass(61_000);
		expect(sent).toEqual([]);
		openLine();
		await clock.pass(0);
		expect(sent).toHaveLength(1);
		await end();
	});

	it('does not ask its terminal in the moment of all others when nothing was traded meanwhile', async () => {
		const { clock, asked, state, openLine, end } = scene();
		state.isLineUp = false;
		await clock.pass(61_000);
		openLine();
		await clock.pass(2_499);
		expect(asked).toEqual([]);
		await clock.pass(1);
		expect(asked.length).toBeGreaterThan(0);
		await end();
	});

	it('tells a page again on the line that opens after the one it was told on', async () => {
		const { clock, state, show, history, sent, noted, openLine, end } = scene();
		history.push({ ticket: '1', timeMs: NOON_MS });
		state.isStored = false;
		show({ balance: '2.00' });
		await clock.pass(1_000);
		expect(sent).toHaveLength(1);
		state.isLineUp = false;
		await clock.pass(100);
		state.isStored = true;
		openLine();
		await clock.pass(0);
		expect(sent).toHaveLength(2);
		expect(noted).toHaveLength(1);
		await end();
	});

	it('lets an opening line not hasten what failed for another reason', async () => {
		const { clock, asked, state, show, openLine, end } = scene();
		state.gmtOffsetMin = 1_560;
		show({ balance: '2.00' });
		await clock.pass(1_000);
		const before = asked.length;
		openLine();
		await clock.pass(20_000);
		expect(asked).toHaveLength(before);
		await end();
	});

	it('tells nothing of another login', async () => {
		const { clock, asked, state, show, history, sent, end } = scene();
		history.push({ ticket: '1', timeMs: NOON_MS });
		show({ login: '2' });
		await clock.pass(60_000);
		expect(sent).toEqual([]);
		state.turnsAway = true;
		show({ login: '1', balance: '2.00' });
		await clock.pass(10_000);
		expect(asked).toHaveLength(1);
		expect(sent).toEqual([]);
		state.turnsAway = false;
		show({ login: '1' });
		await clock.pass(10_000);
		expect(sent).toHaveLength(1);
		await end();
	});

	it('leaves none out while the machine’s clock is so wrong that none could be told', async () => {
		const { clock, state, show, history, sent, noted, end } = scene();
		history.push({ ticket: '1', timeMs: NOON_MS });
		state.gmtOffsetMin = 1_560;
		show({ balance: '2.00' });
		await clock.pass(120_000);
		expect([sent, noted]).toEqual([[], []]);
		state.gmtOffsetMin = 120;
		await clock.pass(600_000);
		expect(sent).toHaveLength(1);
		await end();
	});

	it('reads everything anew when the history turns out to be longer than was known', async () => {
		const { clock, show, history, sent, end } = scene();
		history.push({ ticket: '9', timeMs: NOON_MS });
		show({ balance: '2.00' });
		await clock.pass(10_000);
		expect(sent).toHaveLength(1);
		// What the terminal had not loaded yet right after its login.
		history.push({ ticket: '1', timeMs: NOON_MS - 40 * 86_400_000 });
		await clock.pass(120_000);
		const tickets = sent.flatMap((frame) => (frame.type === 'deals' ? frame.operations : []));
		expect(tickets.map(({ ticket }) => ticket)).toContain('1');
		const told = sent.length;
		await clock.pass(86_400_000);
		expect(sent).toHaveLength(told);
		await end();
	});
});
