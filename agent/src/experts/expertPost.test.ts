import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FILE_PART_BYTES, MAX_FRAME_BYTES } from '#lib/domain/limits.ts';
import { encodeFrame } from '#lib/protocol/codec.ts';
import { type AgentFrames } from '#lib/protocol/frames.ts';
import { VirtualClock } from '../../../tests/support/virtualClock.ts';
import { waitFor } from '../../../tests/support/waitFor.ts';
import { diskExpertStore, sha256OfBytes, type ExpertStore } from './expertStore.ts';
import { ExpertPost, ExpertRefused } from './expertPost.ts';

const ACCOUNT = { accountId: '00000000-0000-4000-8000-000000000001', epoch: 1 };
const never = new AbortController().signal;
const TIMINGS = { filePartMs: 30, retryBaseMs: 10 };
type Wanted = Omit<AgentFrames['expert_wanted'], 'v' | 'id' | 'type'>;

describe('E7: fetching an uploaded EA', () => {
	let folder: string;
	let clock: VirtualClock;
	let store: ExpertStore;
	/** How often the store was looked into. */
	let looks: number;
	let asked: Wanted[];
	/** Of each question; undefined: no answer. */
	let answer: (wanted: Wanted) => Buffer | null | undefined;
	let isOpen: boolean;
	let post: ExpertPost;

	const content = Buffer.from(Array.from({ length: 2 * FILE_PART_BYTES + 7 }, (_, i) => i % 251));
	const file = { ...ACCOUNT, sha256: sha256OfBytes(content), bytes: content.length };
	const partOf = ({ offset }: Wanted): Buffer => content.subarray(offset, offset + FILE_PART_BYTES);

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'quintet-uploads-'));
		const disk = diskExpertStore(folder);
		looks = 0;
		store = {
			...disk,
			async read(sha256) {
				const content = await disk.read(sha256);
				looks += 1;
				return content;
			}
		};
		clock = new VirtualClock(0);
		asked = [];
		isOpen = true;
		answer = partOf;
		post = new ExpertPost({
			store,
			isOpen: () => isOpen,
			send(frame) {
				if (frame.type !== 'expert_wanted') throw new Error('another frame');
				asked.push(frame);
				const part = answer(frame);
				if (part !== undefined) {
					const base64 = part?.toString('base64') ?? null;
					const { accountId, sha256, offset } = frame;
					const reply = { type: 'expert_part' as const, accountId, sha256, offset, base64 };
					expect(Buffer.byteLength(encodeFrame(reply))).toBeLessThan(MAX_FRAME_BYTES);
					setImmediate(() => post.onPart({ v: 1, id: '1', ...reply }));
				}
				return true;
			},
			clock,
			timings: TIMINGS
		});
	});
	afterEach(() => rm(folder, { recursive: true }));

	it('puts the parts together, keeps the whole, and asks no more for it', async () => {
		expect(await post.obtain(file, never)).toEqual(content);
		expect(asked.map(({ offset }) => offset)).toEqual([0, FILE_PART_BYTES, 2 * FILE_PART_BYTES]);
		expect(await post.obtain({ ...file, accountId: ACCOUNT.accountId.replace(/1$/, '2') }, never)).toEqual(
			content
		);
		expect(asked).toHaveLength(3);
	});

	it('is fetched once for all accounts that want it at the same time; one that gives up leaves it to the next', async () => {
		const [first, ...others] = [1, 2, 3, 4].map((n) => ({
			...file,
			accountId: ACCOUNT.accountId.replace(/1$/, n.toString())
		}));
		const end = new AbortController();
		answer = ({ accountId, ...wanted }) =>
			accountId === first?.accountId ? undefined : partOf({ accountId, ...wanted });
		const given = post.obtain(first ?? file, end.signal);
		await waitFor('the first question', () => asked.length === 1);
		const waiting = others.map((each) => post.obtain(each, never));
		await waitFor('the others to have looked', () => looks === 4);
		await clock.pass(TIMINGS.filePartMs);
		expect(asked.map(({ accountId }) => accountId)).toEqual([first?.accountId, first?.accountId]);
		end.abort(new Error('enough'));
		await expect(given).rejects.toThrow('enough');
		for (const each of waiting) expect(await each).toEqual(content);
		expect(asked.filter(({ offset }) => offset > 0)).toHaveLength(2);
		expect(await readdir(folder)).toEqual([file.sha256]);
	});

	it('asks again for a part that did not come, and once a line is there', async () => {
		isOpen = false;
		let lost = 2;
		answer = (wanted) => (wanted.offset > 0 && lost-- > 0 ? undefined : partOf(wanted));
		const fetched = post.obtain(file, never);
		await waitFor('the look into the store', () => looks === 1);
		await clock.pass(3 * TIMINGS.retryBaseMs);
		expect(asked).toEqual([]);
		isOpen = true;
		await clock.pass(TIMINGS.retryBaseMs);
		for (const questions of [2, 3]) {
			await waitFor('a question without an answer', () => asked.length === questions);
			await clock.pass(TIMINGS.filePartMs);
		}
		expect(await fetched).toEqual(content);
		expect(asked.map(({ offset }) => offset / FILE_PART_BYTES)).toEqual([0, 1, 1, 1, 2]);
	});

	it.each([
		['other bytes', (wanted: Wanted) => Buffer.from(partOf(wanted)).fill(0, 0, 1).fill(1, 1, 2)],
		['fewer bytes', ({ offset }: Wanted) => (offset === 0 ? content.subarray(0, 10) : Buffer.alloc(0))],
		['more bytes', () => content.subarray(0, FILE_PART_BYTES)],
		['a refusal', () => null]
	])('takes nothing of %s', async (_what, given) => {
		answer = given;
		await expect(post.obtain(file, never)).rejects.toThrow(ExpertRefused);
		expect(await readdir(folder)).toEqual([]);
	});

	it('ends with its signal, and hears no late part', async () => {
		answer = () => undefined;
		const end = new AbortController();
		const fetched = post.obtain(file, end.signal);
		end.abort(new Error('enough'));
		await expect(fetched).rejects.toThrow('enough');
		const { accountId, sha256 } = file;
		post.onPart({ v: 1, id: '1', type: 'expert_part', accountId, sha256, offset: 0, base64: 'AAAA' });
	});

	it('fetches anew what was changed on the disk', async () => {
		await post.obtain(file, never);
		await writeFile(join(folder, file.sha256), 'changed');
		expect(await post.obtain(file, never)).toEqual(content);
		expect(asked).toHaveLength(6);
	});

	it('is kept under its digest alone, and forgotten when nothing wants it', async () => {
		await expect(store.keep(file.sha256, Buffer.from('x'))).rejects.toThrow('digest');
		await expect(store.read('../../etc/passwd')).rejects.toThrow();
		await store.keep(file.sha256, content);
		await store.keepOnly(new Set([file.sha256]));
		expect(await readdir(folder)).toEqual([file.sha256]);
		await store.keepOnly(new Set());
		expect(await readdir(folder)).toEqual([]);
	});
});
