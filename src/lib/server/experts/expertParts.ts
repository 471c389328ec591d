/**
 * Answers agents that ask for a file which an account of theirs is to run, part by part. Owns how many questions of
 * one agent are read at a time; what is too much, or cannot be read just now, is left unanswered and asked again.
 */
import { FILE_PART_BYTES } from '#lib/domain/limits.ts';
import type { Database } from '../db.ts';
import type { Logger } from '../logger.ts';

export interface ExpertQuestion {
	agentId: string;
	accountId: string;
	epoch: number;
	sha256: string;
	offset: number;
}

/** @returns the bytes from there on; null when this agent is to run no such file */
export type ReadExpertPart = (question: ExpertQuestion) => Promise<Buffer | null>;

/** A well-behaved agent has fewer under way (agent/src/experts/expertPost.ts). */
const MOST_PER_AGENT = 4;

export class ExpertParts {
	readonly #read: ReadExpertPart;
	readonly #logger: Logger;
	readonly #underWay = new Map<string, number>();

	constructor(read: ReadExpertPart, logger: Logger) {
		this.#read = read;
		this.#logger = logger;
	}

	/** @param onPart called at most once; null: it is none of this agent's */
	answer(question: ExpertQuestion, onPart: (part: Buffer | null) => void): void {
		const { agentId, accountId } = question;
		const others = this.#underWay.get(agentId) ?? 0;
		if (others >= MOST_PER_AGENT) return;
		this.#underWay.set(agentId, others + 1);
		this.#read(question)
			.then(onPart)
			.catch((error: unknown) =>
				this.#logger.warn({ err: error, agentId, accountId }, 'a part of an EA could not be read')
			)
			.finally(() => {
				const left = (this.#underWay.get(agentId) ?? 1) - 1;
				if (left > 0) this.#underWay.set(agentId, left);
				else this.#underWay.delete(agentId);
			});
	}
}

/** Whose it is, is read with the bytes: the account is this agent's under this epoch, and is to run this very file. */
export function readExpertPart({ pool }: Pick<Database, 'pool'>): ReadExpertPart {
	return async ({ agentId, accountId, epoch, sha256, offset }) => {
		const { rows } = await pool.query<{ part: Buffer }>({
			name: 'expert-part',
			text: `SELECT CASE WHEN f.sha256 = $4 THEN substring(f.ex5 FROM $5::int + 1 FOR $6)
			         ELSE substring(convert_to(f.inputs, 'UTF8') FROM $5::int + 1 FOR $6) END AS part
			       FROM "Mt5AccountAssignment" m
			       JOIN "Mt5Account" a ON a.id = m."accountId" AND a.status = 'ACTIVE'
			       JOIN "ExpertFile" f ON f.id = a."expertFileId" AND f."userId" = a."userId"
			       WHERE m."accountId" = $1 AND m."agentId" = $2 AND m.epoch = $3 AND $4 IN (f.sha256, f."inputsSha256")`,
			values: [accountId, agentId, epoch, sha256, Math.min(offset, 2 ** 30), FILE_PART_BYTES]
		});
		return rows[0]?.part ?? null;
	};
}
