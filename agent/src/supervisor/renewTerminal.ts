/**
 * The one account's part of a renewal: its terminal is closed, its directory brought onto the golden install of
 * today, and the terminal brought up again, which is the proof. Only while its algo is proven stopped. What does not
 * come up again is undone.
 */
import { effectiveWanted, type Fences } from '../link/fences.ts';
import { type Renewal, type RenewalNeed } from '../terminal/provision/renewal.ts';
import { failureOf } from './outcomes.ts';
import { FAILURES } from './failures.ts';
import { endForGood, isDownForGood, type Steps } from './steps.ts';

export interface RenewalOutcome {
	kind: 'renewed' | 'refused' | 'failed';
	/** For the operator: what came of it, and what to do. */
	says: string;
}

export interface RenewTools {
	accountId: string;
	fences: Fences;
	renewal: Renewal;
	need: RenewalNeed;
}

const unlimited = new AbortController().signal;

/** Why this terminal must not be closed now; null when nothing stands against it. */
export async function whyNotNow(
	steps: Steps,
	{ accountId, fences }: Pick<RenewTools, 'accountId' | 'fences'>,
	signal: AbortSignal
): Promise<string | null> {
	const { instance, bringUp, timings } = steps;
	if (effectiveWanted(fences.of(accountId)) !== 'STOPPED')
		return 'Its algo is to run, or is paused. Press Stop, wait until it is proven, and renew it then.';
	if (bringUp.block !== null)
		return `${FAILURES[bringUp.block].message} So it could not be proven that the new build works; cure that first.`;
	if (bringUp.isUnderWay) return 'Its terminal is just coming up. Renew it when it is there.';
	// On a busy machine its last word may be some seconds old: the next one is waited for.
	const fresh =
		instance.fresh ??
		(instance.process && (await instance.nextStatus({ timeoutMs: timings.requestMs, signal })));
	const isProven =
		instance.process === null
			? await isDownForGood(steps, signal)
			: fresh !== null && bringUp.isRight(fresh) && fresh.ea === null && !fresh.isTerminalTradeAllowed;
	if (isProven && instance.pendingLoad === null && instance.pendingToggle === null) return null;
	return 'That its algo is stopped is not proven just now. Look at the terminal, press Stop, and renew it then.';
}

/** @throws the signal's reason; what was begun then stays as it is, and the next renewal goes on from there */
export async function renewTerminal(
	steps: Steps,
	{ accountId, fences, renewal, need }: RenewTools,
	signal: AbortSignal
): Promise<RenewalOutcome> {
	const { instance, bringUp, timings } = steps;
	// Asked once more: since the copying began, somebody may have started it.
	const why = await whyNotNow(steps, { accountId, fences }, signal);
	if (why !== null) return { kind: 'refused', says: why };
	const { loginMark, refused } = fences.of(accountId);
	let isSwapped = false;
	await endForGood(steps, timings.closeMs, signal);
	try {
		if (need === 'install') await renewal.swap(instance.dir);
		isSwapped = need === 'install';
		await bringUp.ensure({ isUrgent: false, signal });
		const build = instance.fresh?.build ?? 'unknown';
		const bridge = instance.fresh?.bridgeVersion ?? 'unknown';
		await renewal.settle(instance.dir);
		return { kind: 'renewed', says: `It is logged in again: build ${build}, bridge ${bridge}.` };
	} catch (error) {
		signal.throwIfAborted();
		const { code, detail } = failureOf(error);
		const told = `${FAILURES[code].message}${detail === null ? '' : ` (${detail})`}`;
		if (!isSwapped)
			return { kind: 'failed', says: `${told} The directory is as it was; the terminal is started again.` };
		// From here on to the end: neither half of it may be left alone.
		await endForGood(steps, timings.closeMs, unlimited);
		await renewal.goBack(instance.dir);
		// That the new one was refused says nothing of the login in the one before.
		fences.change(accountId, { loginMark, refused });
		return { kind: 'failed', says: `${told} The build before is back in its place, and is started again.` };
	}
}
