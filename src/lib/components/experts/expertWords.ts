/** What is known of a version on the accounts, in words. Nothing here says more than was seen. */
import { shortDigest } from '#lib/domain/expertFile.ts';
import type { ExpertAccountView } from '#lib/domain/expertViews.ts';
import type { PillIcon } from '../ui/StatusPill.svelte';
import type { Tone } from '../ui/tone.ts';

export interface PlaceWords {
	label: string;
	tone: Tone;
	icon: PillIcon;
	/** What that means, or what to do; empty when all is well. */
	detail: string;
}

const OBSTACLES: Record<NonNullable<ExpertAccountView['obstacle']>, string> = {
	no_agent: 'No agent holds this account yet, so nobody can fetch it.',
	agent_away: 'Its agent is not connected; it fetches the file when it is back.',
	agent_too_old:
		'Its agent is too old to fetch uploaded EAs, and Start is refused. Ask the operator to update it.'
};

/** Null for an account whose EA was not uploaded. */
export function placeWords({ place, obstacle, seenSha256, isLoaded }: ExpertAccountView): PlaceWords | null {
	switch (place) {
		case null:
			return null;
		case 'same':
			return { label: 'Same file', tone: 'live', icon: 'check', detail: loadedWords(isLoaded) };
		case 'other':
			return {
				label: 'Another file',
				tone: 'fault',
				icon: 'cross',
				detail: `${shortDigest(seenSha256 ?? '')} was seen there. Press Start Algo: the right one is put there first.`
			};
		case 'missing':
			return {
				label: 'Not there yet',
				tone: 'warn',
				icon: 'clock',
				detail: obstacle
					? OBSTACLES[obstacle]
					: 'Its agent fetches it while the terminal runs, at the latest for a Start.'
			};
		case 'unknown':
			return {
				label: 'Unknown',
				tone: 'off',
				icon: 'unknown',
				detail: obstacle ? OBSTACLES[obstacle] : 'Its agent has not said yet what lies there.'
			};
	}
}

function loadedWords(isLoaded: boolean | null): string {
	if (isLoaded === null) return '';
	return isLoaded
		? 'The EA on the chart is this version.'
		: 'The EA on the chart runs with another version or other settings until the next Start.';
}

/** `Same file on 4 of 5 accounts, 1 unknown` */
export function summaryWords(accounts: readonly ExpertAccountView[]): string {
	if (accounts.length === 0) return 'On no account';
	const count = (wanted: ExpertAccountView['place']) =>
		accounts.filter(({ place }) => place === wanted).length;
	const rest = [
		[count('other'), 'another file'],
		[count('missing'), 'not there yet'],
		[count('unknown'), 'unknown']
	] as const;
	return [
		`Same file on ${count('same')} of ${accounts.length} ${accounts.length === 1 ? 'account' : 'accounts'}`,
		...rest.filter(([many]) => many > 0).map(([many, words]) => `${many} ${words}`)
	].join(', ');
}

/** `812 bytes`, `48.2 KiB`, `1.3 MiB` */
export function sizeWords(bytes: number): string {
	if (bytes < 1024) return `${bytes} bytes`;
	const kib = bytes / 1024;
	return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** What a file is called by its name on disk; what is no name is corrected by the person. */
export const expertNameOf = (fileName: string): string =>
	fileName
		.replace(/\.ex5$/i, '')
		.replace(/[^A-Za-z0-9 _-]+/g, '-')
		.replace(/^[ -]+|[ -]+$/g, '')
		.slice(0, 40)
		.trim();
