/** B3: a page's stream that is cut while much happens, and taken up again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/client.ts';
import { EventReader } from '../support/eventReader.ts';
import { arrangeScene } from '../support/scene.ts';
import { waitFor } from '../support/waitFor.ts';
import { startWebServer, type WebServer } from '../support/webServer.ts';
import { FaultProxy } from './support/faultProxy.ts';

let web: WebServer;
let proxy: FaultProxy;
beforeAll(async () => {
	web = await startWebServer();
	proxy = await FaultProxy.listen(() => Number(new URL(web.origin).port));
});
afterAll(async () => {
	await proxy.close();
	await web.stop();
});

describe('B3: a stream that is cut', () => {
	it('gets a hundred events that it missed, in order, none lost and none twice', async () => {
		const { trader, agent } = await arrangeScene(web, 1);
		const browser = new ApiClient(proxy.url);
		browser.cookie = trader.cookie;
		const before = await EventReader.open(browser);
		await waitFor('the first position', () => before.lastEventId);
		agent.answerEverything();
		const pressed: string[] = [];
		const press = async () => {
			pressed.push((await trader.command('pause_ea')).body.commandId);
		};
		for (let i = 0; i < 3; i++) await press();
		// With their results, which the cut would have told anew with the command they belong to.
		await waitFor('three outcomes', () => before.of('results').length === 3);

		// First half open, so that the server goes on writing into nothing; then gone.
		proxy.down.isBlackHole = true;
		for (let i = 3; i < 50; i++) await press();
		proxy.cut();
		proxy.down.isBlackHole = false;
		await waitFor('the end', () => !before.isOpen);
		for (let i = 50; i < 103; i++) await press();

		const after = await EventReader.open(browser, before.lastEventId);
		const told = () => [...before.of('command'), ...after.of('command')].map(({ commandId }) => commandId);
		await waitFor('the last one', () => told().at(-1) === pressed.at(-1));
		expect(told()).toEqual(pressed);
		expect(after.of('resync')).toEqual([]);
		after.close();
		agent.drop();
	});
});
