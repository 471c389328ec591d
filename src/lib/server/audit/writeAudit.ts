import { uuidv7 } from 'uuidv7';
import type { RequestOrigin } from '../app.ts';
import type { Tx } from '../db.ts';
import type { Prisma } from '../generated/prisma/client.ts';

export interface AuditEntry {
	/** Null when nobody was signed in. */
	userId: string | null;
	/** `<thing>.<deed>`, e.g. `account.create`. */
	action: string;
	target?: { type: string; id: string };
	origin: RequestOrigin;
	/** What was done; never a secret. */
	detail: Prisma.InputJsonObject;
}

/** Writes one line of the audit log, in the transaction of the deed. */
export async function writeAudit(tx: Pick<Tx, 'auditLog'>, entry: AuditEntry): Promise<void> {
	await tx.auditLog.create({
		data: {
			id: uuidv7(),
			userId: entry.userId,
			action: entry.action,
			targetType: entry.target?.type ?? null,
			targetId: entry.target?.id ?? null,
			ip: entry.origin.ip,
			userAgent: entry.origin.userAgent,
			detail: entry.detail
		}
	});
}
