import { describe, expect, it } from 'vitest';
import { RestartBudget } from './restartBudget.ts';

describe('RestartBudget', () => {
	it('gives so many restarts per window, then opens the circuit and keeps it open', () => {
		const budget = new RestartBudget(2, 1_000);
		expect([budget.take(0), budget.take(10), budget.take(20)]).toEqual([1, 2, null]);
		expect(budget.isOpen).toBe(true);
		expect(budget.take(5_000)).toBeNull();
	});

	it('forgets restarts that are older than the window', () => {
		const budget = new RestartBudget(2, 1_000);
		expect([budget.take(0), budget.take(900), budget.take(1_100)]).toEqual([1, 2, 2]);
	});

	it('is closed by a person, with the whole budget again', () => {
		const budget = new RestartBudget(1, 1_000);
		budget.take(0);
		budget.take(1);
		budget.close();
		expect(budget.take(2)).toBe(1);
	});
});
