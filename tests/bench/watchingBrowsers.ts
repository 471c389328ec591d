/** Child process: browsers with the live stream open. Each update's age is from when its agent saw it until it is here. */
import { get } from 'node:http';
import { serveCalls } from './child.ts';

let agesMs: number[] = [];
let bytes = 0;

function watch(url: string, cookie: string): Promise<void> {
	return new Promise((opened, fail) => {
		const request = get(url, { headers: { cookie }, agent: false }, (response) => {
			if (response.statusCode !== 200) return fail(new Error(`the stream answered ${response.statusCode}`));
			let text = '';
			response.setEncoding('utf8').on('data', (chunk: string) => {
				bytes += chunk.length;
				text += chunk;
				const events = text.split('\n\n');
				text = events.pop() ?? '';
				for (const event of events) {
					if (event.startsWith('event: telemetry')) note(event.slice(event.indexOf('data: ') + 6));
				}
			});
			opened();
		});
		request.once('error', fail);
	});
}

function note(body: string): void {
	const nowMs = Date.now();
	const { accounts } = JSON.parse(body) as { accounts: { figures: { equity: string } | null }[] };
	for (const { figures } of accounts) if (figures) agesMs.push(nowMs - Number(figures.equity) * 100);
}

serveCalls({
	open: ({ url, cookies }: { url: string; cookies: string[] }) =>
		Promise.all(cookies.map((cookie) => watch(url, cookie))).then(() => undefined),
	/** Forgets what came until now. */
	begin: () => {
		agesMs = [];
		bytes = 0;
	},
	ages: () => ({ agesMs, bytes })
});
