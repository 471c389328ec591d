import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BehaviourFile, DEFAULT_BEHAVIOUR, type Behaviour } from './behaviour.ts';
import { BrokerAccount } from './brokerAccount.ts';
import { Market, midPoints } from './market.ts';
import { findSymbol, profitCents, SYMBOL_NAMES } from './symbols.ts';

const HOUR_MS = 3_600_000;
const BUY = { symbol: 'EURUSD', side: 'buy', volume: 10, magic: 7, hasStopLoss: false } as const;

let brokerDir: string;
let now: number;
let market: Market;
let problems: string[];
beforeEach(() => {
	brokerDir = mkdtempSync(join(tmpdir(), 'quintet-broker-'));
	now = Date.UTC(2026, 10, 20, 12);
	market = new Market(() => now);
	problems = [];
});
afterEach(() => rmSync(brokerDir, { recursive: true }));

const account = (changes: Partial<Behaviour> = {}): BrokerAccount =>
	new BrokerAccount({
		brokerDir,
		server: 'S',
		login: '7',
		market,
		now: () => now,
		behaviour: () => ({ ...DEFAULT_BEHAVIOUR, ...changes }),
		onProblem: (problem) => problems.push(problem)
	});

describe('symbols', () => {
	it.each([
		['EURUSD', 'buy', 108_400, 108_410, 100, 1_000],
		['EURUSD', 'sell', 108_400, 108_410, 100, -1_000],
		['XAUUSD', 'buy', 265_000, 265_150, 10, 1_500],
		['US30', 'sell', 440_000, 439_995, 100, 50],
		['USDJPY', 'buy', 151_200, 151_300, 100, 6_609]
	] as const)(
		'%s %s from %i to %i points, %i hundredths of a lot: %i cents',
		(name, side, from, to, volume, cents) => {
			const spec = findSymbol(name);
			expect(spec && profitCents(spec, side, from, to, volume)).toBe(cents);
		}
	);
});

describe('market', () => {
	it.each(SYMBOL_NAMES)('%s moves, but does not run away', (name) => {
		const spec = findSymbol(name);
		if (!spec) throw new Error('no symbol');
		const prices = Array.from({ length: 200 }, (_, hour) => midPoints(spec, now + hour * HOUR_MS));
		expect(new Set(prices).size).toBeGreaterThan(50);
		for (const price of prices) expect(Math.abs(price / spec.basePoints - 1)).toBeLessThan(0.1);
	});
});

describe('broker account', () => {
	it('keeps its positions and its balance for the next terminal', () => {
		account().open(BUY);
		const again = account();
		expect(again.books.positions).toMatchObject([{ symbol: 'EURUSD', volume: 10, magic: 7 }]);
		expect(again.value().balanceCents).toBe(1_000_000);
	});

	it('books exactly the floating profit when a position is closed', () => {
		const mine = account();
		mine.open(BUY);
		now += HOUR_MS;
		market.tick(['EURUSD']);
		const before = mine.value();
		expect(before.floatingCents).not.toBe(0);
		expect(mine.close(mine.books.positions[0]?.ticket ?? 0, 7)).toBe(10009);
		const after = mine.value();
		expect(after.balanceCents).toBe(before.balanceCents + before.floatingCents);
		expect(after).toMatchObject({ floatingCents: 0, marginCents: 0, dayClosedCents: before.floatingCents });
	});

	it('forgets the day’s result at the broker’s midnight, not at ours', () => {
		const mine = account();
		mine.open(BUY);
		mine.close(mine.books.positions[0]?.ticket ?? 0, 7);
		expect(mine.value().dayClosedCents).not.toBe(0);
		// The broker is two hours ahead: its day ends at 22:00 GMT.
		now = Date.UTC(2026, 10, 20, 21, 59);
		expect(mine.value().dayClosedCents).not.toBe(0);
		now = Date.UTC(2026, 10, 20, 22, 1);
		expect(mine.value().dayClosedCents).toBe(0);
	});

	it('closes at the stop-loss or take-profit', () => {
		const mine = account();
		mine.open({ ...BUY, hasStopLoss: true });
		for (let hour = 0; hour < 2_000 && mine.books.positions.length > 0; hour++) {
			now += HOUR_MS;
			market.tick(['EURUSD']);
			mine.runStops();
		}
		expect(['sl', 'tp']).toContain(mine.books.deals.at(-1)?.reason);
	});

	it('joins the positions of a symbol on a netting account', () => {
		const mine = account({ hedging: false });
		mine.open(BUY);
		mine.open({ ...BUY, volume: 30 });
		expect(mine.books.positions).toMatchObject([{ volume: 40 }]);
		expect(mine.value().marginCents).toBeGreaterThan(0);
	});

	it('refuses what the money does not carry, and what the market does not take', () => {
		expect(account().open({ ...BUY, volume: 100_000 })).toBe(10019);
		expect(account({ isMarketClosed: true }).open(BUY)).toBe(10018);
		expect(account().close(1, 7)).toBe(10036);
	});

	it('puts unreadable books aside, and says so', () => {
		account().open(BUY);
		writeFileSync(join(brokerDir, 'S', '7.json'), '{');
		expect(account().books.positions).toEqual([]);
		expect(problems).toHaveLength(1);
		expect(readFileSync(join(brokerDir, 'S', '7.json.broken'), 'utf8')).toBe('{');
	});
});

describe('brokers.json', () => {
	const read = (content: unknown): Behaviour => {
		writeFileSync(
			join(brokerDir, 'brokers.json'),
			typeof content === 'string' ? content : JSON.stringify(content)
		);
		return new BehaviourFile(brokerDir, (problem) => problems.push(problem)).of('S', '7');
	};

	it('says how one login is treated, over what holds for all', () => {
		const behaviour = read({
			'*': { '*': { currency: 'EUR', loginDelayMs: 5 } },
			S: { '7': { loginDelayMs: 9 } }
		});
		expect(behaviour).toMatchObject({ currency: 'EUR', loginDelayMs: 9, balanceCents: 1_000_000 });
	});

	it.each([
		'{',
		'[]',
		{ S: { '7': { balance: 5 } } },
		{ S: { '7': { unheardOf: 1 } } },
		{ S: { '7': { seedPositions: [{}] } } }
	])('is not believed when it is broken: %j', (content) => {
		expect(read(content)).toEqual(DEFAULT_BEHAVIOUR);
		expect(problems).toHaveLength(1);
	});
});
