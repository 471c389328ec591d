/**
 * From rows and the newest reports to what the page shows. The first law is kept here: a state is claimed
 * only when its agent is connected and its proof is fresh; else it is "unknown", with what it was before.
 */
import { effectiveSettings, type EaSettings } from '#lib/domain/eaSettings.ts';
import type { AccountPolicy } from '#lib/domain/accountPolicy.ts';
import { isStale } from '#lib/domain/ladder.ts';
import type { AccountView, ConnectionName, FiguresView, TelemetryView } from '#lib/domain/views.ts';
import type { OpenItems } from '#lib/protocol/openItems.ts';
import { figuresSchema, seenStateSchema, type Figures, type SeenState } from '#lib/protocol/seen.ts';
import { z } from 'zod';
import type { AgentRoute } from '../bus/otherNodes.ts';
import type { LiveEa } from '../live/liveAccounts.ts';
import { vitalsView, type LiveVitals } from '../live/vitals.ts';
import type { AccountRow } from './accountRows.ts';

export interface Report {
	state: SeenState;
	figures: Figures | null;
	/** What only the live line says: null when it does not, and of what was stored. */
	ea: LiveEa | null;
	open: OpenItems | null;
	vitals: LiveVitals | null;
	/** Server's wall clock, ms, at which the proof was fresh. */
	seenAtMs: number;
}

/** Where the newest reports come from; the in-memory table of src/lib/server/live. */
export interface ReportSource {
	reportOf(accountId: string): Report | null;
	routeOf(agentId: string): AgentRoute;
	/** When a connected agent was heard last; null when that is not known here. */
	agentHeardAtMs(agentId: string): number | null;
	nowMs(): number;
}

export const storedReportSchema = z.object({ state: seenStateSchema, figures: figuresSchema.nullable() });

export function settingsOf(row: AccountRow): EaSettings {
	return effectiveSettings(
		{
			maxLotSize: row.defaultMaxLotSize,
			maxLoss: row.defaultMaxLoss,
			safetyMode: row.defaultSafetyMode,
			closePositionsOnStop: row.defaultClosePositionsOnStop
		},
		overridesOf(row),
		{
			path: row.expertPath,
			symbol: row.expertSymbol,
			timeframe: row.expertTimeframe as EaSettings['expert']['timeframe'],
			magic: row.expertMagic,
			...(row.expertFile && { file: row.expertFile })
		}
	);
}

export const policyOf = ({
	resumesByItself,
	isWatchdogOn,
	pauseAfterLossMinutes
}: AccountRow): AccountPolicy => ({
	resumesByItself,
	isWatchdogOn,
	pauseAfterLossMinutes
});

const moveOf = ({ moveToAgentName, moveRequestedAt, isReleasing }: AccountRow): AccountView['move'] =>
	moveRequestedAt && { to: moveToAgentName ?? '', since: moveRequestedAt.toISOString(), isReleasing };

const overridesOf = (row: AccountRow) => ({
	maxLotSize: row.maxLotSize,
	maxLoss: row.maxLoss,
	safetyMode: row.safetyMode,
	closePositionsOnStop: row.closePositionsOnStop
});

/** The newest report of an account: the live one, else what was stored. */
export function newestReport(row: AccountRow, source: ReportSource): Report | null {
	const live = source.reportOf(row.id);
	if (live) return live;
	if (row.seen === null || row.seenAt === null) return null;
	const stored = storedReportSchema.safeParse(row.seen);
	if (!stored.success) return null;
	return { ...stored.data, ea: null, open: null, vitals: null, seenAtMs: row.seenAt.getTime() };
}

export function accountView(row: AccountRow, source: ReportSource): AccountView {
	return {
		id: row.id,
		accountNumber: row.accountNumber,
		name: row.name,
		broker: row.broker,
		serverName: row.serverName,
		// What the broker says counts; what was typed only fills in until the first login.
		currency: newestReport(row, source)?.figures?.currency ?? row.currency,
		kind: row.kind,
		status: row.status,
		isEnabledForTrading: row.isEnabledForTrading,
		needsPassword: row.needsPassword,
		isPrimary: row.isPrimary,
		isConnectionWanted: row.isConnectionWanted,
		tags: row.tags,
		settings: settingsOf(row),
		overrides: overridesOf(row),
		policy: policyOf(row),
		move: moveOf(row),
		...livePart(row, source)
	};
}

type LivePart = Required<Omit<TelemetryView, 'id'>>;

/** The part of the view that changes without the account being edited: what is wanted, and what was seen. */
export function livePart(row: AccountRow, source: ReportSource): LivePart {
	const report = newestReport(row, source);
	const route = row.agentId === null ? 'none' : source.routeOf(row.agentId);
	const isConnected = isOnLine(route);
	const isFresh =
		isConnected &&
		report !== null &&
		!isStale(source.nowMs() - report.seenAtMs) &&
		isOfThisAgent(row, report);
	const figures: FiguresView | null = report?.figures ?? null;
	return {
		wanted: row.wanted,
		wantedAt: row.wantedAt?.toISOString() ?? null,
		connection: connectionOf(row, report, route, isFresh),
		retries: isFresh ? (report.state.retries ?? null) : null,
		state: isFresh ? report.state.algo : 'unknown',
		lastKnownState: report?.state.algo ?? null,
		seenAt: report ? new Date(report.seenAtMs).toISOString() : null,
		ladder: isFresh ? report.state.ladder : null,
		activity: isFresh ? report.state.activity : null,
		incident: isFresh ? (report.state.incident ?? null) : null,
		fault: report?.state.fault ?? null,
		agent:
			row.agentId === null
				? null
				: {
						id: row.agentId,
						name: row.agentName ?? '',
						isConnected: isConnectedIn(route),
						lastSeenAt: agentSeenAt(row.agentId, row.agentLastSeenAt, source)
					},
		balance: figures?.balance ?? null,
		equity: figures?.equity ?? null,
		figures,
		vitals: report?.vitals ? vitalsView(report.vitals, report.ea?.heartbeatAtMs ?? null) : null
	};
}

/** What another machine showed before the account came to this one says nothing of now. */
const isOfThisAgent = ({ assignedAt, epoch }: AccountRow, { seenAtMs }: Report): boolean =>
	assignedAt === null || epoch === 1 || seenAtMs >= assignedAt.getTime();

const isOnLine = (route: AgentRoute): boolean => route === 'here' || route === 'elsewhere';

/** Whether an agent is connected; null when that cannot be known from this node. */
export const isConnectedIn = (route: AgentRoute): boolean | null =>
	route === 'unreachable' ? null : isOnLine(route);

/** Of a connected agent the line knows best; of another one, what was stored when its line ended. */
export function agentSeenAt(agentId: string, stored: Date | null, source: ReportSource): string | null {
	const heardAtMs = source.agentHeardAtMs(agentId);
	return (heardAtMs === null ? stored : new Date(heardAtMs))?.toISOString() ?? null;
}

function connectionOf(
	row: AccountRow,
	report: Report | null,
	route: AgentRoute,
	isFresh: boolean
): ConnectionName {
	if (row.status === 'INACTIVE') return 'inactive';
	if (row.agentId === null) return 'unassigned';
	if (route === 'none') return 'agent_offline';
	if (route === 'unreachable') return 'unreachable';
	// The agent is there, and has not said a word on this account yet.
	if (!report || !isFresh) return 'unknown';
	const { connection, activity, ladder } = report.state;
	if (row.isConnectionWanted) return connection;
	// Only what was seen: a terminal that is up still, or may come back, is not disconnected yet.
	if (ladder.process === 'no') return activity === null ? 'disconnected' : 'disconnecting';
	return row.canAgentDisconnect === true ? 'disconnecting' : connection;
}
