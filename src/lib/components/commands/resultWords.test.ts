import { describe, expect, it } from 'vitest';
import type { CommandResultView, ProofView } from '#lib/domain/views.ts';
import { describeProof } from './resultWords.ts';

const result = (proof: Partial<ProofView>): CommandResultView => ({
	accountId: 'a',
	accountNumber: '1',
	name: 'One',
	broker: 'B',
	kind: 'DEMO',
	status: 'success',
	willApplyLater: false,
	isFinal: true,
	canRetry: false,
	settledAt: null,
	durationMs: null,
	proof: {
		isAlgoTradingOff: true,
		isEaUnloaded: true,
		wasClosingAsked: false,
		closedPositions: 0,
		deletedOrders: 0,
		residuals: [],
		residualCount: 0,
		unprotectedPositions: 0,
		...proof
	}
});

describe('describeProof', () => {
	it('says that nothing is left when closing was asked for and nothing is', () => {
		expect(describeProof('stop_ea', result({ wasClosingAsked: true, closedPositions: 2 }))).toBe(
			'2 closed, nothing left'
		);
	});

	it('says what is left', () => {
		expect(describeProof('stop_ea', result({ residualCount: 3, unprotectedPositions: 1 }))).toBe(
			'3 left, 1 without broker stop-loss'
		);
	});

	it('claims nothing of positions that could not be counted', () => {
		expect(describeProof('stop_ea', result({ wasClosingAsked: true, isCounted: false }))).toContain(
			'could not be counted'
		);
	});
});
