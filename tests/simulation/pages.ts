/** Open pages: what they are told, and what they show. */
import { livePart } from '#lib/server/accounts/accountView.ts';
import { PolicyWatch } from './policyWatch.ts';
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
export function keepWatching(world: World, watch = new PolicyWatch(world)): void {
	world.timeline.after(LOOK_MS, () => {
		for (const accountId of world.accountIds) {
			for (const state of shownOf(world, accountId)) world.checker.shown(accountId, state);
		}
		world.checker.tick();
		watch.look();
		unlockAgents(world);
		keepWatching(world, watch);
	});
}

/** What the pages of each server show just now; a server that is held up shows nothing new. */
export function shownOf({ database, servers, timeline }: World, accountId: string): string[] {
	const account = database.accounts.get(accountId);
	if (!account) return [];
	return servers.running
		.filter(({ process }) => process.stalledUntilMs <= timeline.nowMs)
		.map(({ core }) => livePart(account, core.reports).state);
}
