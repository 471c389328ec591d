/** `agent acceptance`: whether MetaTrader 5 on this machine does what the agent takes it to do. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { platform, release } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { accountNumberSchema, mt5PasswordSchema, serverNameSchema } from '#lib/domain/accountInput.ts';
import { BRIEF_LIMITS, DEFAULT_LIMITS, runAcceptance, type AcceptanceLimits } from '../acceptance/run.ts';
import { asMarkdown, completeResults, contradictions, type AcceptanceReport } from '../acceptance/report.ts';
import { EXIT, type ExitCode } from '../exitCodes.ts';
import { Secret } from '../secret.ts';
import { type StateDir } from '../stateDir.ts';
import { type TerminalKind } from '../terminal/ports.ts';
import { writeBuildFacts } from '../terminal/provision/buildFacts.ts';
import { replaceFile } from '../terminal/replaceFile.ts';
import { AGENT_VERSION } from '../version.ts';

export interface AcceptanceArguments {
	login: string;
	server: string;
	broker: string;
	password: string;
	terminals: number;
	/** `<host>:<port>` of the server; left out: that is not tried. */
	address?: string | undefined;
	/** The operator said that this is no real account. */
	isDemo: boolean;
	isBrief?: boolean;
	limits?: AcceptanceLimits;
}

/** As MetaTrader's help writes it; no character of it can end a line or begin another key. */
const addressSchema = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,99}:\d{1,5}$/, 'The address is like 203.0.113.7:443.');

/** @returns `unhealthy` when a fact was contradicted, `failed` when the run was broken off */
export async function acceptance(
	state: StateDir,
	kind: TerminalKind,
	given: AcceptanceArguments,
	say: (line: string) => void
): Promise<ExitCode> {
	if (!given.isDemo) {
		say(
			'This run loads an EA, presses Algo Trading and tries to close positions. Use a demo account, and say so with --demo.'
		);
		return EXIT.usage;
	}
	const account = {
		login: accountNumberSchema.parse(given.login),
		server: serverNameSchema.parse(given.server),
		broker: given.broker,
		password: new Secret(mt5PasswordSchema.parse(given.password))
	};
	const address = given.address === undefined ? null : addressSchema.parse(given.address);
	const root = join(state.root, 'acceptance', randomUUID().slice(0, 8));
	await mkdir(root, { recursive: true });
	const { terminals, isBrief = false, limits = isBrief ? BRIEF_LIMITS : DEFAULT_LIMITS } = given;
	const run = await runAcceptance(kind, { root, account, address, terminals, limits, say });
	const report: AcceptanceReport = {
		madeAt: new Date().toISOString(),
		agentVersion: AGENT_VERSION,
		platform: `${platform()} ${release()}`,
		build: run.build,
		broker: account.broker,
		server: account.server,
		isBrief,
		brokenOff: run.brokenOff,
		results: completeResults(run.observations)
	};
	const name = join(state.root, `acceptance-${run.build ?? 'unknown'}`);
	await replaceFile(`${name}.json`, Buffer.from(`${JSON.stringify(report, null, '\t')}\n`));
	await replaceFile(`${name}.md`, Buffer.from(asMarkdown(report)));
	say(`Report: ${name}.md and ${name}.json. They hold neither login nor password; attach them to an issue.`);
	if (run.brokenOff !== null) return EXIT.failed;
	if (run.build !== null)
		say(`What is known of this build: ${await writeBuildFacts(state.facts, run.build, run.facts)}`);
	const wrong = contradictions(report);
	if (wrong.length === 0) return EXIT.ok;
	say(`${wrong.length} facts are not as the agent takes them: ${wrong.map(({ fact }) => fact).join(', ')}.`);
	return EXIT.unhealthy;
}

/** From the environment, else the first line of what is typed or piped in: never from the command line, which others see. */
export async function readPassword(
	environment: NodeJS.ProcessEnv,
	input: AsyncIterable<Buffer | string>
): Promise<string> {
	const given = environment.QUINTET_ACCEPTANCE_PASSWORD;
	if (given) return given;
	let text = '';
	for await (const piece of input) {
		text += piece.toString();
		if (text.includes('\n')) break;
	}
	return text.split(/\r?\n/)[0] ?? '';
}
