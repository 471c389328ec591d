/** What analytics, deals and logs answer: docs/metrics.md says what each figure means. */
import { z } from 'zod';
import type { AggregateView, ComparisonView, EquityView, SummaryView } from '#lib/domain/analyticsViews.ts';
import { DEAL_KINDS, type DealView } from '#lib/domain/dealViews.ts';
import {
	LOG_LEVELS,
	type AuditLineView,
	type LogPageView,
	type SystemLineView
} from '#lib/domain/logViews.ts';
import { connectionSchema } from './accounts.ts';
import { accountKind, day, decimal, moment, pageOf } from './common.ts';
import { exactly } from './exactly.ts';

const share = decimal.nullable();
const drawdown = z.strictObject({ money: decimal, share });

const figures = z
	.strictObject({
		trades: z.int(),
		wins: z.int(),
		losses: z.int(),
		lots: decimal,
		grossProfit: decimal,
		grossLoss: decimal,
		winRate: share,
		profitFactor: share,
		expectancy: share,
		averageWin: share,
		averageLoss: share,
		bestTrade: share,
		worstTrade: share,
		averageHoldingMs: z.number().nullable(),
		netProfit: decimal,
		swap: decimal,
		commission: decimal,
		fee: decimal,
		deposits: decimal,
		withdrawals: decimal,
		gain: share,
		balanceDrawdown: drawdown.nullable(),
		equityDrawdown: drawdown.nullable(),
		recoveryFactor: share,
		sharpe: share,
		sortino: share
	})
	.meta({ id: 'RangeFigures', description: 'null means that the figure does not exist' });

const shortFigures = { trades: z.int(), netProfit: decimal, winRate: share };

const slice = z
	.strictObject({
		key: z.string(),
		trades: z.int(),
		wins: z.int(),
		losses: z.int(),
		lots: decimal,
		net: decimal
	})
	.meta({ id: 'Slice' });

const tradingDay = z
	.strictObject({
		day,
		netProfit: decimal,
		trades: z.int(),
		wins: z.int(),
		losses: z.int(),
		deposits: decimal,
		withdrawals: decimal,
		balance: decimal
	})
	.meta({ id: 'TradingDay' });

const group = {
	currency: z.string(),
	currencyDigits: z.int(),
	kind: accountKind,
	accounts: z.int(),
	standing: z.strictObject({
		balance: decimal.nullable(),
		equity: decimal.nullable(),
		seenAccounts: z.int(),
		isStale: z.boolean()
	})
};

const account = {
	id: z.uuid(),
	accountNumber: z.string(),
	name: z.string(),
	broker: z.string(),
	currency: z.string(),
	currencyDigits: z.int(),
	kind: accountKind,
	connection: connectionSchema,
	balance: decimal.nullable(),
	equity: decimal.nullable(),
	seenAt: moment.nullable()
};

const scope = {
	range: z.strictObject({ from: day, to: day }),
	totalAccounts: z.int(),
	connectedAccounts: z.int()
};

export const aggregateSchema = exactly<AggregateView>()(
	z
		.strictObject({
			...scope,
			groups: z.array(
				z.strictObject({
					...group,
					figures,
					bySymbol: z.array(slice),
					byHour: z.array(slice),
					byWeekday: z.array(slice),
					days: z.array(tradingDay),
					openingBalance: decimal
				})
			),
			accounts: z.array(z.strictObject({ ...account, figures }))
		})
		.meta({ id: 'Aggregate' })
);

export const comparisonSchema = exactly<ComparisonView>()(
	z
		.strictObject({
			...scope,
			accounts: z.array(
				z.strictObject({ ...account, figures, growth: z.array(z.strictObject({ day, gain: decimal })) })
			)
		})
		.meta({ id: 'Comparison' })
);

export const summarySchema = exactly<SummaryView>()(
	z
		.strictObject({
			...scope,
			groups: z.array(z.strictObject({ ...group, ...shortFigures })),
			accounts: z.array(z.strictObject({ ...account, ...shortFigures }))
		})
		.meta({ id: 'Summary' })
);

export const equitySchema = exactly<EquityView>()(
	z
		.strictObject({
			...scope,
			stepMs: z.int().meta({ description: 'How long a point’s slot of time is' }),
			curves: z.array(
				z.strictObject({
					currency: z.string(),
					currencyDigits: z.int(),
					kind: accountKind,
					accounts: z.array(z.string()),
					leftOut: z.array(z.strictObject({ name: z.string(), why: z.enum(['inactive', 'unseen']) })),
					points: z.array(
						z.strictObject({
							at: moment.meta({ description: 'The beginning of its slot' }),
							balance: decimal.nullable().meta({ description: 'null: not heard until then' }),
							equity: decimal.nullable().meta({ description: 'null: not seen' }),
							fall: drawdown.nullable(),
							flow: decimal.nullable().meta({ description: 'Paid in or out' }),
							credit: decimal.nullable().meta({ description: 'Credit given or taken back' }),
							isAfterGap: z.boolean().meta({ description: 'Nothing was seen for a time before it' })
						})
					),
					deepest: drawdown.extend({ at: moment }).nullable()
				})
			)
		})
		.meta({ id: 'Equity' })
);

const deal = exactly<DealView>()(
	z
		.strictObject({
			account: z.strictObject({
				id: z.uuid(),
				number: z.string(),
				name: z.string(),
				kind: accountKind,
				currency: z.string(),
				currencyDigits: z.int()
			}),
			ticket: z.string(),
			at: moment,
			serverTime: z.string().meta({ description: 'The broker’s clock at that moment' }),
			kind: z.enum(DEAL_KINDS),
			type: z.string(),
			direction: z.string().nullable(),
			positionId: z.string().nullable(),
			symbol: z.string().nullable(),
			lots: decimal.nullable(),
			price: decimal.nullable(),
			commission: decimal,
			fee: decimal,
			swap: decimal,
			profit: decimal,
			comment: z.string().nullable()
		})
		.meta({ id: 'Deal' })
);
export const dealPageSchema = exactly<LogPageView<DealView>>()(pageOf(deal).meta({ id: 'DealPage' }));

export const auditPageSchema = exactly<LogPageView<AuditLineView>>()(
	pageOf(
		z.strictObject({
			id: z.uuid(),
			at: moment,
			who: z.string().nullable(),
			action: z.string(),
			target: z.string().nullable(),
			ip: z.string().nullable(),
			device: z.string().nullable(),
			detail: z.record(z.string(), z.unknown())
		})
	).meta({ id: 'AuditPage' })
);

export const systemPageSchema = exactly<LogPageView<SystemLineView>>()(
	pageOf(
		z.strictObject({
			id: z.uuid(),
			at: moment,
			level: z.enum(LOG_LEVELS),
			code: z.string().nullable(),
			message: z.string(),
			agent: z.string().nullable(),
			account: z.string().nullable()
		})
	).meta({ id: 'SystemLogPage' })
);
