/** Open pages: what they are told, and what they show. */
import { livePart } from '#lib/server/accounts/accountView.ts';
import { unlockAgents } from './people.ts';
import { type WebNode } from './webNode.ts';
import { type World } from './world.ts';

const LOOK_MS = 3_000;

/** A trader's open page: nothing of anybody else may come. */
export function openPage(world: World, { core }: WebNode, userId: string): void {
	const check = (accountIds: Iterable<string>): void => {
		for (const accountId of accountIds)
			if (!world.isOwn(userId, accountId)) world.checker.leaked('a trader', accountId);
	};
	core.hub.subscribe(userId, {
		onStored: ({ messages }) => {
			for (const { name, body } of messages)
				if (name !== 'accounts') check(body.accounts.map(({ accountId }) => accountId));
		},
		onUnnumbered: ({ name, body }) => {
			if (name !== 'accounts') check(body.accounts.map(({ accountId }) => accountId));
		},
		onTelemetry: check,
		onReached: () => undefined,
		onServersChanged: () => undefined,
		onEnd: () => undefined
	});
}

/** Looks at every page every few seconds, to the end of the world. */
export function keepWatching(world: World): void {
	world.timeline.after(LOOK_MS, () => {
		for (const accountId of world.accountIds) {
			const state = shownOf(world, accountId);
			if (state !== null) world.checker.shown(accountId, state);
		}
		world.checker.tick();
		unlockAgents(world);
		keepWatching(world);
	});
}

/** @returns null when there is no server that could show anything */
export function shownOf({ database, web }: World, accountId: string): string | null {
	const account = database.accounts.get(accountId);
	return account && web ? livePart(account, web.core.reports).state : null;
}
