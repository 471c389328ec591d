/** The trader's versions, and what each account has of the one that it is to run. Claims only what was seen just now. */
import type { ExpertAccountView, ExpertListView, ExpertView } from '#lib/domain/expertViews.ts';
import { MOST_EX5_BYTES, MOST_EXPERTS } from '#lib/domain/limits.ts';
import { readAccounts, type AccountRow } from '../accounts/accountRows.ts';
import { livePart, newestReport, type ReportSource } from '../accounts/accountView.ts';
import type { App } from '../app.ts';
import type { Sql } from '../db.ts';

export async function readExperts(app: App, userId: string): Promise<ExpertListView> {
	await app.core.others.watch(userId);
	const [experts, accounts] = await Promise.all([
		readVersions(app.db.pool, userId),
		readAccounts(app.db.pool, userId)
	]);
	return {
		experts,
		accounts: accounts.map((row) => expertAccountView(row, app.reports)),
		mostExperts: MOST_EXPERTS,
		mostBytes: MOST_EX5_BYTES
	};
}

/** By name, the newest version of each first. Never the bytes: they are for agents alone. */
async function readVersions(sql: Sql, userId: string): Promise<ExpertView[]> {
	const { rows } = await sql.query<
		Omit<ExpertView, 'set' | 'createdAt'> & { setName: string | null; inputs: number; createdAt: Date }
	>(
		`SELECT f.id, f.name, f.sha256, f.bytes, f."setName", f."createdAt",
		   (length(f.inputs) - length(replace(f.inputs, E'\\n', ''))) AS inputs,
		   ARRAY(SELECT a.id FROM "Mt5Account" a WHERE a."expertFileId" = f.id AND a."userId" = $1 ORDER BY a.name, a.id)
		     AS "accountIds"
		 FROM "ExpertFile" f WHERE f."userId" = $1 ORDER BY lower(f.name), f."createdAt" DESC, f.id DESC`,
		[userId]
	);
	return rows.map(({ setName, inputs, createdAt, ...version }) => ({
		...version,
		createdAt: createdAt.toISOString(),
		set: setName === null ? null : { name: setName, inputs }
	}));
}

function expertAccountView(row: AccountRow, source: ReportSource): ExpertAccountView {
	const { ladder, agent } = livePart(row, source);
	const isUploaded = row.expertFileId !== null && row.expertFile !== null;
	const seen = isUploaded && ladder ? newestReport(row, source)?.state.expertFile : undefined;
	// Of the version before, it says nothing about this one.
	const found = seen?.path === row.expertPath ? seen.sha256 : undefined;
	return {
		id: row.id,
		name: row.name,
		accountNumber: row.accountNumber,
		broker: row.broker,
		kind: row.kind,
		path: row.expertPath,
		expertId: row.expertFileId,
		place: isUploaded ? placeOf(found, row.expertFile?.sha256) : null,
		seenSha256: found ?? null,
		isLoaded: isUploaded && ladder?.ea_attached === 'yes' ? known(ladder.settings) : null,
		obstacle: isUploaded ? obstacleOf(row, agent?.isConnected ?? null) : null
	};
}

function placeOf(found: string | null | undefined, wanted: string | undefined): ExpertAccountView['place'] {
	if (found === undefined) return 'unknown';
	if (found === null) return 'missing';
	return found === wanted ? 'same' : 'other';
}

const known = (rung: 'yes' | 'no' | 'unknown'): boolean | null =>
	rung === 'unknown' ? null : rung === 'yes';

function obstacleOf(row: AccountRow, isConnected: boolean | null): ExpertAccountView['obstacle'] {
	if (row.agentId === null) return 'no_agent';
	if (row.canAgentFetchExperts === false) return 'agent_too_old';
	return isConnected === false ? 'agent_away' : null;
}
