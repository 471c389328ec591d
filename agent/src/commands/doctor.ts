/** `agent doctor`: what could keep this agent from working, each with what to do. */
import { worstVerdict } from '#lib/protocol/doctorReport.ts';
import { doctorReport } from '../doctor/report.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { type StateDir } from '../stateDir.ts';

const SIGNS = { ok: 'ok  ', unknown: '??  ', warn: 'WARN', bad: 'BAD ' };

/** @param options.isJson the report as JSON instead of lines for people; @param say prints one line */
export async function doctor(
	state: StateDir,
	{ isJson }: { isJson: boolean },
	say: (line: string) => void
): Promise<ExitCode> {
	const report = await doctorReport(state, { isAgent: false });
	if (isJson) say(JSON.stringify(report, null, '\t'));
	else
		for (const { label, verdict, detail, remedy } of report.findings) {
			say(`${SIGNS[verdict]}  ${label}: ${detail}`);
			if (remedy !== null) say(`      → ${remedy}`);
		}
	return worstVerdict(report.findings) === 'bad' ? EXIT.unhealthy : EXIT.ok;
}
