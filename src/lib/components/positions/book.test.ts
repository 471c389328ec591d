import { describe, expect, it } from 'vitest';
import type { PositionView } from '#lib/domain/openItems.ts';
import { anAccount, someFigures } from '../testing/accountFactory.ts';
import { coverageWords, rowsOf, sortRows, symbolsIn, totalsOf, untold, type AccountBook } from './book.ts';

function aPosition(parts: Partial<PositionView> = {}): PositionView {
	return {
		ticket: '1',
		at: '2026-11-21T12:00:00.000Z',
		serverTime: '2026-11-21 14:00:00.000',
		symbol: 'EURUSD',
		type: 'buy',
		lots: '0.10',
		price: '1.08400',
		sl: '1.08000',
		tp: null,
		priceCurrent: '1.08500',
		swap: '0.00',
		profit: '10.00',
		magic: '7',
		comment: '',
		...parts
	};
}
const aBook = (
	account: Parameters<typeof anAccount>[0],
	positions: PositionView[] | null,
	isStale = false
): AccountBook => ({
	account: anAccount(account),
	isStale,
	open: positions && { positions, orders: [] }
});

describe('T1: totals of what is open', () => {
	it('never add what is not the same money, and count swap into the profit', () => {
		const totals = totalsOf(
			[
				aBook({ id: 'a' }, [aPosition({ swap: '-1.50', sl: null }), aPosition({ lots: '1.00' })]),
				aBook({ id: 'b' }, [aPosition()]),
				aBook({ id: 'c', currency: 'JPY' }, [aPosition({ profit: '-300' })]),
				aBook({ id: 'd', kind: 'REAL' }, [aPosition({ profit: '0.05' })])
			],
			''
		);
		expect(totals.map(({ kind, currency, profit, lots }) => [kind, currency, profit, lots])).toEqual([
			['REAL', 'USD', '0.05', '0.10'],
			['DEMO', 'JPY', '-300.00', '0.10'],
			['DEMO', 'USD', '28.50', '1.20']
		]);
		expect(totals[2]).toMatchObject({ accounts: 2, counted: 2, positions: 3, withoutStop: 1 });
	});

	it('leave out what is stale or not told, and say so', () => {
		const books = [
			aBook({ id: 'a' }, [aPosition()]),
			aBook({ id: 'b' }, [aPosition({ profit: '500.00' })], true),
			aBook({ id: 'c' }, null)
		];
		expect(totalsOf(books, '').map(coverageWords)).toEqual(['1 of 3 accounts, 1 stale, 1 not known']);
		expect(totalsOf(books, '')).toMatchObject([
			{ accounts: 3, counted: 1, stale: 1, missing: 1, isStale: false, profit: '10.00' }
		]);
		// Only when nothing is fresh, what was seen last is summed, and marked.
		expect(totalsOf(books.slice(1), '')).toMatchObject([{ counted: 1, isStale: true, profit: '500.00' }]);
		expect(totalsOf(books.slice(1), '').map(coverageWords)).toEqual([
			'1 of 2 accounts, as last seen, 1 not known'
		]);
		expect(totalsOf(books.slice(2), '')).toMatchObject([{ counted: 0, isStale: false, missing: 1 }]);
	});

	it('are of the symbol that is asked for', () => {
		const books = [aBook({}, [aPosition(), aPosition({ symbol: 'US30', profit: '3.00' })])];
		expect(symbolsIn(books)).toEqual(['EURUSD', 'US30']);
		expect(totalsOf(books, 'US30')).toMatchObject([{ positions: 1, profit: '3.00' }]);
	});
});

describe('T1: rows', () => {
	const books = [
		aBook({ id: 'z', name: 'Zeta' }, [
			aPosition({ ticket: '18446744073709551615', profit: '-5.00', sl: null }),
			aPosition({ ticket: '9', profit: '-40.00', serverTime: '2026-11-21 09:00:00.000' })
		]),
		aBook({ id: 'a', name: 'alpha' }, [aPosition({ ticket: '10', profit: '7.00', sl: '0.9' })])
	];
	const tickets = (key: Parameters<typeof sortRows>[1]['key'], isDescending = false) =>
		sortRows(rowsOf(books, 'positions', ''), { key, isDescending }).map(({ item }) => item.ticket);

	it('are sorted as numbers, whatever their length, and ties by account and time', () => {
		expect(tickets('ticket')).toEqual(['9', '10', '18446744073709551615']);
		expect(tickets('profit')).toEqual(['9', '18446744073709551615', '10']);
		expect(tickets('profit', true)).toEqual(['10', '18446744073709551615', '9']);
		expect(tickets('symbol')).toEqual(['9', '18446744073709551615', '10']);
		expect(tickets('account')).toEqual(['10', '9', '18446744073709551615']);
	});

	it('without a level come last, however the rest is sorted', () => {
		expect(tickets('sl')).toEqual(['10', '9', '18446744073709551615']);
		expect(tickets('sl', true)).toEqual(['9', '10', '18446744073709551615']);
	});

	it('say how many more there are than were told', () => {
		const figures = someFigures({ openPositions: 137, pendingOrders: 2 });
		expect(untold({ ...aBook({ figures }, [aPosition()]) })).toBe(138);
		expect(untold(aBook({ figures: null }, []))).toBe(0);
	});
});
