import type { CommandKind } from '#lib/domain/commandLifecycle.ts';
import { COMMAND_WORDS } from '../commands/mergeCommand.ts';
import { countOf, formatDecimal } from '../ui/money.ts';

/** Actions of the audit log in words. One that is not listed is shown as it is: nothing is left out. */
const WORDS: Record<string, string> = {
	'account.connect': 'Account connected',
	'account.create': 'Account added',
	'account.update': 'Account changed',
	'account.delete': 'Account deleted',
	'account.disconnect': 'Account disconnected',
	'account.enable': 'Account switched on for trading',
	'account.disable': 'Account switched off',
	'account.move': 'Account sent to another machine',
	'account.move_cancel': 'Move of an account cancelled',
	'account.reconnect': 'Account reconnected',
	'agent.approve': 'Agent approved',
	'agent.enrol': 'Agent enrolled',
	'agent.join_code': 'Join code made',
	'agent.key_code': 'Code for new keys made',
	'agent.new_keys': 'Agent got new keys',
	'agent.order_new_keys': 'New keys ordered',
	'agent.rename': 'Agent renamed',
	'agent.revoke': 'Agent revoked',
	'agent.rotate_keys': 'Agent changed its keys',
	'agent.takes_accounts': 'Agent takes new accounts',
	'agent.takes_no_accounts': 'Agent takes no new accounts',
	'alerts.webhook_add': 'Webhook added',
	'alerts.webhook_change': 'Webhook changed',
	'alerts.webhook_remove': 'Webhook removed',
	'command.pause_ea': 'Pause Algo',
	'command.result': 'Result',
	'command.start_ea': 'Start Algo',
	'command.stop_ea': 'Stop Algo',
	'expert.delete': 'EA version deleted',
	'expert.deploy': 'EA deployed',
	'expert.upload': 'EA uploaded',
	'server.restore': 'A backup was restored',
	'settings.currency': 'Currency of totals changed',
	'settings.update': 'EA settings changed',
	'user.confirm': 'Identity confirmed',
	'user.confirm_failed': 'Identity not confirmed',
	'user.login': 'Signed in',
	'user.login_failed': 'Sign-in failed',
	'user.password_change': 'Password changed',
	'user.recovery_codes': 'New recovery codes',
	'user.register': 'Registered',
	'user.second_factor_failed': 'Wrong second factor',
	'user.second_factor_off': 'Second factor switched off',
	'user.second_factor_on': 'Second factor switched on',
	'user.session_revoke': 'Session ended'
};

export const actionWords = (action: string): string => WORDS[action] ?? action;

/** Groups to choose from. */
export const THING_WORDS = {
	account: 'Accounts',
	agent: 'Agents',
	command: 'Commands',
	expert: 'EAs',
	settings: 'Settings',
	user: 'Sign-in and security'
} as const;

/**
 * `server name: Aurora-Demo · fields: name, password`; empty when there is nothing to add. Ids say nothing to a
 * person; they are in the CSV file.
 */
export function detailWords(detail: Record<string, unknown>): string {
	return Object.entries(detail)
		.filter(([key, value]) => value !== null && value !== undefined && !key.endsWith('Id'))
		.map(([key, value]) => partWords(key, value))
		.join(' · ');
}

function partWords(key: string, value: unknown): string {
	if (key.endsWith('Ids') && Array.isArray(value)) return countOf(value.length, spaced(key).slice(0, -4));
	if (key === 'kind' && typeof value === 'string' && value.toLowerCase() in COMMAND_WORDS)
		return COMMAND_WORDS[value.toLowerCase() as CommandKind].button;
	if (key.endsWith('Ms') && typeof value === 'number')
		return `${spaced(key).slice(0, -3)}: ${formatDecimal(String(value / 1000), { fractionDigits: 1 })} s`;
	return `${spaced(key)}: ${valueWords(value)}`;
}

const spaced = (key: string): string => key.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

function valueWords(value: unknown): string {
	if (Array.isArray(value)) return value.map(valueWords).join(', ');
	if (value === true) return 'yes';
	if (value === false) return 'no';
	if (typeof value !== 'object' || value === null) return String(value);
	return Object.entries(value)
		.map(([key, one]) => `${spaced(key)} ${valueWords(one)}`)
		.join(' ');
}
