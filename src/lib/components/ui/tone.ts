/** The meanings a colour may have; see app.css. A word or an icon always stands beside it. */
export type Tone = 'live' | 'warn' | 'fault' | 'off' | 'demo' | 'busy';

export const TONE_TEXT: Record<Tone, string> = {
	live: 'text-live',
	warn: 'text-warn',
	fault: 'text-fault',
	off: 'text-off',
	demo: 'text-demo',
	busy: 'text-accent'
};

export const TONE_PILL: Record<Tone, string> = {
	live: 'bg-live-soft text-live',
	warn: 'bg-warn-soft text-warn',
	fault: 'bg-fault-soft text-fault',
	off: 'bg-off-soft text-off',
	demo: 'bg-demo-soft text-demo',
	busy: 'bg-raised text-accent'
};
