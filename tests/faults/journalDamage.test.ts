/** A6, A12: journals that are torn, flipped, gone, or of an earlier version. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../agent/src/link/journal.ts';
import { openOrRebuildJournal } from '../../agent/src/link/journalRescue.ts';
import { createLogger } from '../../agent/src/logger.ts';
import { AgentRig } from '../support/agentRig.ts';
import { assignedAccount } from '../support/fakeWeb.ts';
import { waitFor } from '../support/waitFor.ts';

const RELEASED = join(import.meta.dirname, 'fixtures', 'journal-0.1.0.db');
const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';
const C = '33333333-3333-4333-8333-333333333333';
const NOW = Date.UTC(2026, 10, 21, 1);

let dir: string;
let path: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), 'quintet-journal-'));
	path = join(dir, 'journal.db');
	await mkdir(join(dir, 'instances'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const logger = createLogger('silent');
const open = () =>
	openOrRebuildJournal(path, { wallMs: () => NOW, logger, instancesDir: join(dir, 'instances') });
/** Everything that decides about a command. */
const memoryOf = (journal: Journal) => ({
	fences: [A, B, C].map((id) => journal.fences.of(id)),
	unfinished: [A, B, C].map((id) => journal.unfinished(id)),
	unacknowledged: journal.unacknowledged()
});

/** A journal as this version writes it, in one file. */
async function sound(): Promise<ReturnType<typeof memoryOf>> {
	await copyFile(RELEASED, path);
	const journal = new Journal(path, () => NOW);
	// Written anew, so that the fences carry their checksum.
	for (const id of [A, B, C]) journal.fences.change(id, { loginMark: 'mark' });
	const memory = memoryOf(journal);
	journal.close();
	return memory;
}

describe('A12: a journal of version 0.1.0', () => {
	it('is read with everything in it', async () => {
		await copyFile(RELEASED, path);
		const journal = open();
		expect(journal.isRebuilt).toBe(false);
		expect(journal.connSeqSeen).toBe(42);
		expect(journal.fences.of(A)).toMatchObject({
			maxGeneration: 1,
			wanted: 'RUNNING',
			confirmedGeneration: 1
		});
		expect(journal.fences.of(B)).toMatchObject({ maxGeneration: 3, wanted: 'STOPPED' });
		expect(journal.unacknowledged()).toMatchObject([{ accountId: B, outcome: 'success' }]);
		expect(journal.unfinished(C)).toMatchObject([{ state: 'intent', kind: 'start_ea' }]);
		expect(journal.find('00000000-0000-4000-8000-000000000004', B)).toMatchObject({ state: 'tombstone' });
		journal.close();
	});
});

describe('A6: a damaged journal', () => {
	/** Opens what is left of it: either all is as it was, or the journal knows that it does not know. */
	function judge(memory: Awaited<ReturnType<typeof sound>>): 'sound' | 'rebuilt' {
		const journal = open();
		try {
			if (journal.isRebuilt) return 'rebuilt';
			expect(memoryOf(journal).fences).toEqual(memory.fences);
			return 'sound';
		} finally {
			journal.close();
		}
	}

	it('cut off at any byte is put aside, kept, and begun anew', async () => {
		const memory = await sound();
		const whole = await readFile(path);
		// Every page border and its neighbours, and every offset in between in steps.
		for (let length = 0; length < whole.length; length += length % 4096 < 2 ? 1 : 379) {
			await writeFile(path, whole);
			await truncate(path, length);
			await mkdir(join(dir, 'instances', 'one'), { recursive: true });
			expect(judge(memory), `cut at ${length}`).toBe('rebuilt');
		}
		expect((await readdir(dir)).some((name) => name.includes('damaged'))).toBe(true);
	}, 120_000);

	it('with flipped bytes is never believed about a generation, and never keeps the agent from starting', async () => {
		const memory = await sound();
		const whole = await readFile(path);
		const verdicts = { sound: 0, rebuilt: 0 };
		await fc.assert(
			fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (offset, mask) => {
				const flipped = Buffer.from(whole);
				flipped[offset] = (flipped[offset] ?? 0) ^ mask;
				for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true });
				await writeFile(path, flipped);
				verdicts[judge(memory)] += 1;
			}),
			{ numRuns: 300 }
		);
		expect(verdicts.rebuilt).toBeGreaterThan(0);
	}, 120_000);

	it('torn in its last record loses that record alone', async () => {
		const memory = await sound();
		const journal = new Journal(path, () => NOW);
		journal.fences.change(A, { loginMark: 'later' });
		const log = await readFile(`${path}-wal`);
		const main = await readFile(path);
		journal.close();
		for (let length = log.length - 1; length >= 0; length -= 97) {
			await rm(`${path}-shm`, { force: true });
			await writeFile(path, main);
			await writeFile(`${path}-wal`, log.subarray(0, length));
			expect(judge(memory)).toBe('sound');
		}
	});

	it('that is gone while terminals lie there is a lost one, and a new agent’s is not', async () => {
		const first = open();
		expect(first.isRebuilt).toBe(false);
		first.close();
		await rm(path);
		await mkdir(join(dir, 'instances', 'one'));
		const second = open();
		expect(second.isRebuilt).toBe(true);
		second.close();
	});

	it('keeps the number of the last connection, where it can be read', async () => {
		await sound();
		const whole = await readFile(path, 'latin1');
		await writeFile(path, whole.replace('"loginMark":"mark"', '"loginMark":"mork"'), 'latin1');
		const journal = open();
		expect(journal).toMatchObject({ isRebuilt: true, connSeqSeen: 42 });
		journal.close();
	});
});

describe('A6: an agent whose journal was damaged', () => {
	it('shows what it sees, gives up what it forgot, and takes new commands', async () => {
		const rig = await AgentRig.create();
		try {
			const { accountId } = assignedAccount();
			rig.web.accounts.set(accountId, assignedAccount({ accountId }));
			rig.startAgent();
			await rig.web.connected();
			const first = rig.web.command(accountId, 'start_ea');
			expect(await rig.web.result(first.commandId)).toMatchObject({ outcome: 'success' });
			await rig.stopAgent();
			await truncate(rig.state.journal, 5_000);
			for (const suffix of ['-wal', '-shm']) await rm(rig.state.journal + suffix, { force: true });
			rig.web.states.clear();
			rig.web.received.length = 0;
			rig.startAgent();
			// The EA runs, and that is what is shown.
			await rig.web.state(accountId, 'running', ({ algo }) => algo === 'running');

			const ref = { commandId: first.commandId, accountId, generation: first.generation };
			rig.web.send({ type: 'settle', commands: [{ ...ref, kind: 'start_ea' }] });
			expect(await rig.web.result(first.commandId)).toMatchObject({
				outcome: 'indeterminate',
				errorCode: 'journal_lost'
			});
			await waitFor('the verdict', () =>
				rig.web.framesOf('settled').some(({ answers }) => answers[0]?.verdict === 'answered')
			);
			const stop = rig.web.command(accountId, 'stop_ea');
			expect(await rig.web.result(stop.commandId)).toMatchObject({ outcome: 'success' });
			const start = rig.web.command(accountId, 'start_ea');
			expect(await rig.web.result(start.commandId)).toMatchObject({ outcome: 'success' });
		} finally {
			await rig.dispose();
		}
	});
});
