/** What the routes of accounts answer: src/lib/domain/views.ts says what each field means. */
import { z } from 'zod';
import { accountPolicySchema } from '#lib/domain/accountPolicy.ts';
import { CONNECTION_EVENTS } from '#lib/domain/connectionHistory.ts';
import { SAFETY_MODES } from '#lib/domain/eaSettings.ts';
import { INCIDENT_ACTIONS, INCIDENT_KINDS, INCIDENT_OUTCOMES } from '#lib/domain/incident.ts';
import { uploadedExpertSchema } from '#lib/domain/expertFileSchema.ts';
import { ALGO_STATES, RUNGS } from '#lib/domain/ladder.ts';
import type {
	AccountListView,
	AccountView,
	ConnectionDeedView,
	ConnectionHistoryView,
	ConnectionStatusView,
	EaStatusView,
	WatchdogView
} from '#lib/domain/views.ts';
import { accountKind, decimal, moment, wanted } from './common.ts';
import { exactly } from './exactly.ts';

const connection = z
	.enum([
		...['connected', 'connecting', 'login_refused', 'broker_lost', 'down', 'unknown', 'disconnected'],
		...['disconnecting', 'agent_offline', 'unreachable', 'unassigned', 'inactive']
	] as [AccountView['connection'], ...AccountView['connection'][]])
	.meta({ id: 'Connection', description: 'How the account hangs together, as it was seen' });
export { connection as connectionSchema };

const algoState = z.enum(ALGO_STATES).meta({
	id: 'AlgoState',
	description: 'What the algo was seen to be; `unknown` when the newest proof is too old to claim anything'
});

const traderDefaults = z.strictObject({
	maxLotSize: decimal,
	maxLoss: decimal,
	safetyMode: z.enum(SAFETY_MODES),
	closePositionsOnStop: z.boolean()
});
export const traderDefaultsSchema = traderDefaults.meta({ id: 'TraderDefaults' });

const figures = z
	.strictObject({
		currencyDigits: z.int(),
		balance: decimal,
		equity: decimal,
		margin: decimal,
		freeMargin: decimal,
		marginLevel: decimal.nullable(),
		floatingProfit: decimal,
		dayClosedProfit: decimal,
		openPositions: z.int(),
		openLots: decimal,
		unprotectedPositions: z.int().meta({ description: 'Open positions without a broker-side stop-loss' }),
		pendingOrders: z.int(),
		eaPositions: z.int(),
		eaOrders: z.int()
	})
	.meta({ id: 'Figures' });

const vitals = z
	.strictObject({
		pingMs: z
			.number()
			.nullable()
			.meta({ description: 'Of the terminal to the broker; null while it has no connection' }),
		lastTickAt: moment.nullable(),
		lastHeartbeatAt: moment.nullable(),
		isMarketOpen: z.boolean(),
		brokerOffsetMin: z.int().meta({ description: 'How far the broker’s clock is ahead of UTC' })
	})
	.meta({ id: 'Vitals' });

const incidentNow = z.strictObject({ id: z.uuid(), kind: z.enum(INCIDENT_KINDS) });
const fault = z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() });
const agentOfAccount = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	isConnected: z
		.boolean()
		.nullable()
		.meta({ description: 'null: on another web server that cannot be reached' }),
	lastSeenAt: moment.nullable()
});

export const accountSchema = exactly<AccountView>()(
	z
		.strictObject({
			id: z.uuid(),
			accountNumber: z.string(),
			name: z.string(),
			broker: z.string(),
			serverName: z.string(),
			currency: z.string(),
			kind: accountKind,
			status: z.enum(['DRAFT', 'ACTIVE', 'INACTIVE']),
			isEnabledForTrading: z.boolean(),
			needsPassword: z.boolean().meta({ description: 'No agent can log it in: give the password (again)' }),
			isPrimary: z.boolean(),
			tags: z.array(z.string()),
			connection,
			isConnectionWanted: z.boolean(),
			retries: z.int().nullable(),
			state: algoState,
			lastKnownState: algoState
				.nullable()
				.meta({ description: 'What it was before it became unknown, with `seenAt` as its time' }),
			wanted,
			wantedAt: moment.nullable(),
			seenAt: moment.nullable().meta({ description: 'The newest proof behind state and figures' }),
			ladder: z.record(z.enum(RUNGS), z.enum(['yes', 'no', 'unknown'])).nullable(),
			activity: z.string().nullable(),
			incident: incidentNow.nullable(),
			fault: fault.nullable(),
			agent: agentOfAccount.nullable(),
			balance: decimal.nullable(),
			equity: decimal.nullable(),
			figures: figures.nullable(),
			vitals: vitals.nullable(),
			settings: z.strictObject({
				...traderDefaults.shape,
				expert: z.strictObject({
					path: z.string(),
					symbol: z.string(),
					timeframe: z.enum(['M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1', 'W1', 'MN1']),
					magic: z.int(),
					file: z
						.strictObject(uploadedExpertSchema.shape)
						.optional()
						.meta({ description: 'The uploaded version at this path; left out: there is none' })
				})
			}),
			overrides: z.strictObject({
				maxLotSize: decimal.nullable(),
				maxLoss: decimal.nullable(),
				safetyMode: z.enum(SAFETY_MODES).nullable(),
				closePositionsOnStop: z.boolean().nullable()
			}),
			policy: z.strictObject({ ...accountPolicySchema.shape, isWatchdogOn: z.boolean() }),
			move: z.strictObject({ to: z.string(), since: moment, isReleasing: z.boolean() }).nullable()
		})
		.meta({ id: 'Account' })
);

export const accountListSchema = exactly<AccountListView>()(
	z
		.strictObject({
			accounts: z.array(accountSchema),
			enabledCount: z.int(),
			limit: z.int().meta({ description: 'How many may be switched on for trading' }),
			defaults: traderDefaultsSchema,
			serverTime: moment
		})
		.meta({ id: 'AccountList' })
);

export const connectionDeedSchema = exactly<ConnectionDeedView>()(
	z
		.strictObject({
			done: z.int(),
			failed: z.int(),
			accounts: z.array(
				z.strictObject({
					accountId: z.uuid(),
					accountNumber: z.string(),
					name: z.string(),
					broker: z.string(),
					ok: z.boolean().meta({ description: 'What is wanted is stored; the terminal follows' }),
					connection,
					error: z.strictObject({ code: z.string(), message: z.string() }).nullable()
				})
			)
		})
		.meta({ id: 'ConnectionDeeds' })
);

export const connectionStatusSchema = exactly<ConnectionStatusView>()(
	z
		.strictObject({
			...accountSchema.pick({
				connection: true,
				isConnectionWanted: true,
				retries: true,
				seenAt: true,
				state: true,
				fault: true,
				activity: true,
				agent: true,
				currency: true,
				balance: true,
				equity: true,
				vitals: true
			}).shape,
			accountId: z.uuid(),
			marginLevel: decimal.nullable(),
			lastConnectedAt: moment.nullable(),
			lastDisconnectedAt: moment.nullable()
		})
		.meta({ id: 'ConnectionStatus' })
);

export const connectionHistorySchema = exactly<ConnectionHistoryView>()(
	z
		.strictObject({
			lastConnectedAt: moment.nullable(),
			lastDisconnectedAt: moment.nullable(),
			changes: z.array(
				z.strictObject({
					id: z.string(),
					at: moment,
					connection: z.enum(CONNECTION_EVENTS),
					reason: z.string().nullable(),
					remedy: z.string().nullable(),
					retries: z.int(),
					isWanted: z.boolean()
				})
			),
			nextCursor: z.string().nullable()
		})
		.meta({ id: 'ConnectionHistory' })
);

export const eaStatusSchema = exactly<EaStatusView>()(
	z
		.strictObject({
			ready: z.boolean().nullable(),
			heartbeatActive: z.boolean().nullable(),
			heartbeatAge: z.number().nullable().meta({ description: 'Milliseconds' }),
			errors: z.array(z.string()),
			seenAt: moment.nullable()
		})
		.meta({ id: 'EaStatus', description: 'null means unknown' })
);

export const watchdogViewSchema = exactly<WatchdogView>()(
	z
		.strictObject({
			isOn: z.boolean(),
			current: incidentNow.nullable(),
			incidents: z.array(
				z.strictObject({
					id: z.uuid(),
					kind: z.enum(INCIDENT_KINDS),
					startedAt: moment,
					detectedAt: moment,
					endedAt: moment.nullable(),
					outcome: z.enum(INCIDENT_OUTCOMES).nullable(),
					recoveredAfterMs: z.number().nullable(),
					restarts: z.int(),
					steps: z.array(
						z.strictObject({
							action: z.enum(INCIDENT_ACTIONS),
							afterMs: z.number(),
							error: z.string().nullable()
						})
					),
					openPositions: z.int().nullable(),
					unprotectedPositions: z.int().nullable()
				})
			),
			nextCursor: z.string().nullable(),
			summary: z
				.strictObject({
					incidents: z.int(),
					recovered: z.int(),
					givenUp: z.int(),
					medianRecoveryMs: z.number().nullable(),
					longestRecoveryMs: z.number().nullable()
				})
				.meta({ description: 'Of the last 30 days' })
		})
		.meta({ id: 'Watchdog' })
);

/** Null: the server seals passwords itself, or there is no agent yet. */
export const sealTargetSchema = z.strictObject({
	target: z
		.strictObject({ userId: z.string(), accountId: z.uuid(), agentId: z.uuid(), sealKey: z.string() })
		.nullable()
});
