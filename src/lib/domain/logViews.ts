/** Lines of the logs, as the browser gets them. Times are ISO 8601 UTC. */

/** Who did what, from where. */
export interface AuditLineView {
	id: string;
	at: string;
	/** Name and e-mail of who did it; null when nobody was signed in. */
	who: string | null;
	/** `<thing>.<deed>`, e.g. `account.create`. */
	action: string;
	/** What it was done to, by its name of today, else by the one of then. */
	target: string | null;
	ip: string | null;
	/** E.g. `Firefox on Windows`. */
	device: string | null;
	/** What was done; never a secret. */
	detail: Record<string, unknown>;
}

export const LOG_LEVELS = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What an agent reported of itself or of a terminal. */
export interface SystemLineView {
	id: string;
	at: string;
	level: LogLevel;
	code: string | null;
	message: string;
	agent: string | null;
	account: string | null;
}

export interface LogPageView<Line> {
	/** Newest first. */
	lines: Line[];
	/** For `before` of the next page; null on the last. */
	nextCursor: string | null;
}
