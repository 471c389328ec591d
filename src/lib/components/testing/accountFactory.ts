/** Accounts and results for the tests beside the components. */
import { RUNGS, type Ladder } from '#lib/domain/ladder.ts';
import type { AccountListView, AccountView, CommandResultView, FiguresView } from '#lib/domain/views.ts';

export function someFigures(parts: Partial<FiguresView> = {}): FiguresView {
	return {
		currencyDigits: 2,
		balance: '10000.00',
		equity: '9990.00',
		margin: '120.00',
		freeMargin: '9870.00',
		marginLevel: '8325.00',
		floatingProfit: '-10.00',
		dayClosedProfit: '25.50',
		openPositions: 2,
		openLots: '0.30',
		unprotectedPositions: 1,
		pendingOrders: 0,
		eaPositions: 2,
		eaOrders: 0,
		...parts
	};
}

export function aLadder(parts: Partial<Ladder> = {}): Ladder {
	return { ...(Object.fromEntries(RUNGS.map((rung) => [rung, 'yes'])) as Ladder), ...parts };
}

export function anAccount(parts: Partial<AccountView> = {}): AccountView {
	const figures = parts.figures === undefined ? someFigures() : parts.figures;
	return {
		id: 'account-1',
		accountNumber: '5001001',
		name: 'Scalper',
		broker: 'Northwind',
		serverName: 'Northwind-Demo',
		currency: 'USD',
		kind: 'DEMO',
		status: 'ACTIVE',
		isEnabledForTrading: true,
		needsPassword: false,
		isPrimary: false,
		connection: 'connected',
		isConnectionWanted: true,
		tags: [],
		retries: 0,
		state: 'running',
		lastKnownState: null,
		wanted: 'RUNNING',
		wantedAt: null,
		seenAt: '2026-11-21T14:00:00.000Z',
		ladder: aLadder(),
		activity: null,
		incident: null,
		fault: null,
		agent: null,
		balance: figures?.balance ?? null,
		equity: figures?.equity ?? null,
		settings: {
			maxLotSize: '0.50',
			maxLoss: '500.00',
			safetyMode: 'GREEN',
			closePositionsOnStop: true,
			expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'M15', magic: 505001 }
		},
		overrides: { maxLotSize: null, maxLoss: null, safetyMode: null, closePositionsOnStop: null },
		policy: { resumesByItself: true, isWatchdogOn: true, pauseAfterLossMinutes: null },
		move: null,
		vitals: null,
		...parts,
		figures
	};
}

export function anAccountList(accounts: AccountView[], serverTime: string): AccountListView {
	return {
		accounts,
		enabledCount: accounts.filter((account) => account.isEnabledForTrading).length,
		limit: 5,
		defaults: { maxLotSize: '0.50', maxLoss: '500.00', safetyMode: 'GREEN', closePositionsOnStop: true },
		serverTime
	};
}

export function aResult(parts: Partial<CommandResultView> = {}): CommandResultView {
	return {
		accountId: 'account-1',
		accountNumber: '5001001',
		name: 'Scalper',
		broker: 'Northwind',
		kind: 'DEMO',
		status: 'pending',
		willApplyLater: false,
		isFinal: false,
		canRetry: false,
		settledAt: null,
		durationMs: null,
		...parts
	};
}
