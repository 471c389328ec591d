/**
 * What `agent doctor` found on its machine: printed there, given as JSON with `--json`, and sent to the server
 * when that asks (`request` of kind `doctor`).
 */
import { z } from 'zod';

/**
 * `bad` keeps the agent or its terminals from working; `warn` may do so one day; `unknown` could not be looked
 * at, which is not the same as fine.
 */
export const DOCTOR_VERDICTS = ['ok', 'warn', 'bad', 'unknown'] as const;
export type DoctorVerdict = (typeof DOCTOR_VERDICTS)[number];

export const doctorFindingSchema = z.object({
	/** Stable name of the check, e.g. `auto_logon`; a newer agent may have others than these. */
	check: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
	/** The check in words, e.g. “Auto-logon”. */
	label: z.string().max(60),
	verdict: z.enum(DOCTOR_VERDICTS),
	/** What was seen. */
	detail: z.string().max(300),
	/** What to do; null when there is nothing to do. */
	remedy: z.string().max(300).nullable()
});
export type DoctorFinding = z.infer<typeof doctorFindingSchema>;

export const doctorReportSchema = z.object({
	/** By the machine's own clock. */
	madeAt: z.iso.datetime(),
	agentVersion: z.string().max(40),
	machine: z.string().max(100),
	platform: z.string().max(140),
	findings: z.array(doctorFindingSchema).max(60)
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;

const GRAVITY: Record<DoctorVerdict, number> = { ok: 0, unknown: 1, warn: 2, bad: 3 };

/** The gravest of all verdicts; `unknown` without findings. */
export function worstVerdict(findings: readonly DoctorFinding[]): DoctorVerdict {
	return findings.reduce<DoctorVerdict>(
		(worst, { verdict }) => (GRAVITY[verdict] > GRAVITY[worst] ? verdict : worst),
		findings.length === 0 ? 'unknown' : 'ok'
	);
}
