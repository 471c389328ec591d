/** What the agent's exit codes mean to whoever started it (service, script). A contract: never renumber. */
export const EXIT = {
	/** Done, or ended on request; also when another agent already runs here. Do not restart. */
	ok: 0,
	/** A fault that may pass. Restart with back-off. */
	failed: 1,
	/** Wrong arguments. */
	usage: 2,
	/** Not enrolled, or the configuration or key is unreadable. A person must act. */
	notConfigured: 3,
	/** Enrolment was refused by the server. A person must act. */
	enrolRefused: 4,
	/** `doctor`, `golden`, `expert` or `acceptance` found something that needs a person; `status` found no running agent;
	 * `service update` took the new version back. */
	unhealthy: 5,
	/** `stop-all` could not prove that every EA is stopped. */
	notProven: 6
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
