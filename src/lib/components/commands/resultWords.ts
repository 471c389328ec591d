/** One account's outcome of a command in words, with the meaning of its colour. */
import type { CommandKind } from '#lib/domain/commandLifecycle.ts';
import { assertNever } from '#lib/domain/assertNever.ts';
import type { CommandResultView } from '#lib/domain/views.ts';
import type { PillIcon } from '../ui/StatusPill.svelte';
import type { Tone } from '../ui/tone.ts';
import { COMMAND_WORDS } from './mergeCommand.ts';

export interface ResultWords {
	tone: Tone;
	icon: PillIcon;
	label: string;
	/** What is going on or what to do; empty when the label says it all. */
	detail: string;
}

export function resultWords(command: CommandKind, result: CommandResultView): ResultWords {
	const words = COMMAND_WORDS[command];
	const detail = result.error ?? '';
	if (result.willApplyLater) {
		return {
			tone: 'warn',
			icon: 'clock',
			label: 'Waits for the agent',
			detail: detail || `${words.verb} will apply when the agent is back. It does not expire.`
		};
	}
	switch (result.status) {
		case 'pending':
			return result.stage
				? { tone: 'busy', icon: 'spinner', label: 'At work', detail: result.stage }
				: { tone: 'busy', icon: 'spinner', label: 'Sent', detail: 'No word from the agent yet.' };
		case 'success':
			return { tone: 'live', icon: 'check', label: words.done, detail };
		case 'failed':
			return { tone: 'fault', icon: 'cross', label: 'Failed', detail: detail || 'The agent gave no reason.' };
		case 'timeout':
			return {
				tone: 'warn',
				icon: 'unknown',
				label: 'Unknown',
				detail: detail || 'No answer in time. This settles when the agent is heard again.'
			};
		case 'agent_offline':
			return {
				tone: 'fault',
				icon: 'cross',
				label: 'Agent offline',
				detail: detail || `The agent is away: nothing was sent. ${words.verb} again when it is back.`
			};
		case 'superseded':
			return {
				tone: 'off',
				icon: 'dashed',
				label: 'Superseded',
				detail: detail || 'A newer command took its place.'
			};
		case 'expired':
			return {
				tone: 'fault',
				icon: 'cross',
				label: 'Expired',
				detail: detail || 'It reached the agent too late and never ran.'
			};
		case 'indeterminate':
			return {
				tone: 'warn',
				icon: 'alert',
				label: 'Interrupted',
				detail: detail || 'It was interrupted and may have run for a while.'
			};
		default:
			return assertNever(result.status);
	}
}

/** What Stop or Pause was seen to leave behind; empty when there is nothing to tell. */
export function describeProof(command: CommandKind, result: CommandResultView): string {
	const { proof } = result;
	if (command === 'start_ea' || proof === undefined) return '';
	// Nothing is said of what nobody could look at.
	if (proof.isCounted === false) return 'The terminal is down, so open positions could not be counted';
	const parts: string[] = [];
	if (proof.closedPositions > 0) parts.push(`${proof.closedPositions} closed`);
	if (proof.deletedOrders > 0) parts.push(`${proof.deletedOrders} orders deleted`);
	if (proof.residualCount > 0) parts.push(`${proof.residualCount} left`);
	else if (proof.wasClosingAsked) parts.push('nothing left');
	if (proof.unprotectedPositions > 0) parts.push(`${proof.unprotectedPositions} without broker stop-loss`);
	return parts.join(', ');
}
