import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { Fences } from './fences.ts';
import { JournalFailure } from './journalSchema.ts';

const ACCOUNT = '0190f0c0-0000-7000-8000-000000000001';

describe('what cannot be journalled just now', () => {
	let db: DatabaseSync;
	let fences: Fences;
	const isFull = (full: boolean): void =>
		db.exec(
			full
				? `CREATE TRIGGER full BEFORE INSERT ON fence BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END`
				: 'DROP TRIGGER full'
		);
	/** As the next agent finds it. */
	const kept = () => new Fences(db).of(ACCOUNT);

	beforeEach(() => {
		db = new DatabaseSync(':memory:');
		db.exec('CREATE TABLE fence (accountId TEXT PRIMARY KEY, fence TEXT NOT NULL)');
		fences = new Fences(db);
		fences.change(ACCOUNT, { wanted: 'RUNNING', maxGeneration: 4 });
		isFull(true);
		expect(() => fences.change(ACCOUNT, { wanted: 'STOPPED' })).toThrow(JournalFailure);
		expect(fences.of(ACCOUNT).wanted).toBe('RUNNING');
		fences.changeInMemory(ACCOUNT, { wanted: 'STOPPED' });
	});

	it('holds for this agent, is known not to be written, and is written once there is room', () => {
		expect(fences.of(ACCOUNT).wanted).toBe('STOPPED');
		expect(fences.isSaved(ACCOUNT)).toBe(false);
		expect(() => fences.saveRemembered()).toThrow(JournalFailure);
		isFull(false);
		fences.saveRemembered();
		expect(fences.isSaved(ACCOUNT)).toBe(true);
		expect(kept()).toMatchObject({ wanted: 'STOPPED', maxGeneration: 4 });
	});

	it('is written by the very same change, though it changes nothing in memory', () => {
		isFull(false);
		fences.change(ACCOUNT, { wanted: 'STOPPED' });
		expect(kept().wanted).toBe('STOPPED');
	});

	it('is unwritten again when the transaction that wrote it is rolled back', () => {
		isFull(false);
		const before = fences.snapshot();
		db.exec('BEGIN');
		fences.saveRemembered();
		db.exec('ROLLBACK');
		fences.restore(before);
		expect(fences.isSaved(ACCOUNT)).toBe(false);
		fences.saveRemembered();
		expect(kept().wanted).toBe('STOPPED');
	});
});
