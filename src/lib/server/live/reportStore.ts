/**
 * Saves the newest reports, so that a restarted server shows what was seen last, with its time. A new state is
 * saved at once, figures alone every few seconds; all in one statement.
 */
import type { CommandStore } from '../commands/commandStore.ts';
import type { LiveAccounts } from './liveAccounts.ts';

export async function saveReports(
	store: Pick<CommandStore, 'saveReports'>,
	live: LiveAccounts,
	withFigures: boolean
): Promise<void> {
	const unsaved = live.takeUnsaved(withFigures);
	if (unsaved.size === 0) return;
	try {
		await store.saveReports(unsaved);
	} catch (error) {
		live.putBackUnsaved(unsaved.keys());
		throw error;
	}
}
