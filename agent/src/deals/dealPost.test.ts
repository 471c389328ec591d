import { describe, expect, it } from 'vitest';
import { type AgentFrames } from '#lib/protocol/frames.ts';
import { VirtualClock } from '../../../tests/support/virtualClock.ts';
import { DEFAULT_TIMINGS } from '../supervisor/timings.ts';
import { DealPost } from './dealPost.ts';

const PARTS = { deals: [], operations: [] };
const ownerOf = (account: number) => ({ accountId: `account ${account}`, epoch: 1 });
type Batch = Pick<AgentFrames['deals'], 'accountId' | 'epoch' | 'batch'>;

function scene({ isOpen = true } = {}) {
	const clock = new VirtualClock(0);
	const line = { isOpen };
	const sent: (Batch & { atMs: number })[] = [];
	const delivered: boolean[] = [];
	const end = new AbortController();
	const post = new DealPost({
		isOpen: () => line.isOpen,
		clock,
		timings: DEFAULT_TIMINGS,
		send(frame) {
			if (frame.type === 'deals') sent.push({ ...frame, atMs: clock.now });
			return true;
		}
	});
	return {
		...{ clock, line, sent, delivered, post, end },
		deliver(account: number, isStillTheirs = () => true) {
			void post
				.deliver(ownerOf(account), PARTS, { isStillTheirs, signal: end.signal })
				.then((isStored) => delivered.push(isStored))
				.catch(() => {});
		},
		store(batch: Batch | undefined) {
			if (batch) post.onStored({ ...batch, type: 'deals_stored', v: 1, id: '', signature: '' });
		},
		open() {
			line.isOpen = true;
			post.opened();
		}
	};
}

describe('the post of deals', () => {
	it('sends a batch until it is stored, less and less often on a line that stays', async () => {
		const { clock, sent, delivered, deliver, store } = scene();
		deliver(1);
		await clock.pass(60_000);
		expect(sent.map(({ atMs }) => atMs)).toEqual([0, 16_000, 33_000, 52_000]);
		expect(delivered).toEqual([]);
		store(sent.at(-1));
		await clock.pass(0);
		expect(delivered).toEqual([true]);
	});

	it('sends a batch again as soon as another line opens', async () => {
		const { clock, line, sent, deliver, open } = scene();
		deliver(1);
		await clock.pass(1_000);
		line.isOpen = false;
		await clock.pass(2_000);
		open();
		await clock.pass(0);
		expect(sent.map(({ atMs }) => atMs)).toEqual([0, 3_000]);
	});

	it('sends what waited for a line as soon as it opens, however long that took', async () => {
		const { clock, sent, delivered, deliver, open, store } = scene({ isOpen: false });
		deliver(1);
		await clock.pass(100_000);
		expect(sent).toEqual([]);
		open();
		await clock.pass(0);
		expect(sent.map(({ atMs }) => atMs)).toEqual([100_000]);
		store(sent[0]);
		await clock.pass(0);
		expect(delivered).toEqual([true]);
	});

	it('has few batches of a whole machine under way on a line that opens, each of them once', async () => {
		const { clock, sent, delivered, deliver, open, store } = scene({ isOpen: false });
		for (let account = 0; account < 50; account++) deliver(account);
		await clock.pass(100_000);
		open();
		await clock.pass(0);
		expect(sent).toHaveLength(4);
		for (let i = 0; i < 50; i++) {
			store(sent[i]);
			await clock.pass(0);
			expect(sent).toHaveLength(Math.min(50, i + 5));
		}
		expect(delivered).toHaveLength(50);
		expect(new Set(sent.map(({ accountId }) => accountId)).size).toBe(50);
	});

	it('counts an answer that comes after its time', async () => {
		const { clock, sent, delivered, deliver, store } = scene();
		deliver(1);
		await clock.pass(15_500);
		store(sent[0]);
		await clock.pass(0);
		expect(delivered).toEqual([true]);
		expect(sent).toHaveLength(1);
	});

	it('believes no answer about another account or epoch', async () => {
		const { clock, sent, delivered, deliver, store } = scene();
		deliver(1);
		await clock.pass(0);
		const [batch] = sent;
		store(batch && { ...batch, epoch: 2 });
		store(batch && { ...batch, accountId: 'account 2' });
		await clock.pass(1_000);
		expect(delivered).toEqual([]);
	});

	it('does not repeat what is not theirs any more', async () => {
		const { clock, sent, delivered, deliver, open } = scene();
		deliver(1, () => false);
		await clock.pass(1_000);
		open();
		await clock.pass(0);
		expect(delivered).toEqual([false]);
		expect(sent).toHaveLength(1);
	});

	it('ends with its signal, and gives its place to the next', async () => {
		const { clock, sent, delivered, deliver, end } = scene();
		for (let account = 0; account < 5; account++) deliver(account);
		await clock.pass(1_000);
		expect(sent).toHaveLength(4);
		end.abort(new Error('the test ends'));
		await clock.pass(60_000);
		expect(sent).toHaveLength(4);
		expect(delivered).toEqual([]);
	});
});
