/** Why no terminal is put into an instance directory, or none is started from it. */

/** The sentences that go with these codes stand in supervisor/failures.ts. */
export const INSTALL_REFUSALS = [
	'no_golden',
	'golden_damaged',
	'disk_full',
	'no_slot',
	'path_unfit',
	'instance_foreign',
	'bridge_not_compiled',
	'live_update_open'
] as const;
export type InstallRefusal = (typeof INSTALL_REFUSALS)[number];

export class InstallRefused extends Error {
	readonly code: InstallRefusal;
	/** For the operator: a path, a number. Never a secret. */
	readonly detail: string;

	constructor(code: InstallRefusal, detail: string) {
		super(`${code}: ${detail}`);
		this.code = code;
		this.detail = detail;
	}
}
