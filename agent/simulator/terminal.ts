/**
 * One simulated terminal from its start to its end: login, Algo Trading button, the trading chart with its
 * EA. The bridge and the window reach it through its methods; nobody else holds its state.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseTemplate } from '../src/terminal/templateText.ts';
import { replaceFileSync } from '../src/terminal/replaceFile.ts';
import { BehaviourFile, DEFAULT_BEHAVIOUR, type Behaviour } from './behaviour.ts';
import { BrokerAccount } from './brokerAccount.ts';
import { Expert, heartbeatPath, readInputs, type ExpertHost } from './expert.ts';
import { type Journal } from './journal.ts';
import { Market } from './market.ts';
import { CLIENT_DISABLES_AT, NO_CONNECTION } from './returnCodes.ts';
import { type Rhythm } from './rhythm.ts';
import {
	findSavedAccount,
	passwordDigest,
	saveAccount,
	saveCommonIni,
	type SavedAccount,
	type StartConfig
} from './startConfig.ts';

export const BUILD = 5830;
const TICK_MS = 400;
/** A template is queued, and applied a little later. */
const TEMPLATE_DELAY_MS = 60;

export class Terminal implements ExpertHost {
	readonly rhythm: Rhythm;
	readonly journal: Journal;
	readonly market: Market;
	readonly heartbeatPath: string;
	readonly now: () => number;
	readonly random = Math.random;
	isAlgoTradingOn: boolean;
	/** ACCOUNT_LOGIN; "0" before the first login. */
	login = '0';
	server = '';
	isConnected = false;
	/** A modal dialog is open: neither window nor bridge do anything. */
	hasDialog = false;
	account: BrokerAccount | null = null;
	expert: Expert | null = null;
	/** Magic number of the EA loaded last, also before a restart: the scope of `eaPositions`. */
	lastMagic: number | null;
	readonly #instanceDir: string;
	readonly #brokerDir: string;
	readonly #config: StartConfig;
	readonly #behaviours: BehaviourFile;
	#blockedUntilMs = 0;

	constructor(options: {
		instanceDir: string;
		brokerDir: string;
		config: StartConfig;
		journal: Journal;
		rhythm: Rhythm;
		now: () => number;
	}) {
		this.#instanceDir = options.instanceDir;
		this.#brokerDir = options.brokerDir;
		this.#config = options.config;
		this.journal = options.journal;
		this.rhythm = options.rhythm;
		this.now = options.now;
		this.market = new Market(options.now);
		this.heartbeatPath = heartbeatPath(options.instanceDir);
		this.isAlgoTradingOn = options.config.isAlgoTradingOn;
		this.#behaviours = new BehaviourFile(options.brokerDir, (problem) => this.#warn(problem));
		this.lastMagic = this.#readLastMagic();
	}

	get isLiveTradingAllowed(): boolean {
		return this.#config.isLiveTradingAllowed;
	}

	/** How the broker treats the login that was asked for. */
	get behaviour(): Behaviour {
		const { login } = this.#config;
		return login === null ? DEFAULT_BEHAVIOUR : this.#behaviours.of(this.#credentials()?.server ?? '', login);
	}

	/** Asks the broker for the login. @param onLogin called once it succeeded */
	logIn(onLogin: () => void): void {
		const { login } = this.#config;
		if (login === null) return;
		this.rhythm.after(this.behaviour.loginDelayMs, () => {
			const saved = this.#credentials();
			if (!saved) return this.#refuse(login, this.#config.server ?? '', 'Invalid account');
			if (!this.#isAccepted(login, saved)) return this.#refuse(login, saved.server, 'Invalid password');
			this.#authorise(login, saved);
			onLogin();
		});
	}

	blockButton(ms: number): void {
		this.#blockedUntilMs = this.now() + ms;
	}

	toggleAlgoTrading(): void {
		if (this.hasDialog || this.now() < this.#blockedUntilMs) return;
		this.isAlgoTradingOn = !this.isAlgoTradingOn;
		this.journal.terminal('Experts', `automated trading is ${this.isAlgoTradingOn ? 'enabled' : 'disabled'}`);
	}

	tradeRefusal(): number | null {
		if (!this.isConnected) return NO_CONNECTION;
		return this.isAlgoTradingOn && this.isLiveTradingAllowed ? null : CLIENT_DISABLES_AT;
	}

	/** Puts the template on the trading chart, soon. A file without byte order mark is ignored silently. */
	applyTemplate(file: Buffer, symbol: string, timeframe: string): void {
		this.rhythm.after(TEMPLATE_DELAY_MS, () => {
			const template = parseTemplate(file);
			if (!template) return;
			this.unloadExpert();
			if (!template.expert) return;
			const path = (template.expert.get('path') ?? '').replace(/^Experts\\/, '').replace(/\.ex5$/, '');
			this.#load(
				{ path, symbol, timeframe, mayTrade: this.#letsTrade(template.expert.get('expertmode')) },
				template.inputs
			);
		});
	}

	#letsTrade(expertMode: string | undefined): boolean {
		const { tradingExpertMode: only } = this.behaviour;
		return only === 0 ? expertMode !== '0' : expertMode === only.toString();
	}

	unloadExpert(): void {
		if (!this.expert) return;
		this.expert.remove();
		this.journal.terminal('Experts', `expert ${this.expert.title} removed`);
		this.expert = null;
	}

	/** Loses the broker's server for a while. */
	dropBroker(ms: number): void {
		if (!this.isConnected) return;
		const { login, server } = this;
		this.isConnected = false;
		this.journal.terminal('Network', `'${login}': connection to ${server} lost`, 1);
		this.rhythm.after(ms, () => {
			if (this.login !== login || this.isConnected) return;
			this.#tellAuthorised();
			this.isConnected = true;
		});
	}

	/** The broker throws the login out; the terminal does not come back by itself. */
	logOut(): void {
		if (this.login === '0') return;
		this.journal.terminal('Network', `'${this.login}': disconnected from ${this.server}`, 1);
		this.isConnected = false;
		this.login = '0';
		this.server = '';
		this.account = null;
	}

	/** The end as after the close button: everything is saved that the real terminal saves. */
	saveAndEnd(): void {
		this.unloadExpert();
		saveCommonIni(this.#instanceDir, this.#config, this.isAlgoTradingOn);
		this.journal.terminal('Terminal', 'exit with code 0');
		rmSync(this.heartbeatPath, { force: true });
	}

	log(message: string): void {
		this.journal.program(this.expert?.title ?? 'expert', message);
		this.journal.terminal('Trades', `'${this.login}': ${message}`);
	}

	#load(
		chart: { path: string; symbol: string; timeframe: string; mayTrade: boolean },
		inputs: ReadonlyMap<string, string>
	): void {
		const name = chart.path.split('\\').at(-1) ?? '';
		const title = `expert ${name} (${chart.symbol},${chart.timeframe})`;
		// Names that let a test see what a missing file and a failing OnInit look like.
		if (name.startsWith('Missing')) return this.#warn(`cannot open file 'Experts\\${chart.path}.ex5' [2]`);
		// What is uploaded must be there; everything else is taken as part of the terminal.
		const file = `${join(this.#instanceDir, 'MQL5', 'Experts', ...chart.path.split('\\'))}.ex5`;
		if (chart.path.startsWith('Quintet\\Uploads\\') && !existsSync(file))
			return this.#warn(`cannot open file 'Experts\\${chart.path}.ex5' [2]`);
		const read = readInputs(inputs);
		if (!read || name.startsWith('Broken')) return this.#warn(`${title} initialization failed`);
		const { eaReadyDelayMs: initDelayMs, eaOpenEveryMs: openEveryMs } = this.behaviour;
		this.expert = new Expert(this, chart, read, { initDelayMs, openEveryMs });
		this.lastMagic = read.magic;
		replaceFileSync(this.#magicPath, `${read.magic}\n`);
		this.journal.terminal('Experts', `${title} loaded successfully`);
	}

	#credentials(): SavedAccount | null {
		const { login, server, password } = this.#config;
		if (login === null) return null;
		if (password === null || server === null) return findSavedAccount(this.#instanceDir, login);
		return { server, digest: passwordDigest(server, login, password) };
	}

	#isAccepted(login: string, { server, digest }: SavedAccount): boolean {
		const { password } = this.behaviour;
		if (password !== null) return digest === passwordDigest(server, login, password);
		return !this.#config.password?.startsWith('wrong');
	}

	#refuse(login: string, server: string, reason: string): void {
		this.journal.terminal('Network', `'${login}': authorization on ${server} failed (${reason})`, 2);
	}

	#authorise(login: string, saved: SavedAccount): void {
		const { market, now } = this;
		this.login = this.behaviour.opensAs ?? login;
		this.server = saved.server;
		this.account = new BrokerAccount({
			brokerDir: this.#brokerDir,
			server: saved.server,
			login,
			market,
			now,
			behaviour: () => this.behaviour,
			onProblem: (problem) => this.#warn(problem)
		});
		this.isConnected = true;
		this.#tellAuthorised();
		if (this.#config.keepsPrivate && this.#config.password !== null)
			saveAccount(this.#instanceDir, login, saved);
		if (this.#config.offOnAccountChange && this.isAlgoTradingOn) {
			this.isAlgoTradingOn = false;
			this.journal.terminal(
				'Experts',
				'automated trading is disabled because the account has been changed',
				1
			);
		}
		this.rhythm.every(TICK_MS, () => this.#tick());
	}

	#tellAuthorised(): void {
		const books = this.account?.books;
		const tell = (message: string): void => this.journal.terminal('Network', `'${this.login}': ${message}`);
		tell(`authorized on ${this.server} through Simulator (ping: 1.00 ms, build ${BUILD})`);
		const counts = `${books?.positions.length ?? 0} positions, ${books?.orders.length ?? 0} orders`;
		tell(`terminal synchronized with Quintet Simulated Broker: ${counts}, 5 symbols, 0 spreads`);
		tell(`trading has been enabled - ${this.account?.isHedging ? 'hedging' : 'netting'} mode`);
	}

	#tick(): void {
		const { account } = this;
		if (!account || !this.isConnected || !account.isMarketOpen) return;
		const symbols = new Set(account.books.positions.map((position) => position.symbol));
		if (this.expert) symbols.add(this.expert.symbol);
		this.market.tick(symbols);
		account.runStops();
	}

	get #magicPath(): string {
		return join(this.#instanceDir, 'MQL5', 'Files', 'quintet', 'last-magic.txt');
	}

	#readLastMagic(): number | null {
		try {
			const magic = Number.parseInt(readFileSync(this.#magicPath, 'utf8'), 10);
			return Number.isSafeInteger(magic) ? magic : null;
		} catch {
			// No EA was ever loaded here.
			return null;
		}
	}

	#warn(message: string): void {
		this.journal.terminal('Experts', message, 2);
	}
}
