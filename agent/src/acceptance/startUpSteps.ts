/** What [StartUp] does with a symbol that the broker does not have. */
import { join } from 'node:path';
import { BRIDGE_EXPERT } from '../terminal/ini.ts';
import { formatIni } from '../terminal/iniText.ts';
import { replaceFile } from '../terminal/replaceFile.ts';
import { encodeUtf16 } from '../terminal/utf16.ts';
import { type AcceptanceOptions, type Note } from './run.ts';
import { type Session } from './session.ts';

const NO_SUCH_SYMBOL = 'QNOSUCHSYM';

export async function tryUnknownSymbol(
	session: Session,
	{ account: { login, server }, limits }: AcceptanceOptions,
	note: Note
): Promise<void> {
	const path = join(session.dir, 'unknown-symbol.ini');
	const text = formatIni([
		[
			'Common',
			[
				['Login', login],
				['Server', server],
				['KeepPrivate', '1']
			]
		],
		['Experts', [['Enabled', '0']]],
		[
			'StartUp',
			[
				['Expert', BRIDGE_EXPERT],
				['Symbol', NO_SUCH_SYMBOL]
			]
		]
	]);
	await replaceFile(path, encodeUtf16(text));
	await session.launch(['/portable', `/config:${path}`, `/login:${login}`]);
	await session.wait(limits.loginMs, () => session.events.find(({ kind }) => kind === 'authorised'));
	const bridge = await session.status(limits.neverMs);
	const line = session.line(new RegExp(NO_SUCH_SYMBOL));
	const seen = bridge ? 'the bridge came all the same' : `no bridge within ${limits.neverMs / 1000} s`;
	note('startup_unknown_symbol', bridge === null && line === null, `${seen}; journal: ${line ?? 'nothing'}`);
	await session.close(limits.closeMs);
}
