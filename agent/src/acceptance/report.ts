/** The report of an acceptance run: JSON for comparing, Markdown for attaching to an issue. Pure. */
import { FACTS, type FactId, type Observation } from './facts.ts';

export interface AcceptanceReport {
	madeAt: string;
	agentVersion: string;
	platform: string;
	build: number | null;
	broker: string;
	/** Of the demo account; the login itself is left out. */
	server: string;
	/** What never happens was waited for for seconds only. */
	isBrief?: boolean;
	/** A sentence when the run could not be finished. */
	brokenOff: string | null;
	results: Array<Observation & { says: string; certainty: string }>;
}

/** Every fact once, also those that nobody looked at; of two observations a contradiction counts. */
export function completeResults(observations: readonly Observation[]): AcceptanceReport['results'] {
	return (Object.keys(FACTS) as FactId[]).map((fact) => {
		const of = observations.filter((each) => each.fact === fact);
		const told = of.find(({ verdict }) => verdict === 'contradicted') ?? of.at(-1);
		const { says, certainty } = FACTS[fact];
		return {
			fact,
			verdict: told?.verdict ?? 'not_observed',
			observed: told?.observed ?? 'the run did not come to it',
			says,
			certainty
		};
	});
}

/** Those with which the agent may go wrong. */
export const contradictions = ({ results }: AcceptanceReport): AcceptanceReport['results'] =>
	results.filter(({ fact, verdict }) => verdict === 'contradicted' && !FACTS[fact].isHarmless);

const SIGNS = { contradicted: '❌ contradicted', confirmed: '✅ confirmed', not_observed: '➖ not observed' };
const signOf = (fact: FactId, verdict: Observation['verdict']): string =>
	verdict === 'contradicted' && FACTS[fact].isHarmless ? '☝ otherwise, harmless' : SIGNS[verdict];
/** Nothing of a terminal's words may become markup or another column. */
const cell = (text: string): string =>
	text
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
		.replace(/[\\`|<>[\]*_]/g, (sign) => `\\${sign}`)
		.slice(0, 400);

export function asMarkdown(report: AcceptanceReport): string {
	const { results, build, broker, server, madeAt, agentVersion, platform, brokenOff } = report;
	const count = (wanted: string): number => results.filter(({ verdict }) => verdict === wanted).length;
	const order = ['contradicted', 'not_observed', 'confirmed'];
	const sorted = [...results].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
	return [
		`# Acceptance of MetaTrader 5, build ${build ?? 'unknown'}`,
		'',
		`${cell(broker)}, ${cell(server)}; ${madeAt}; agent ${agentVersion} on ${cell(platform)}`,
		'',
		...(report.isBrief ? ['**Brief run:** what never happens was waited for for seconds only.', ''] : []),
		...(brokenOff === null ? [] : [`**Broken off:** ${cell(brokenOff)}`, '']),
		`${count('confirmed')} confirmed, ${count('contradicted')} contradicted, ${count('not_observed')} not observed.`,
		'',
		'| fact | verdict | what we take for true | what was seen |',
		'| --- | --- | --- | --- |',
		...sorted.map(
			({ fact, verdict, says, certainty, observed }) =>
				`| ${fact.replaceAll('_', '\\_')} | ${signOf(fact, verdict)} | ${cell(says)} (${certainty}) | ${cell(observed)} |`
		),
		''
	].join('\n');
}
