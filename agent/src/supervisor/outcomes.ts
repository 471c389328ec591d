/** Outcomes of commands, as the journal keeps them and the server gets them. */
import { type AlgoState } from '#lib/domain/ladder.ts';
import { type Proof } from '#lib/protocol/seen.ts';
import { JournalFailure } from '../link/journalSchema.ts';
import { InstallRefused } from '../terminal/provision/installRefused.ts';
import { FAILURES, failureText, StepFailure, type FailureCode } from './failures.ts';
import { type Outcome } from './reporter.ts';

export const success = (eaStatus: AlgoState, proof: Proof | null): Outcome => ({
	outcome: 'success',
	errorCode: null,
	error: null,
	eaStatus,
	proof
});

export const failed = (
	code: FailureCode,
	detail: string | null = null,
	eaStatus: AlgoState | null = null,
	proof: Proof | null = null
): Outcome => ({ outcome: 'failed', errorCode: code, error: failureText(code, detail), eaStatus, proof });

export const indeterminate = (code: FailureCode, eaStatus: AlgoState | null = null): Outcome => ({
	...failed(code, null, eaStatus),
	outcome: 'indeterminate'
});

const unrun = (outcome: 'expired' | 'superseded'): Outcome => ({
	outcome,
	errorCode: outcome,
	error: FAILURES[outcome].message,
	eaStatus: null,
	proof: null
});
export const expired = unrun('expired');
export const superseded = unrun('superseded');

/** Why a step threw, as a failure with its detail. */
export function failureOf(error: unknown): { code: FailureCode; detail: string | null } {
	if (error instanceof StepFailure) return { code: error.code, detail: error.detail };
	if (error instanceof InstallRefused) return { code: error.code, detail: error.detail };
	return { code: error instanceof JournalFailure ? 'journal' : 'internal', detail: null };
}
