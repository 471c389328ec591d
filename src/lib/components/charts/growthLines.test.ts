import { describe, expect, it } from 'vitest';
import type { ComparisonView } from '#lib/domain/analyticsViews.ts';
import { daysOfLines, growthLines } from './growthLines.ts';

type Account = ComparisonView['accounts'][number];
const account = (id: string, growth: [string, string][], seenAt: string | null): Account =>
	({
		id,
		name: id,
		kind: 'DEMO',
		seenAt,
		growth: growth.map(([day, gain]) => ({ day, gain }))
	}) as unknown as Account;
const range = { from: '2026-03-02', to: '2026-03-06' };
const lines = (...accounts: Account[]) => growthLines({ range, accounts });

describe('growthLines', () => {
	it('begins at zero on the day before', () => {
		const [line] = lines(account('a', [['2026-03-02', '0.01']], '2026-03-06T10:00:00Z'));
		expect(line?.points).toEqual([
			{ day: '2026-03-01', gain: '0' },
			{ day: '2026-03-02', gain: '0.01' }
		]);
		expect(line?.gain).toBe('0.01');
	});

	it('ends with the day on which the account was heard last', () => {
		const growth: [string, string][] = [
			['2026-03-02', '0'],
			['2026-03-03', '0.02'],
			['2026-03-04', '0.02'],
			['2026-03-05', '0.02']
		];
		const lastDay = (seenAt: string | null) => lines(account('a', growth, seenAt))[0]?.points.at(-1)?.day;
		expect(lastDay('2026-03-04T23:00:00Z')).toBe('2026-03-04');
		// Never seen, but its deals tell of that day.
		expect(lastDay(null)).toBe('2026-03-03');
	});

	it('gives no two of five accounts the same colour or line, and puts those without capital last', () => {
		const five = lines(
			account('none', [], null),
			...['a', 'b', 'c', 'd'].map((id) => account(id, [['2026-03-02', '0.01']], null))
		);
		expect(five.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'none']);
		expect(new Set(five.map(({ colour }) => colour)).size).toBe(5);
		expect(new Set(five.map(({ style }) => style)).size).toBe(5);
		expect(daysOfLines(five)).toEqual(['2026-03-01', '2026-03-02']);
	});
});
