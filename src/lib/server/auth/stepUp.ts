/**
 * Deeds that a stolen session alone must not be able to do: they need password or second factor anew. Stop and
 * Pause are never among them.
 */
import { STEP_UP_MS } from '#lib/domain/limits.ts';
import type { App, Caller } from '../app.ts';
import { AppError } from '../errors.ts';

const SENTENCE = {
	/** The first Start of a session that reaches a real account; the others of that session follow freely. */
	real_start: 'This Start reaches a real account. Confirm once that it is you.',
	account_password: 'Confirm that it is you before the account’s password is changed.',
	real_expert: 'This changes the EA of a real account. Confirm that it is you.',
	enrol_agent: 'Confirm that it is you before an agent is let in.',
	machine_gone: 'Confirm that it is you before a machine is declared gone.',
	second_factor: 'Confirm that it is you before the second factor is changed.'
} as const;

export type StepUpReason = keyof typeof SENTENCE;

/**
 * Refuses unless password or second factor were given within this session: for a real Start at any time, for
 * everything else within the last ten minutes. What no person asks for is refused.
 * @throws AppError STEP_UP_REQUIRED
 */
export function requireStepUp(app: Pick<App, 'now'>, caller: Caller, reason: StepUpReason): void {
	const confirmedAt = caller.session?.confirmedAt ?? null;
	if (confirmedAt !== null) {
		if (reason === 'real_start') return;
		if (app.now().getTime() - confirmedAt.getTime() < STEP_UP_MS) return;
	}
	throw new AppError('STEP_UP_REQUIRED', SENTENCE[reason]);
}
