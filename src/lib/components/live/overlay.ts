/**
 * Telemetry laid over what the page was loaded with. Load data are never copied: a patch holds only what
 * moved, and a list that was made after the patch wins over it.
 */
import type { AccountListView, AccountView, TelemetryView } from '#lib/domain/views.ts';

export interface AccountPatch {
	/** The server's clock when the newest part was sent. */
	atMs: number;
	moved: TelemetryView;
}

/** Adds news to what is held of one account; parts older than the loaded list are dropped. */
export function extendPatch(
	held: AccountPatch | undefined,
	news: TelemetryView,
	atMs: number,
	listMadeAtMs: number
): AccountPatch {
	const isHeldCurrent = held !== undefined && held.atMs > listMadeAtMs;
	return { atMs, moved: isHeldCurrent ? { ...held.moved, ...news } : news };
}

export function overlayAccounts(
	list: AccountListView,
	patches: ReadonlyMap<string, AccountPatch>
): AccountView[] {
	const madeAtMs = Date.parse(list.serverTime);
	return list.accounts.map((account) => {
		const patch = patches.get(account.id);
		return patch === undefined || patch.atMs <= madeAtMs ? account : { ...account, ...patch.moved };
	});
}
