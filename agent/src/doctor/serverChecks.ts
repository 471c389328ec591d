/** The doctor's look at the server: encryption, whether it answers, and how far the clocks are apart. */
import { type DoctorFinding } from '#lib/protocol/doctorReport.ts';
import { socketUrl, type AgentConfig } from '../config.ts';
import { fine, trouble } from './finding.ts';

const TIMEOUT_MS = 5_000;
const LARGEST_OFFSET_MS = 5_000;

export function encryption(config: AgentConfig): DoctorFinding {
	const about = { check: 'encryption', label: 'Encryption' };
	const remedy = 'Put TLS before the server.';
	try {
		const isSecure = socketUrl(config).startsWith('wss:');
		if (!isSecure && config.allowsPlainText)
			return trouble(about, 'warn', 'the line is not encrypted', remedy);
		return fine(about, isSecure ? 'TLS' : 'none needed on this machine');
	} catch (error) {
		return trouble(about, 'bad', (error as Error).message, remedy);
	}
}

export async function server({ server: base }: AgentConfig): Promise<DoctorFinding[]> {
	const about = { check: 'server', label: 'Server' };
	const askedMs = Date.now();
	try {
		const response = await fetch(base, {
			method: 'HEAD',
			redirect: 'manual',
			signal: AbortSignal.timeout(TIMEOUT_MS)
		});
		const halfwayMs = (askedMs + Date.now()) / 2;
		const reached = fine(about, `${base} answers (HTTP ${response.status})`);
		const date = Date.parse(response.headers.get('date') ?? '');
		// The header has whole seconds.
		return Number.isNaN(date) ? [reached] : [reached, judgeClock(Math.round(halfwayMs - (date + 500)))];
	} catch (error) {
		const cause =
			error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
		const remedy = 'Check address, network, proxy and certificate.';
		return [trouble(about, 'bad', `${base} is not reached: ${cause}`, remedy)];
	}
}

/** Pure. @param offsetMs how far this machine's clock is ahead */
export function judgeClock(offsetMs: number): DoctorFinding {
	const about = { check: 'clock', label: 'Clock' };
	const detail = `${offsetMs >= 0 ? '+' : ''}${(offsetMs / 1000).toFixed(1)} s against the server`;
	if (Math.abs(offsetMs) <= LARGEST_OFFSET_MS) return fine(about, detail);
	const remedy = 'Let the machine set its clock by the network; commands work all the same.';
	return trouble(about, 'warn', detail, remedy);
}
