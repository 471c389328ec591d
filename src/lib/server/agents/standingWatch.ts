/**
 * Sees to it that a change of an agent's standing takes hold on the web node that has its line, whichever node
 * the operator was on, and also when the bus between them is away: every node looks for changes by itself.
 */
import { CLOSE } from '#lib/protocol/frames.ts';
import type { Database } from '../db.ts';

/** What the watch needs of the lines of this node. */
export interface Lines {
	presentIds(): string[];
	/** Null without a line here. */
	isApprovedLine(agentId: string): boolean | null;
	dismiss(agentId: string, code: number, reason: string): boolean;
	/** Says why, signed, then as `dismiss`. */
	lock(agentId: string, reason: string): void;
}

interface Row {
	id: string;
	isRevoked: boolean;
	isApproved: boolean;
	lockReason: string | null;
}

/** Changes are looked at for this long, so that none slips through between commit and look. */
const WINDOW_S = 60;

/** Ends the lines of agents whose rights are not those their line was opened with. */
export async function enforceStandings(db: Database, lines: Lines, onlyAgentId?: string): Promise<void> {
	const present = onlyAgentId === undefined ? lines.presentIds() : [onlyAgentId];
	if (present.length === 0) return;
	const { rows } = await db.pool.query<Row>({
		name: 'changed-standings',
		text: `SELECT id, "revokedAt" IS NOT NULL AS "isRevoked", "approvedAt" IS NOT NULL AS "isApproved",
		         CASE WHEN "lockedAt" IS NOT NULL THEN coalesce("lockReason", '') END AS "lockReason"
		       FROM "Agent" WHERE "standingAt" > now() - make_interval(secs => $2) AND id = ANY($1::uuid[])`,
		values: [present, WINDOW_S]
	});
	for (const { id, isRevoked, isApproved, lockReason } of rows) {
		const isApprovedLine = lines.isApprovedLine(id);
		if (isApprovedLine === null) continue;
		if (isRevoked) lines.dismiss(id, CLOSE.unauthorised, 'this agent was revoked');
		else if (lockReason !== null) lines.lock(id, lockReason);
		else if (isApproved !== isApprovedLine)
			lines.dismiss(id, CLOSE.serviceRestart, 'your standing changed; come back');
	}
}
