/** Whether an account may be moved, as pure rules: the same for PostgreSQL and for the simulation. */

export interface MovePlace {
	account: { agentId: string; epoch: number; moveToAgentId: string | null };
	/** `isConnected`: it has a line to some web node whose lease holds. */
	from: {
		id: string;
		name: string;
		isConnected: boolean;
		isRevoked: boolean;
		isLocked: boolean;
		canRelease: boolean;
	};
	/** `used` counts what is there and what is on its way there, without this account. */
	to: { id: string; name: string; isFit: boolean; capacity: number; used: number };
}

/** @returns why not, and what to do; null when it may */
export function refusalOf({ account, from, to }: MovePlace, isMachineGone: boolean): string | null {
	if (from.id === to.id) return `The account is on ${to.name} already. Choose another machine.`;
	if (!to.isFit)
		return `${to.name} may not take accounts: it is not approved, locked or revoked. Choose another machine.`;
	if (to.used >= to.capacity)
		return `${to.name} is full: ${to.used} of ${to.capacity} slots are taken or promised. Choose another machine.`;
	if (isMachineGone) return from.isConnected ? notGone(from.name) : null;
	if (account.moveToAgentId === to.id) return `The account is being moved to ${to.name} already.`;
	if (from.isRevoked || from.isLocked)
		return `${from.name} is ${from.isRevoked ? 'revoked' : 'locked'}, so nothing it says can prove that its terminal is closed. Switch that machine off for good, then say so here.`;
	if (!from.canRelease)
		return `The program on ${from.name} is too old to prove that a terminal is closed. Update the agent there and let it connect once, then move the account.`;
	return null;
}

/** A machine whose agent is heard is not gone: its accounts move the ordinary way. */
export const notGone = (name: string): string =>
	`${name} is connected, so its machine is not gone. Move the account the ordinary way, or switch that machine off first.`;
