/** The floor of a Stop: simulated terminals with nothing between them and whoever drives them by hand. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EaSettings } from '#lib/domain/eaSettings.ts';
import type { BridgeStatus } from '../../agent/src/bridge/contract.ts';
import { writeStartIni } from '../../agent/src/terminal/ini.ts';
import { waitFor } from '../support/waitFor.ts';
import { simulatedTerminal } from '../../agent/src/terminal/simulated.ts';
import { writeEaTemplate } from '../../agent/src/terminal/template.ts';
import type { ProcessIdentity } from '../../agent/src/terminal/ports.ts';

const SERVER = 'Bench-Demo';
const SETTINGS: EaSettings = {
	maxLotSize: '0.50',
	maxLoss: '0',
	safetyMode: 'GREEN',
	closePositionsOnStop: false,
	expert: { path: 'Quintet\\EATemplate', symbol: 'EURUSD', timeframe: 'M15', magic: 777 }
};

export interface BareTerminals {
	start(): Promise<void>;
	/** Puts an EA on every terminal and switches Algo Trading on. */
	loadEas(): Promise<void>;
	/** @returns milliseconds until every terminal was seen without EA and with Algo Trading off */
	stop(): Promise<number>;
	end(): Promise<void>;
}

export async function openBareTerminals(root: string, count: number): Promise<BareTerminals> {
	const brokerDir = join(root, 'brokers');
	await mkdir(brokerDir, { recursive: true });
	await writeFile(join(brokerDir, 'brokers.json'), '{}');
	const kind = simulatedTerminal({ brokerDir });
	let generation = 0;
	const terminals = await Promise.all(
		Array.from({ length: count }, async (_, i) => {
			const dir = join(root, `t${i}`);
			const progress = { onStage: () => {}, signal: new AbortController().signal };
			await kind.install(dir, { broker: SERVER, server: SERVER }, progress);
			const channel = kind.openChannel(dir);
			let identity: ProcessIdentity | null = null;

			const seen = (isWanted: (status: BridgeStatus) => boolean): Promise<void> =>
				new Promise((done) => {
					const forget = channel.onStatus((status) => {
						if (!isWanted(status)) return;
						forget();
						done();
					});
				});
			const toggle = async (): Promise<void> => {
				if (identity) await kind.window.toggleAlgoTrading(identity);
			};

			return {
				async start() {
					const login = String(70_001 + i);
					const account = { login, server: SERVER, isAlgoTradingOn: false, password: 'secret' };
					const up = seen(({ isConnected }) => isConnected);
					const path = await writeStartIni(dir, account);
					const first = await kind.launcher.launch(dir, ['/portable', `/config:${path}`]);
					// As the agent does it: the first login is a start of its own.
					await waitFor('the login to be saved', () => kind.files.hasSavedLogin(dir));
					await waitFor('the end of the first start', async () => {
						await kind.window.requestClose(first);
						return !(await kind.launcher.isAlive(first));
					});
					const { login: number, server, isAlgoTradingOn } = account;
					const later = await kind.files.writeLaunchIni(dir, { login: number, server, isAlgoTradingOn });
					identity = await kind.launcher.launch(dir, ['/portable', `/config:${later}`]);
					await up;
				},
				async loadEa() {
					const template = `g${++generation}.tpl`;
					await writeEaTemplate(dir, template, SETTINGS, generation);
					const { symbol, timeframe } = SETTINGS.expert;
					await channel.request('load_ea', { template, symbol, timeframe }, { timeoutMs: 30_000 });
					const running = seen(({ ea, isTerminalTradeAllowed }) => ea !== null && isTerminalTradeAllowed);
					await toggle();
					await running;
				},
				/** The EA off, Algo Trading off, and a status that shows both. */
				async stop() {
					await channel.request('unload_ea', {}, { timeoutMs: 30_000 });
					const off = seen(({ ea, isTerminalTradeAllowed }) => ea === null && !isTerminalTradeAllowed);
					await toggle();
					await off;
				},
				async end() {
					channel.close();
					if (identity) await kind.launcher.kill(identity);
				}
			};
		})
	);
	const each = async (work: (terminal: (typeof terminals)[number]) => Promise<void>) => {
		await Promise.all(terminals.map(work));
	};
	return {
		start: () => each((terminal) => terminal.start()),
		loadEas: () => each((terminal) => terminal.loadEa()),
		async stop() {
			const startedAt = performance.now();
			await each((terminal) => terminal.stop());
			return performance.now() - startedAt;
		},
		end: () => each((terminal) => terminal.end())
	};
}
