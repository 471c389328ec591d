/** How a check of the doctor says what it found. */
import { type DoctorFinding } from '#lib/protocol/doctorReport.ts';

type About = Pick<DoctorFinding, 'check' | 'label'>;

export const fine = (about: About, detail: string): DoctorFinding => ({
	...about,
	verdict: 'ok',
	detail: detail.slice(0, 300),
	remedy: null
});

export const trouble = (
	about: About,
	verdict: 'warn' | 'bad' | 'unknown',
	detail: string,
	remedy: string
): DoctorFinding => ({ ...about, verdict, detail: detail.slice(0, 300), remedy: remedy.slice(0, 300) });
