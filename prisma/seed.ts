/**
 * Demo data: an operator, a trader, and six accounts on two simulated brokers, among them one with a wrong
 * password and one whose terminal is slow, so that partial success can be seen. Run again, it changes nothing.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hash } from '@node-rs/argon2';
import { uuidv7 } from 'uuidv7';
import { passwordOwner } from '#lib/server/accounts/passwordOwner.ts';
import { createSecretBox, ensureKeyFile, readKeyFile } from '#lib/server/crypto/secretBox.ts';
import { openDatabase, type Database } from '#lib/server/db.ts';

export const DEMO_TRADER = { email: 'demo@quintet.test', password: 'quintet-demo', name: 'Demo Trader' };
export const DEMO_OPERATOR = {
	email: 'operator@quintet.test',
	password: 'quintet-operator',
	name: 'Demo Operator'
};

interface DemoAccount {
	accountNumber: string;
	name: string;
	broker: string;
	serverName: string;
	kind: 'DEMO' | 'REAL';
	isEnabled: boolean;
	/** What the trader typed; the broker's own may differ. */
	password: string;
	/** How the simulated broker treats it: agent/simulator/behaviour.ts. */
	behaviour: Record<string, unknown>;
}

const MAGIC = 505001;
const position = (symbol: string, side: 'buy' | 'sell', lots: string, hasStopLoss: boolean) => ({
	symbol,
	side,
	lots,
	magic: MAGIC,
	hasStopLoss
});

const ACCOUNTS: DemoAccount[] = [
	{
		accountNumber: '50012001',
		name: 'London breakout',
		broker: 'Aurora Markets',
		serverName: 'Aurora-Demo',
		kind: 'DEMO',
		isEnabled: true,
		password: 'aurora-one',
		behaviour: { balance: '25000.00' }
	},
	{
		accountNumber: '50012002',
		name: 'Trend follower',
		broker: 'Aurora Markets',
		serverName: 'Aurora-Demo',
		kind: 'DEMO',
		isEnabled: true,
		password: 'aurora-two',
		behaviour: { balance: '10000.00' }
	},
	{
		accountNumber: '70030015',
		name: 'Main real',
		broker: 'Aurora Markets',
		serverName: 'Aurora-Live',
		kind: 'REAL',
		isEnabled: false,
		password: 'aurora-live',
		behaviour: {
			balance: '52340.75',
			seedPositions: [position('EURUSD', 'buy', '0.40', true), position('XAUUSD', 'sell', '0.10', false)]
		}
	},
	{
		accountNumber: '88100231',
		name: 'Slow terminal',
		broker: 'Borealis Trade',
		serverName: 'Borealis-Demo',
		kind: 'DEMO',
		isEnabled: true,
		password: 'borealis-slow',
		behaviour: { balance: '5000.00', loginDelayMs: 4_000, eaReadyDelayMs: 12_000 }
	},
	{
		accountNumber: '88100232',
		name: 'Wrong password',
		broker: 'Borealis Trade',
		serverName: 'Borealis-Demo',
		kind: 'DEMO',
		isEnabled: true,
		password: 'not-the-password',
		behaviour: { password: 'the-right-one' }
	},
	{
		accountNumber: '90004410',
		name: 'Second real',
		broker: 'Borealis Trade',
		serverName: 'Borealis-Live',
		kind: 'REAL',
		isEnabled: false,
		password: 'borealis-live',
		behaviour: { balance: '15980.20' }
	}
];

/** What the simulated brokers hold for those that can log in, by account number. */
export const DEMO_BALANCES: ReadonlyMap<string, string> = new Map(
	ACCOUNTS.flatMap(({ accountNumber, behaviour }) =>
		typeof behaviour['balance'] === 'string' ? [[accountNumber, behaviour['balance']]] : []
	)
);

async function ensureUser(
	db: Database,
	user: typeof DEMO_TRADER,
	role: 'TRADER' | 'OPERATOR'
): Promise<string | null> {
	const { email, name, password } = user;
	if (await db.prisma.user.findFirst({ where: { email }, select: { id: true } })) return null;
	const id = uuidv7();
	const passwordHash = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
	await db.prisma.user.create({ data: { id, email, name, role, passwordHash } });
	return id;
}

/**
 * @param brokerDir where the simulated brokers keep their side; their behaviours are written there
 * @returns false when the data was there already
 */
export async function seedDemo(options: {
	url: string;
	keyFile: string;
	brokerDir: string;
}): Promise<boolean> {
	await writeBehaviours(options.brokerDir);
	await ensureKeyFile(options.keyFile, new Date());
	const box = createSecretBox(await readKeyFile(options.keyFile));
	const db = openDatabase(options.url, 2, () => undefined);
	try {
		await ensureUser(db, DEMO_OPERATOR, 'OPERATOR');
		const userId = await ensureUser(db, DEMO_TRADER, 'TRADER');
		if (!userId) return false;
		for (const [i, account] of ACCOUNTS.entries()) {
			const id = uuidv7();
			await db.prisma.mt5Account.create({
				data: {
					id,
					userId,
					accountNumber: account.accountNumber,
					name: account.name,
					broker: account.broker,
					serverName: account.serverName,
					kind: account.kind,
					isEnabledForTrading: account.isEnabled,
					isPrimary: i === 0,
					sealedPassword: box.seal(account.password, passwordOwner({ id, ...account })),
					expertMagic: MAGIC,
					state: { create: {} }
				}
			});
		}
		return true;
	} finally {
		await db.close();
	}
}

async function writeBehaviours(brokerDir: string): Promise<void> {
	const servers: Record<string, Record<string, unknown>> = {};
	for (const { serverName, accountNumber, password, behaviour } of ACCOUNTS)
		(servers[serverName] ??= {})[accountNumber] = { password, ...behaviour };
	await mkdir(brokerDir, { recursive: true });
	await writeFile(join(brokerDir, 'brokers.json'), `${JSON.stringify(servers, null, 2)}\n`);
}

if (import.meta.main) {
	const url = process.env['DATABASE_URL'];
	if (!url) {
		console.error('DATABASE_URL is not set: say which database gets the demo data.');
		process.exit(2);
	}
	const dataDir = process.env['QUINTET_DATA_DIR'] ?? '.data';
	const isNew = await seedDemo({
		url,
		keyFile: process.env['QUINTET_KEY_FILE'] ?? join(dataDir, 'keys'),
		brokerDir: process.env['QUINTET_SIM_BROKER_DIR'] ?? join(dataDir, 'sim-brokers')
	});
	console.log(isNew ? `Made ${DEMO_TRADER.email} with six accounts.` : 'The demo data is there already.');
}
