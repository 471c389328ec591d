/**
 * One run of Windows under Wine: a fresh prefix in namespaces of its own, which share the network with this process,
 * so that what runs in there reaches servers of a test at 127.0.0.1. Everything in it ends with `close`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../../support/waitFor.ts';
import { TREE, type WineParts } from './wineRoot.ts';

/** No Mono and no browser engine: Wine would ask for them. */
const NOT_WANTED = 'mscoree,mshtml=';
const PREFIX = 'run';

export interface WineProgram {
	child: ChildProcess;
	/** Where its output goes: a Windows node.exe cannot write to a pipe of Linux. */
	outputFile: string;
	output(): Promise<string>;
	/** Exit code; those of Windows programs are cut to 8 bits. */
	ended: Promise<number>;
}

export class WineSession {
	readonly #parts: WineParts;
	readonly #holder: ChildProcess;
	readonly #holderPid: number;
	#count = 0;

	private constructor(parts: WineParts, holder: ChildProcess, holderPid: number) {
		this.#parts = parts;
		this.#holder = holder;
		this.#holderPid = holderPid;
	}

	static async open(parts: WineParts): Promise<WineSession> {
		const holder = spawn(
			'unshare',
			[
				...['-m', '-p', '-f', '--kill-child=SIGKILL', '--', 'bash'],
				...[join(import.meta.dirname, 'enter.sh'), parts.root, TREE, parts.parts]
			],
			{ stdio: ['ignore', 'pipe', 'ignore'] }
		);
		const [said] = (await Promise.race([
			once(holder.stdout, 'data'),
			once(holder, 'exit').then(() => ['ended'])
		])) as [Buffer | string];
		if (said.toString().trim() !== 'ready') throw new Error('Wine’s namespaces could not be made');
		const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8');
		const session = new WineSession(parts, holder, Number(children.trim().split(' ')[0]));
		await session.#makePrefix();
		return session;
	}

	/** The Linux path of one on Windows' C: drive. */
	path(windowsPath: string): string {
		const parts = windowsPath.replace(/^C:\\/i, '').split('\\');
		return join(this.#parts.root, 'prefix', PREFIX, 'drive_c', ...parts);
	}

	/** The Windows path of a file in this tree. */
	treePath(relative: string): string {
		return `Z:\\quintet\\${relative.replaceAll('/', '\\')}`;
	}

	/** Starts a Windows program. @param args as it gets them */
	async start(args: readonly string[], env: Record<string, string> = {}): Promise<WineProgram> {
		this.#count += 1;
		const outputFile = join(this.path('C:\\'), `output-${this.#count}.txt`);
		return this.#enter(PREFIX, ['wine', ...args], env, outputFile);
	}

	async node(args: readonly string[], env: Record<string, string> = {}): Promise<WineProgram> {
		return this.start(['Z:\\parts\\node.exe', ...args], env);
	}

	async close(): Promise<void> {
		const isGone = once(this.#holder, 'exit');
		process.kill(this.#holderPid, 'SIGKILL');
		await isGone;
		await rm(join(this.#parts.root, 'prefix', PREFIX), { recursive: true, force: true, maxRetries: 5 });
	}

	/** A copy of the template, which is made when there is none. */
	async #makePrefix(): Promise<void> {
		const { root, template } = this.#parts;
		const own = join(root, 'prefix', PREFIX);
		await rm(own, { recursive: true, force: true, maxRetries: 5 });
		const isMade = await readFile(join(template, 'system.reg')).then(
			() => true,
			() => false
		);
		if (!isMade) {
			const making = `${template}.new`;
			await rm(making, { recursive: true, force: true });
			await mkdir(join(root, 'prefix'), { recursive: true });
			const log = join(root, 'prefix', 'template.log');
			// No display is needed: the windows are drawn nowhere.
			const display = ['reg', 'add', 'HKCU\\Software\\Wine\\Drivers', '/v', 'Graphics', '/t', 'REG_SZ'];
			for (const command of [
				['wineboot', '-i'],
				['wine', ...display, '/d', 'null', '/f'],
				['wineserver', '-w']
			])
				await (
					await this.#enter('template.new', command, {}, log)
				).ended;
			await cp(making, template, { recursive: true, verbatimSymlinks: true });
			await rm(making, { recursive: true, force: true });
		}
		const copying = spawn('cp', ['-a', '--reflink=auto', template, own], { stdio: 'inherit' });
		await once(copying, 'exit');
		await waitFor('the prefix', () => readFile(join(own, 'system.reg')));
	}

	async #enter(
		prefix: string,
		command: readonly string[],
		env: Record<string, string>,
		outputFile: string
	): Promise<WineProgram> {
		const output = await open(outputFile, 'w');
		const environment = {
			PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
			HOME: '/root',
			LC_ALL: 'C.UTF-8',
			WINEDEBUG: '-all',
			WINEDLLOVERRIDES: NOT_WANTED,
			WINEPREFIX: `/prefix/${prefix}`,
			...env
		};
		const child = spawn(
			'nsenter',
			[
				...['-t', this.#holderPid.toString(), '-m', '-p', '--', 'chroot', this.#parts.root, 'env', '-i'],
				...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
				...command
			],
			{ stdio: ['ignore', output.fd, output.fd] }
		);
		const ended = once(child, 'exit').then(([code]) => (code as number | null) ?? -1);
		await once(child, 'spawn');
		await output.close();
		return { child, outputFile, output: () => readFile(outputFile, 'utf8'), ended };
	}
}
