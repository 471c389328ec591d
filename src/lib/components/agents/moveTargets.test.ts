import { describe, expect, it } from 'vitest';
import type { AgentView, MoveView } from '#lib/domain/operatorViews.ts';
import { comingTo, roomOn, targetsFor } from './moveTargets.ts';

const agent = (id: string, change: Partial<AgentView> = {}): AgentView =>
	({ id, standing: 'approved', isConnected: true, capacity: 2, slotsUsed: 0, ...change }) as AgentView;

describe('where accounts may go', () => {
	const from = agent('from', { slotsUsed: 2 });

	it('counts what is on its way there', () => {
		const coming = comingTo([{ toAgentId: 'a' }, { toAgentId: 'a' }] as MoveView[]);
		expect(roomOn(agent('a'), coming)).toBe(0);
		expect(targetsFor(from, [agent('a'), agent('b')], coming).map(({ id }) => id)).toEqual(['b']);
	});

	it('offers approved machines with room, connected ones first, and never the one they are on', () => {
		const agents = [
			from,
			agent('away', { isConnected: false, capacity: 9 }),
			agent('full', { slotsUsed: 2 }),
			agent('pending', { standing: 'pending' }),
			agent('small'),
			agent('large', { capacity: 5 })
		];
		expect(targetsFor(from, agents, new Map()).map(({ id }) => id)).toEqual(['large', 'small', 'away']);
	});
});
