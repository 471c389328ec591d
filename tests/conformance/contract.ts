/** The whole bridge contract, for one kind of terminal. */
import { describeBridge } from './bridgeContract.ts';
import { describeCloseOne } from './closeOneContract.ts';
import { describeClosing } from './closingContract.ts';
import { describeDeals } from './dealsContract.ts';
import { describeRequests } from './requestContract.ts';
import { type MakeRig } from './rig.ts';
import { describeStatus } from './statusContract.ts';
import { describeTexts } from './textContract.ts';

export function describeContract(name: string, makeRig: MakeRig): void {
	describeBridge(name, makeRig);
	describeStatus(name, makeRig);
	describeRequests(name, makeRig);
	describeClosing(name, makeRig);
	describeCloseOne(name, makeRig);
	describeDeals(name, makeRig);
	describeTexts(name, makeRig);
}
