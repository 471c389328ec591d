/**
 * Seeds that once broke an invariant, with what was wrong. They run with every `npm test`. A change of the world
 * gives a seed another story, so each of these faults has a test of its own beside its code where it can have one.
 */
export const BAD_SEEDS: ReadonlyArray<{ seed: number; found: string }> = [
	{ seed: 4, found: 'a question to an agent that was lost on a living line was never asked again' },
	{ seed: 25, found: 'a Start refused on a full disk ran when its frame came twice' },
	{ seed: 46, found: 'the EA of a superseded Start ran on when its successor never arrived' },
	{ seed: 82, found: 'a Pause was superseded by a Start that expired, and the EA traded on' },
	{ seed: 101, found: 'the web wanted STOPPED after a refused Start, and the agent was not told' },
	{
		seed: 140,
		found: 'an agent that forgot its connection on a full disk is locked, and comes back when unlocked'
	},
	{ seed: 241, found: 'a terminal that restarted itself between two agents was not heard any more' },
	{ seed: 249, found: 'a terminal was judged by the last words of the one before it' },
	{ seed: 2053, found: 'a Pause was proven by a terminal that had come back by itself meanwhile' },
	{
		seed: 10,
		found: 'a Start that lay unread in a server that stood still was given as new when it went on'
	},
	{ seed: 59, found: 'stop-all that was read before the first sync held only until that sync' },
	{
		seed: 274,
		found: 'an agent was counted out by a server that stood still while it came, and never in again'
	},
	{
		seed: 266,
		found: 'an account came back to a directory that was removed, and its saved login was still believed in'
	},
	{ seed: 688, found: 'a clock set back, and a sleep later, made a deadline seem further away' },
	{ seed: 762, found: 'what lay unread in a server that stood still was shown as the present' },
	{ seed: 813, found: 'after a Pause on a full disk a lost Start brought the EA of before it back' },
	{
		seed: 5176,
		found: 'a machine slept between the question and the bridge, which put an EA on its chart when it woke'
	},
	{
		seed: 4305,
		found: 'a server that woke told what an earlier agent had seen, and the present was unknown from then on'
	},
	{
		seed: 4903,
		found: 'stop-all on a full disk was called proven, and the next agent brought the EA back'
	},
	{
		seed: 5532,
		found: 'a machine was declared gone in the moment in which it came back, and had the account as well'
	},
	{
		seed: 9754,
		found: 'an agent started anew while no server answered looked after nothing before its first sync'
	},
	{
		seed: 6524,
		found: 'a Pause that was forgotten in a reboot was shown as being at work for ever'
	},
	{
		seed: 13787,
		found: 'a Pause was proven by ending a terminal that had restarted itself while the agent stood still'
	},
	{
		seed: 8455,
		found: 'the world’s own: judged before an agent that had been locked out could be back'
	},
	{
		seed: 2214,
		found: 'an EA that an earlier agent had ordered came while a Stop had Algo Trading on to close positions'
	},
	{
		seed: 5812,
		found:
			'a server that stood still took an agent in before its lease held, and the machine was declared gone'
	},
	{ seed: 3708, found: 'what was seen before a machine slept was reported as the present when it woke' }
];
