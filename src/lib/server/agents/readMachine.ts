/** One machine with what is on it, for operators alone: the caller has checked the role. */
import type { IncidentView } from '#lib/domain/views.ts';
import type { AgentView, HostedAccountView } from '#lib/domain/operatorViews.ts';
import { readAssignedAccounts } from '../accounts/accountRows.ts';
import { livePart } from '../accounts/accountView.ts';
import type { App } from '../app.ts';
import { notFound } from '../errors.ts';
import { incidentView } from '../watchdog/readIncidents.ts';
import { readAgents } from './readAgents.ts';

const INCIDENTS = 15;

export interface MachineView {
	agent: AgentView;
	accounts: HostedAccountView[];
	incidents: (IncidentView & { accountNumber: string })[];
}

/** @throws AppError NOT_FOUND */
export async function requireAgent(app: App, agentId: string): Promise<string> {
	const agent = await app.db.prisma.agent.findFirst({ where: { id: agentId }, select: { id: true } });
	if (!agent) throw notFound('The agent');
	return agent.id;
}

/** @throws AppError NOT_FOUND */
export async function readMachine(app: App, agentId: string): Promise<MachineView> {
	const [agent] = await readAgents(app, agentId);
	if (!agent) throw notFound('The agent');
	const rows = await readAssignedAccounts(app.db.pool, { agentIds: [agentId] });
	const stored = await app.db.prisma.agent.findUniqueOrThrow({
		where: { id: agentId },
		select: { id: true, load: true, loadAt: true }
	});
	const resourcesOf = app.loads.terminalsOf(stored);
	const { rows: traders } = await app.db.pool.query<{ id: string; name: string }>(
		`SELECT id, name FROM "User" WHERE id = ANY($1::uuid[])`,
		[rows.map(({ userId }) => userId)]
	);
	const nameOf = new Map(traders.map(({ id, name }) => [id, name]));
	const accounts = rows
		.map((row): HostedAccountView => {
			const { state, seenAt, fault, wanted } = livePart(row, app.reports);
			const { id, accountNumber, broker, kind, userId } = row;
			const trader = nameOf.get(userId) ?? '';
			return {
				id,
				accountNumber,
				broker,
				kind,
				trader,
				wanted,
				state,
				seenAt,
				fault: fault?.message ?? null,
				resources: resourcesOf.get(id) ?? null
			};
		})
		.sort((a, b) => a.trader.localeCompare(b.trader) || a.accountNumber.localeCompare(b.accountNumber));
	return { agent, accounts, incidents: await readMachineIncidents(app, agentId) };
}

async function readMachineIncidents(app: App, agentId: string): Promise<MachineView['incidents']> {
	const { rows } = await app.db.pool.query<{ accountNumber: string }>({
		name: 'incidents-of-machine',
		text: `SELECT w.id, w.kind, w."startedAt", w."detectedAt", w."endedAt", w.outcome, w.restarts, w.steps,
		         w."openPositions", w."unprotectedPositions", a."accountNumber"
		       FROM "WatchdogIncident" w JOIN "Mt5Account" a ON a.id = w."accountId"
		       WHERE w."agentId" = $1 ORDER BY w."startedAt" DESC, w.id DESC LIMIT $2`,
		values: [agentId, INCIDENTS]
	});
	return rows.map((row) => ({ ...incidentView(row), accountNumber: row.accountNumber }));
}
