/** What the command palette offers, and which of it fits what was typed. */
import type { AccountView } from '#lib/domain/views.ts';
import { COMMAND_KINDS, type CommandKind } from '#lib/domain/commandLifecycle.ts';
import { COMMAND_WORDS } from '../commands/mergeCommand.ts';
import type { Theme } from '../shell/theme.ts';

export interface Entry {
	id: string;
	/** What kind of thing it is; written beside it. */
	group: 'Algo' | 'Page' | 'Account' | 'Theme' | 'Help';
	label: string;
	/** More words to find it by, shown smaller. */
	detail: string;
	act:
		| { kind: 'go'; href: string }
		/** Presses the header's button, so that whatever it asks is asked. */
		| { kind: 'press'; command: CommandKind }
		| { kind: 'theme'; theme: Theme }
		| { kind: 'shortcuts' };
}

const PAGES: readonly { href: string; label: string; detail: string }[] = [
	{ href: '/dashboard', label: 'Dashboard', detail: 'All accounts, totals' },
	{ href: '/positions', label: 'Positions', detail: 'Open positions and pending orders' },
	{ href: '/accounts', label: 'Accounts', detail: 'Add, connect, disconnect' },
	{ href: '/analytics', label: 'Analytics', detail: 'Profit, drawdown, calendar' },
	{ href: '/analytics/deals', label: 'Deals', detail: 'Trade history, CSV' },
	{ href: '/activity', label: 'Activity', detail: 'Commands and what came of them' },
	{ href: '/activity/log', label: 'Activity log', detail: 'Who did what, from where' },
	{ href: '/activity/system', label: 'System log', detail: 'What terminals and agents reported' },
	{ href: '/alerts', label: 'Alerts', detail: 'Webhooks, last messages' },
	{ href: '/experts', label: 'Your EAs', detail: 'Upload, deploy, compare versions' },
	{ href: '/dashboard?settings=ea', label: 'EA settings', detail: 'Lot size, loss, safety mode' },
	{ href: '/preferences', label: 'Preferences', detail: 'Times, theme, keyboard' },
	{ href: '/account', label: 'Security', detail: 'Password, second factor, sessions' },
	{ href: '/docs/api', label: 'API', detail: 'Every address, with its fields and examples' }
];
const THEME_WORDS: Record<Theme, string> = { dark: 'Dark', light: 'Light', system: 'As the system' };

export function entriesOf(accounts: readonly AccountView[], role: 'TRADER' | 'OPERATOR'): Entry[] {
	const pages = [
		...PAGES,
		...(role === 'OPERATOR'
			? [{ href: '/agents', label: 'Agents', detail: 'Machines and their terminals' }]
			: [])
	];
	return [
		...pages.map((page): Entry => ({
			id: `page-${page.href}`,
			group: 'Page',
			label: page.label,
			detail: page.detail,
			act: { kind: 'go', href: page.href }
		})),
		...accounts.map((account): Entry => ({
			id: `account-${account.id}`,
			group: 'Account',
			label: account.name,
			detail: `${account.accountNumber} · ${account.broker} · ${account.kind}`,
			act: { kind: 'go', href: `/accounts/${account.id}` }
		})),
		...(accounts.length === 0 ? [] : COMMAND_KINDS).map((command): Entry => ({
			id: `command-${command}`,
			group: 'Algo',
			label: COMMAND_WORDS[command].button,
			detail: 'Presses the button in the header',
			act: { kind: 'press', command }
		})),
		...(['dark', 'light', 'system'] as const).map((theme): Entry => ({
			id: `theme-${theme}`,
			group: 'Theme',
			label: `Theme: ${THEME_WORDS[theme]}`,
			detail: 'Colours of the pages',
			act: { kind: 'theme', theme }
		})),
		{
			id: 'shortcuts',
			group: 'Help',
			label: 'Keyboard shortcuts',
			detail: 'The list of keys',
			act: { kind: 'shortcuts' }
		}
	];
}

/** Every word typed begins a word of the entry; what the label begins with comes first. */
export function matching(entries: readonly Entry[], typed: string): Entry[] {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
	const fits = ({ label, detail, group }: Entry) => {
		const text = ` ${label} ${detail} ${group}`.toLowerCase();
		return words.every((word) => text.includes(` ${word}`));
	};
	const first = words[0] ?? '';
	const rank = ({ label }: Entry) => (label.toLowerCase().startsWith(first) ? 0 : 1);
	return entries.filter(fits).sort((a, b) => rank(a) - rank(b));
}
